import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from '../../src/graphql/cursors.ts'

const cursor = {
  modelVersion: '0123456789ab',
  list: 'ProductConnection',
  position: 7,
  id: 'Größe „M“',
  score: 0.25,
}

describe('a cursor', () => {
  test('says where it was made, and nothing less', () => {
    const score = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }))
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1 }), score, (id, position, value) => {
        const made = { ...cursor, id: id.toWellFormed(), position, score: value === 0 ? 0 : value }
        expect(decodeCursor(encodeCursor(made), made.modelVersion, made.list, 'after')).toEqual(made)
      }),
    )
  })

  test('is valid in a URL without escaping', () => {
    expect(encodeCursor(cursor)).toMatch(/^[\w-]+$/)
  })

  test('of another model is refused, saying to start again', () => {
    expect(() => decodeCursor(encodeCursor(cursor), 'ba9876543210', cursor.list, 'after')).toThrow(
      expect.objectContaining({
        message:
          'The cursor was made by model 0123456789ab, but model ba9876543210 is serving now and may rank ' +
          'differently: start again without "after".',
        extensions: {
          code: 'STALE_CURSOR',
          cursorModelVersion: '0123456789ab',
          modelVersion: 'ba9876543210',
        },
      }),
    )
  })

  test('of another list is refused', () => {
    expect(() =>
      decodeCursor(encodeCursor(cursor), cursor.modelVersion, 'CustomerConnection', 'after'),
    ).toThrow('belongs to another list')
  })

  test.each([
    ['nothing', ''],
    ['words', 'the third page'],
    ['JSON of another shape', Buffer.from('{"position":3}').toString('base64url')],
    ['a position before the first', encodeCursor({ ...cursor, position: 0 })],
    ['a position between two', encodeCursor({ ...cursor, position: 1.5 })],
  ])('that is %s is refused', (_what, text) => {
    expect(() => decodeCursor(text, cursor.modelVersion, cursor.list, 'after')).toThrow('is not a cursor')
  })
})
