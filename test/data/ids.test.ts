import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  IdTableBuilder,
  idTable,
  idTableOf,
  StringColumnBuilder,
  stringColumn,
  stringColumnOf,
} from '../../src/data/ids.ts'

/** Any sequence of UTF-16 units: unicode, empty, lone surrogates. */
const anyString = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
})
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.string({ unit: 'grapheme' }))

describe('A column of strings', () => {
  test('gives back every string it was given', () => {
    fc.assert(
      fc.property(fc.array(anyText), (strings) => {
        const column = stringColumnOf(strings)
        expect(column.size).toBe(strings.length)
        expect(strings.map((_, i) => column.at(i))).toEqual(strings)
      }),
    )
  })

  test('is the UTF-8 of its strings, one after the other', () => {
    const column = stringColumnOf(['é', '', '€x', '😀'])
    expect([...column.bytes]).toEqual([0xc3, 0xa9, 0xe2, 0x82, 0xac, 0x78, 0xf0, 0x9f, 0x98, 0x80])
    expect([...column.offsets]).toEqual([0, 2, 2, 6, 10])
  })

  test('keeps a byte-order mark that begins a string', () => {
    expect(stringColumnOf(['\uFEFFid']).at(0)).toBe('\uFEFFid')
  })

  test('stores lone surrogates, which UTF-8 does not have, as U+FFFD', () => {
    fc.assert(
      fc.property(anyString, (text) => {
        expect(stringColumnOf([text]).at(0)).toBe(text.toWellFormed())
      }),
    )
  })

  test('is the same when it is opened from its bytes, wherever they lie in memory', () => {
    fc.assert(
      fc.property(fc.array(anyText), fc.nat(9), (strings, before) => {
        const { bytes, offsets } = stringColumnOf(strings)
        const file = new Uint8Array(before + bytes.length + 3)
        file.set(bytes, before)
        const column = stringColumn(file.subarray(before, before + bytes.length), offsets)
        expect(strings.map((_, i) => column.at(i))).toEqual(strings)
      }),
    )
  })

  test('refuses an index outside it', () => {
    const column = stringColumnOf(['a', 'b'])
    for (const index of [-1, 2, 0.5, Number.NaN]) expect(() => column.at(index)).toThrow(RangeError)
  })

  test.each([
    ['do not begin at 0', [1, 2]],
    ['fall', [0, 2, 1]],
    ['end before the bytes end', [0, 1]],
    ['end after the bytes end', [0, 3]],
    ['are none', []],
  ])('refuses offsets that %s', (_, offsets) => {
    expect(() => stringColumn(new Uint8Array(2), Uint32Array.from(offsets))).toThrow(RangeError)
  })

  test('says how much it holds when strings come to more than that', () => {
    const builder = new StringColumnBuilder(5)
    builder.add('abc')
    expect(() => builder.add('def')).toThrow('2 strings come to 6 bytes; a column holds at most 5')
    expect(new StringColumnBuilder().size).toBe(0)
  })
})

describe('A table of ids', () => {
  test('numbers distinct ids in the order of their first appearance', () => {
    fc.assert(
      fc.property(fc.array(anyText), (ids) => {
        const table = idTableOf(ids)
        const distinct = [...new Set(ids)]
        expect(table.size).toBe(distinct.length)
        for (const [index, id] of distinct.entries()) {
          expect(table.at(index)).toBe(id)
          expect(table.indexOf(id)).toBe(index)
        }
      }),
    )
  })

  test('does not find what it does not hold', () => {
    fc.assert(
      fc.property(fc.array(anyText), anyText, (ids, other) => {
        fc.pre(!ids.includes(other))
        expect(idTableOf(ids).indexOf(other)).toBe(-1)
      }),
    )
  })

  test('finds its ids again when it is opened from bytes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyText), (ids) => {
        const { bytes, offsets } = idTableOf(ids)
        const table = idTable(bytes, offsets)
        expect(ids.map((id) => table.indexOf(id))).toEqual(ids.map((_, i) => i))
      }),
    )
  })

  test('finds a lone surrogate as U+FFFD', () => {
    const table = idTableOf(['\uD800'])
    expect([table.indexOf('\uD800'), table.indexOf('\uFFFD'), table.indexOf('?')]).toEqual([0, 0, -1])
  })

  test('finds the first of equal ids in bytes that someone else wrote', () => {
    const { bytes, offsets } = stringColumnOf(['a', 'b', 'a'])
    expect(idTable(bytes, offsets).indexOf('a')).toBe(0)
  })

  test('holds a hundred thousand ids, known and new, long and short', () => {
    const builder = new IdTableBuilder()
    const ids = Array.from(
      { length: 100_000 },
      (_, i) => `customer-${i}${'x'.repeat(i % 50 === 0 ? 2000 : 0)}`,
    )
    const misplaced = ids.filter((id, i) => builder.add(id) !== i || builder.add(id) !== i)
    const table = builder.build()
    expect(misplaced).toEqual([])
    expect(ids.filter((id, i) => table.indexOf(id) !== i || table.at(i) !== id)).toEqual([])
  })

  test('refuses more ids than it has room for, and counts an id once', () => {
    const builder = new IdTableBuilder(4)
    for (let i = 0; i < 3; i++) builder.add('abcd')
    expect(() => builder.add('e')).toThrow('2 strings come to 5 bytes')
    expect(builder.indexOf('abcd')).toBe(0)
  })

  test('tells ids of bytes apart that are no text', () => {
    const builder = new IdTableBuilder()
    const keys = [[0], [0, 0], [255], []].map((bytes) => Uint8Array.from(bytes))
    expect([...keys, ...keys].map((key) => builder.addEncoded(key))).toEqual([0, 1, 2, 3, 0, 1, 2, 3])
  })
})
