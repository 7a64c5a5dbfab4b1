import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idTableOf, stringColumnOf } from '../../src/data/ids.ts'
import { idSearch, PIECE_DONE } from '../../src/engine/text-search.ts'

const find = (ids: readonly string[], text: string) =>
  [...idSearch(idTableOf(ids))(text)].filter((index) => index !== PIECE_DONE).map((index) => ids[index])

const lower = (text: string) => text.replaceAll('A', 'a')

test('ids that begin with a text come before those that hold it further in', () => {
  const ids = ['x-100', '100-x', 'y-1000', '1001', '10']
  expect(find(ids, '100')).toEqual(['100-x', '1001', 'x-100', 'y-1000'])
  expect(find(ids, '1001')).toEqual(['1001'])
  expect(find(ids, 'z')).toEqual([])
})

test('a text of one or two characters is found at the beginning alone', () => {
  expect(find(['ab', 'ba', 'abab', 'bab'], 'ab')).toEqual(['ab', 'abab'])
  expect(find(['aba', 'baba', 'b'], 'aba')).toEqual(['aba', 'baba'])
})

test('letters are found in either case', () => {
  expect(find(['C-Ab1', 'c-aB12', 'D'], 'c-AB')).toEqual(['C-Ab1', 'c-aB12'])
  expect(find(['Élan', 'élan'], 'ÉLAN')).toEqual(['Élan'])
})

test('nothing is found across two ids, nor by nothing', () => {
  expect(find(['abc', 'def'], 'cde')).toEqual([])
  expect(find(['abc', 'de'], 'def')).toEqual([])
  expect(find(['abc'], '')).toEqual([])
})

test('what is found are the ids that a look at each finds', () => {
  const id = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'é', '€'), maxLength: 6 })
  fc.assert(
    fc.property(fc.array(id, { maxLength: 12 }), id, (ids, text) => {
      const begins = (index: number) => lower(ids[index]).startsWith(lower(text))
      const holds = (index: number) => lower(ids[index]).includes(lower(text)) && !begins(index)
      const all = [...ids.keys()]
      const isLong = Buffer.byteLength(text) >= 3
      const expected = text === '' ? [] : [...all.filter(begins), ...(isLong ? all.filter(holds) : [])]
      const found = [...idSearch(stringColumnOf(ids))(text)]
      expect(found.filter((index) => index !== PIECE_DONE)).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})
