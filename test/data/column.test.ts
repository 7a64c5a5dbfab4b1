import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Column, gather } from '../../src/data/column.ts'

test('A column gives back what was pushed, in memory of just that size', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.double(), { maxLength: 3000 }), { maxLength: 4 }), (pieces) => {
      const column = new Column(Float64Array)
      for (const [i, piece] of pieces.entries()) {
        if (i % 2 === 0) column.append(piece)
        else for (const value of piece) column.push(value)
      }
      const expected = Float64Array.from(pieces.flat())
      expect(column.length).toBe(expected.length)
      const values = column.take()
      expect(values).toEqual(expected)
      expect(values.buffer.byteLength).toBe(expected.length * 8)
    }),
    { numRuns: 30 },
  )
})

test('A column keeps the type it was made with', () => {
  const column = new Column(Int32Array)
  column.push(-1)
  expect(column.take()).toEqual(Int32Array.of(-1))
})

test('gather picks values by their places', () => {
  expect(gather(Float32Array.of(5, 6, 7), Uint32Array.of(2, 0, 2))).toEqual(Float32Array.of(7, 5, 7))
})
