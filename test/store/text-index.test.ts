import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { TextDocument } from '../../src/store/text-index.ts'
import { TextIndex } from '../../src/store/text-index.ts'

const opened: TextIndex[] = []
afterAll(() => opened.forEach((index) => index.close()))

async function indexOf(weights: readonly number[], documents: Iterable<TextDocument>): Promise<TextIndex> {
  const index = await TextIndex.of(weights, documents)
  opened.push(index)
  return index
}

/** Documents of one text each, numbered from 0. */
const texts = (...all: string[]) =>
  indexOf(
    [1],
    all.map((text, id) => [id, text] as const),
  )

const ids = async (index: TextIndex, text: string, limit = 10) =>
  (await index.search(text, limit)).map(({ id }) => id)

describe('a text is found', () => {
  test('by any of its words, in either case, with or without diacritics', async () => {
    const index = await texts('Crème brûlée DISH', 'cafe\u0301s', 'Łódź mug', 'ΣΟΦΙΑ')
    expect(await ids(index, 'brulee')).toEqual([0])
    expect(await ids(index, 'CRÈME')).toEqual([0])
    expect(await ids(index, 'dish')).toEqual([0])
    expect(await ids(index, 'cafés')).toEqual([1])
    expect(await ids(index, 'cafe\u0301s')).toEqual([1])
    expect(await ids(index, 'łodz')).toEqual([2])
    expect(await ids(index, 'σοφια')).toEqual([3])
  })

  test('by the parts of a word that hyphens, underscores and other punctuation divide', async () => {
    const index = await texts('bed_bath_table', 'T-shirt', "rock'n'roll", '3.5mm')
    expect(await ids(index, 'bath')).toEqual([0])
    expect(await ids(index, 'bed bath')).toEqual([0])
    expect(await ids(index, 'bed_bath')).toEqual([0])
    expect(await ids(index, 'shirt')).toEqual([1])
    expect(await ids(index, 't-shirt')).toEqual([1])
    expect(await ids(index, "rock 'n' roll")).toEqual([2])
    expect(await ids(index, '5mm')).toEqual([3])
  })

  test('by all of the words alone, in any order, in any of its texts', async () => {
    const index = await indexOf(
      [1, 1],
      [
        [7, 'red mug', 'kitchen'],
        [9, 'blue mug', 'kitchen'],
      ],
    )
    expect(await ids(index, 'kitchen red')).toEqual([7])
    expect(await ids(index, 'mug kitchen')).toEqual([7, 9])
    expect(await ids(index, 'red blue')).toEqual([])
  })

  test('by the beginning of the last word, not of those before it, nor by the middle of any', async () => {
    const index = await texts('red teapot')
    for (const typed of ['r', 're', 'red', 'red t', 'red te', 'red teapot', 'teapot re'])
      expect(await ids(index, typed)).toEqual([0])
    for (const typed of ['re teapot', 'pot', 'redd']) expect(await ids(index, typed)).toEqual([])
  })

  test('by nothing that is no word', async () => {
    const index = await texts('red mug', '', '...', '🎁')
    for (const nothing of ['', ' ', '...', '"', '*', '🎁', '\0', '\u0301', '\ud800'])
      expect(await ids(index, nothing)).toEqual([])
    expect(await ids(index, 'red 🎁 \0 mug')).toEqual([0])
  })
})

/** BM25 as FTS5 states it: https://sqlite.org/fts5.html#the_bm25_function. */
function bm25(documents: number, holding: number, count: number, length: number, mean: number): number {
  const rarity = Math.log((documents - holding + 0.5) / (holding + 0.5))
  return (rarity * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / mean))
}

describe('what is found is ranked', () => {
  test('by BM25, words in weightier texts counting as so many more', async () => {
    const index = await indexOf(
      [10, 1],
      [
        [0, 'mug', 'tea'],
        [1, 'teapot', 'tea'],
        [2, 'tea', 'drink'],
        [3, 'spoon', 'steel'],
        [4, 'fork', 'steel'],
        [5, 'knife', 'steel small'],
        [6, 'plate', 'white'],
      ],
    )
    // Three of seven hold a word "tea": as the beginning of one, so that of the teapot counts as well.
    const mean = (6 * 2 + 3) / 7
    expect(await index.search('tea', 10)).toEqual([
      { id: 1, score: expect.closeTo(bm25(7, 3, 11, 2, mean), 9) },
      { id: 2, score: expect.closeTo(bm25(7, 3, 10, 2, mean), 9) },
      { id: 0, score: expect.closeTo(bm25(7, 3, 1, 2, mean), 9) },
    ])
  })

  test('ties to the lower id', async () => {
    const index = await indexOf(
      [1],
      [9, 4, 6, 5].map((id) => [id, 'mug'] as const),
    )
    expect(await ids(index, 'mug')).toEqual([4, 5, 6, 9])
    expect(await ids(index, 'mug', 2)).toEqual([4, 5])
  })
})

test('a filter is applied before the limit: as many come back as there are', async () => {
  const index = await texts(...Array.from({ length: 200 }, () => 'mug'))
  const found = await index.search('mug', 3, (id) => id % 50 === 49)
  expect(found.map(({ id }) => id)).toEqual([49, 99, 149])
  expect(await index.search('mug', 10, (id) => id % 50 === 49)).toHaveLength(4)
  expect(await index.search('mug', 0)).toEqual([])
})

const WORDS = ['and', 'or', 'not', 'near', 'text0', 'mug', 'mugs', 'm', 'a1', 'rowid', 'documents', 'rank']
const documents = fc.array(
  fc.tuple(fc.array(fc.constantFrom(...WORDS)), fc.array(fc.constantFrom(...WORDS))),
  { maxLength: 8 },
)
const operators = [
  ' AND ',
  ' OR ',
  ' NOT ',
  'NEAR(',
  ', 5)',
  '"',
  "'",
  '*',
  '^',
  ':',
  '+',
  '-',
  '{',
  '}',
  '(',
  ')',
  ';',
]

test('no text is read as an operator: whatever stands between words, it is their documents that are found', async () => {
  const piece = fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...operators, ' ', '_', '\0'))
  await fc.assert(
    fc.asyncProperty(documents, fc.array(piece, { maxLength: 8 }), async (rows, pieces) => {
      const text = pieces.join('')
      const index = await TextIndex.of(
        [2, 1],
        rows.map(([one, other], id) => [id, one.join(' '), other.join('-')] as const),
      )
      const asked = text
        .toLowerCase()
        .split(/[^a-z0-9]+/)
        .filter(Boolean)
      const last = asked.pop()
      const holding = rows.flatMap(([one, other], id) => {
        const words = [...one, ...other]
        const holds =
          asked.every((word) => words.includes(word)) && words.some((word) => word.startsWith(last!))
        return last !== undefined && holds ? [id] : []
      })
      const found = await index.search(text, 100)
      index.close()
      expect(found.map(({ id }) => id).sort()).toEqual(holding)
      expect(found.every(({ score }) => score > 0)).toBe(true)
      const order = found.toSorted((a, b) => b.score - a.score || a.id - b.id)
      expect(found).toEqual(order)
    }),
    { numRuns: 200 },
  )
})

test('any text can be indexed, and any searched for', async () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { maxLength: 4 }), anything, async (all, text) => {
      const index = await TextIndex.of(
        [1],
        all.map((each, id) => [id, each] as const),
      )
      for (const asked of [text, ...all]) await index.search(asked, 10)
      index.close()
    }),
    { numRuns: 300 },
  )
})

test('long texts and texts of many words can be searched for: the first 32 words count', async () => {
  const index = await texts('a'.repeat(10_000), `${'b '.repeat(40)}`)
  expect(await ids(index, 'a'.repeat(10_000))).toEqual([0])
  expect(await ids(index, 'a'.repeat(9_999))).toEqual([0])
  expect(await ids(index, 'a '.repeat(5_000))).toEqual([])
  expect(await ids(index, `${'b '.repeat(32)} absent`)).toEqual([1])
  expect(await ids(index, `${'b '.repeat(31)} absent`)).toEqual([])
})

test('other work gets its turn while documents are added', async () => {
  let turns = 0
  let isDone = false
  const turn = () => {
    turns++
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  await indexOf(
    [1],
    // Several slices' worth, however fast the machine is.
    Array.from({ length: 100_000 }, (_, id) => [id, `mug number ${id} of many mugs`] as const),
  )
  isDone = true
  expect(turns).toBeGreaterThan(3)
})
