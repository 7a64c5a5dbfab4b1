import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  at,
  CONNECTIONS,
  fieldsTaking,
  hasErrorUnion,
  type Page,
  page,
  pageField,
  VARIANTS,
} from './connections.ts'
import { encodeCursor } from '../../src/graphql/cursors.ts'
import { servingGrocery } from './serving.ts'

const serving = await servingGrocery()
const { ask, recommender } = serving
const LISTS = { ...CONNECTIONS, ...VARIANTS }

test('the lists that are paged through here are all that the schema has', () => {
  const paged = fieldsTaking('first', 'after', 'last', 'before')
  expect(paged.toSorted()).toEqual([...Object.keys(CONNECTIONS), 'Subscription.explanationStream'].toSorted())
  expect(fieldsTaking('after').toSorted()).toEqual(paged.toSorted())
})

describe.each(Object.entries(LISTS))('%s', async (_name, place) => {
  const whole = await page(serving, place, ', first: 100')
  const pageOf = (args: string) => page(serving, place, `, ${args}`)

  test('has pages of 10 where nothing is said of it, and no end before its last entry', async () => {
    const { ids, hasNextPage, hasPreviousPage } = await page(serving, place, '')
    expect(ids).toEqual(whole.ids.slice(0, 10))
    expect({ hasNextPage, hasPreviousPage }).toEqual({
      hasNextPage: whole.ids.length > 10,
      hasPreviousPage: false,
    })
    expect(whole.hasNextPage).toBe(false)
    expect(new Set(whole.ids).size).toBe(whole.ids.length)
    expect(whole.ids.length).toBeGreaterThan(3)
  })

  test('is the same by pages of any size, forward and backward', async () => {
    const size = fc.integer({ min: 1, max: 30 })
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(size), fc.infiniteStream(size), async (forward, backward) => {
        const steps: Page[] = []
        for (let next: Page | undefined; next?.hasNextPage !== false; steps.push(next)) {
          const after: string = next === undefined ? '' : `, after: "${next.cursors.at(-1)}"`
          next = await pageOf(`first: ${forward.next().value}${after}`)
          expect(next.hasPreviousPage).toBe(steps.length > 0)
        }
        expect(steps.flatMap(({ ids }) => ids)).toEqual(whole.ids)
        expect(steps.flatMap(({ cursors }) => cursors)).toEqual(whole.cursors)

        const back: Page[] = []
        for (let next: Page | undefined; next?.hasPreviousPage !== false; back.unshift(next)) {
          const before: string = next === undefined ? '' : `, before: "${next.cursors[0]}"`
          next = await pageOf(`last: ${backward.next().value}${before}`)
          expect(next.hasNextPage).toBe(back.length > 0)
        }
        expect(back.flatMap(({ cursors }) => cursors)).toEqual(whole.cursors)
      }),
      { numRuns: 5 },
    )
  })

  test('by last alone ends as the whole list does', async () => {
    const { ids, hasPreviousPage, hasNextPage } = await pageOf('last: 3')
    expect(ids).toEqual(whole.ids.slice(-3))
    expect({ hasPreviousPage, hasNextPage }).toEqual({ hasPreviousPage: true, hasNextPage: false })
    expect((await pageOf('last: 100')).ids).toEqual(whole.ids)
  })

  test('may be asked for none of its entries', async () => {
    expect(await pageOf('first: 0')).toEqual({
      ids: [],
      cursors: [],
      hasNextPage: true,
      hasPreviousPage: false,
    })
    expect(await pageOf(`first: 0, after: "${whole.cursors.at(-1)}"`)).toEqual({
      ids: [],
      cursors: [],
      hasNextPage: false,
      hasPreviousPage: true,
    })
    expect(await pageOf(`last: 0, before: "${whole.cursors[0]}"`)).toEqual({
      ids: [],
      cursors: [],
      hasNextPage: true,
      hasPreviousPage: false,
    })
  })
})

const version = recommender.model.version
const cursor = (list: string) => encodeCursor({ modelVersion: version, list, position: 1, id: 'x', score: 1 })

const REFUSED: [string, string, string, string][] = [
  [
    'more than 100 at once',
    'first: 101',
    'first',
    '"first" is 101: ask for 0 to 100 at a time, and use "after" for more.',
  ],
  [
    'fewer than none',
    'first: -1',
    'first',
    '"first" is -1: ask for 0 to 100 at a time, and use "after" for more.',
  ],
  [
    'more than the last 100',
    'last: 101',
    'last',
    '"last" is 101: ask for 0 to 100 at a time, and use "before" for more.',
  ],
  [
    'both directions at once',
    'first: 1, last: 1',
    'last',
    'Page forward by "first" and "after", or backward by "last" and "before".',
  ],
  [
    'the last behind a cursor',
    `last: 1, after: "${cursor('any')}"`,
    'last',
    'Page forward by "first" and "after", or backward by "last" and "before".',
  ],
  [
    'the first before a cursor',
    `first: 1, before: "${cursor('any')}"`,
    'before',
    '"before" pages backward: pass "last" with it, or use "after".',
  ],
  ['what is no cursor', 'after: "page 3"', 'after', '"page 3" is not a cursor'],
  ['what is no cursor, backward', 'last: 1, before: "page 3"', 'before', '"page 3" is not a cursor'],
  [
    'a cursor of another list',
    `after: "${cursor('any')}"`,
    'after',
    'The cursor belongs to another list, or to this list with other arguments',
  ],
  [
    'a cursor of another list, backward',
    `last: 1, before: "${cursor('any')}"`,
    'before',
    'start again without "before".',
  ],
]

describe.each(Object.entries(CONNECTIONS))('%s refuses', (coordinate, place) => {
  test.each(REFUSED)('%s', async (_what, args, argument, message) => {
    const { data, errors } = await ask(`{ ${pageField(place, `, ${args}`)} }`)
    const error = hasErrorUnion(coordinate)
      ? at(place, data)
      : { message: errors?.[0].message, path: errors?.[0].extensions['inputPath'] }
    expect(error).toEqual({ message: expect.stringContaining(message), path: [argument] })
    if (!hasErrorUnion(coordinate))
      expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['BAD_USER_INPUT'])
  })
})

describe('a list that is ranked', () => {
  test.each(['Customer.recommendations', 'Product.neighbours', 'Query.recommend', 'Query.searchProducts'])(
    'knows no cursor behind place 1000: %s',
    async (coordinate) => {
      const place = CONNECTIONS[coordinate]
      const [first] = (await page(serving, place, ', first: 1')).cursors
      const [, list] = JSON.parse(Buffer.from(first, 'base64url').toString())
      for (const direction of ['first: 10, after', 'last: 10, before']) {
        const behind = encodeCursor({ modelVersion: version, list, position: 1001, id: 'x', score: 1 })
        const { data, errors } = await ask(`{ ${pageField(place, `, ${direction}: "${behind}"`)} }`)
        expect(errors?.[0].message ?? at(place, data).message).toBe(
          'The cursor is for position 1001: ranked lists can be paged through to position 1000.',
        )
      }
    },
  )
})
