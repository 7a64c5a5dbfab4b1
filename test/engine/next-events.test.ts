import { expect, test } from 'vitest'
import type { NextEvent } from '../../src/engine/next-events.ts'
import { isOfNewProduct, nextEvents } from '../../src/engine/next-events.ts'
import { smallBrowsing } from '../data/small-browsing.ts'

const DAY = 86_400_000

const browsing = smallBrowsing([
  { who: 'ann', product: 'a', day: 1, session: '1' },
  { who: 'ann', product: 'b', day: 1.01, session: '1' },
  { who: 'visitor', product: 'c', day: 2, session: '2' },
  { who: 'ann', product: 'c', day: 3, session: '3' },
  { who: 'ann', product: 'b', kind: 'CART', day: 3.01, session: '3' },
  { who: 'bob', product: 'a', day: 4, session: '4' },
  { who: 'bob', product: 'a', kind: 'CART', day: 4.01, session: '4' },
])
const skuOf = (event: { readonly product: number }) => browsing.products.at(event.product)
const inShort = ({ session, before, next }: NextEvent) =>
  `${session.customer ?? session.visitor}: ${before.map(skuOf).join(' ')} → ${skuOf(next)} ${next.kind}`

test('of each session that goes on an event is asked for by all that the person did before', () => {
  expect(nextEvents(browsing, () => true).map(inShort)).toEqual([
    'ann: a → b VIEW',
    'ann: a b c → b CART',
    'bob: a → a CART',
  ])
})

test('an event can be asked for to be of a product that is new to the person', () => {
  expect(nextEvents(browsing, isOfNewProduct).map(inShort)).toEqual(['ann: a → b VIEW'])
})

test('the events of a long session are asked for by chance, none twice and the first never', () => {
  const long = smallBrowsing(
    Array.from({ length: 600 }, (_, i) => ({
      who: `visitor ${Math.floor(i / 6)}`,
      product: `p${i % 6}`,
      day: i,
      session: `s${Math.floor(i / 6)}`,
    })),
  )
  const asked = nextEvents(long, () => true)
  expect(asked).toHaveLength(100)
  const places = asked.map(({ before }) => before.length)
  expect(new Set(places)).toEqual(new Set([1, 2, 3, 4, 5]))
  expect(asked.every(({ next, before }) => next.at === before.at(-1)!.at + DAY)).toBe(true)
})

test('of earlier events the latest 20 are known', () => {
  const one = smallBrowsing(
    Array.from({ length: 61 }, (_, i) => ({
      who: 'ann',
      product: `p${i}`,
      day: i,
      session: i < 59 ? 'first' : 'second',
    })),
  )
  const [, second] = nextEvents(one, () => true)
  expect(second.before.map(({ product }) => product)).toEqual(Array.from({ length: 20 }, (_, i) => 40 + i))
})
