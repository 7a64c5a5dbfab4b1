import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Connection, connectionOf, type PagedList } from '../../src/graphql/paging.ts'
import { smallModel } from '../engine/small-model.ts'

const model = smallModel({ factors: [[1]], features: [[1]] })

/** The numbers from 0, of which only the first `depth` can be paged through. */
function numbers(size: number, depth: number): PagedList<number> {
  return {
    name: 'numbers',
    depth,
    load: ({ offset, first }) => {
      const items = Array.from({ length: size }, (_, number) => number).slice(offset, offset + first)
      return { items, hasMore: offset + first < size }
    },
    identify: (number) => ({ id: String(number) }),
  }
}

test('a list that is longer than can be paged through ends at the limit, for any page size', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(40), fc.nat(20), fc.integer({ min: 1, max: 25 }), async (size, depth, first) => {
      const list = numbers(size, depth)
      const seen: number[] = []
      for (let after: string | null = null; ; ) {
        const { edges, pageInfo }: Connection<{ node: number }> = await connectionOf(
          model,
          list,
          { first, after },
          (node) => ({ node }),
        )
        seen.push(...edges.map(({ node }) => node))
        if (!pageInfo.hasNextPage) break
        after = pageInfo.endCursor
      }
      expect(seen).toEqual(Array.from({ length: Math.min(size, depth) }, (_, number) => number))
    }),
  )
})

test('the last of such a list are the last that pages go to', async () => {
  const { edges, pageInfo } = await connectionOf(model, numbers(40, 20), { last: 3 }, (node) => ({ node }))
  expect(edges.map(({ node }) => node)).toEqual([17, 18, 19])
  expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
})
