import { describe, expect, test } from 'vitest'
import { chooseWeights } from '../../src/engine/choose-weights.ts'
import type { HeldOutOrder } from '../../src/engine/coordinate-ascent.ts'
import { LEARNED_SOURCES, PRIOR_WEIGHTS } from '../../src/model/blend-weights.ts'

const prior = PRIOR_WEIGHTS.discovery
const PRODUCTS = 30

/** Numbers as good as random, the same each time (a linear congruential generator: Numerical Recipes, 1992). */
function randomOf(seed: number) {
  let state = seed
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

/** Customers who buy what the named sources together put first; the others say anything. */
function customersWho(count: number, follow: readonly string[]): HeldOutOrder[] {
  const random = randomOf(7)
  return Array.from({ length: count }, () => {
    const rows = Array.from({ length: PRODUCTS }, () => LEARNED_SOURCES.map(() => random()))
    const sums = rows.map((row) =>
      row.reduce((sum, value, s) => sum + (follow.includes(LEARNED_SOURCES[s]) ? value : 0), 0),
    )
    return {
      values: Float64Array.from(rows.flat()),
      chosen: [sums.indexOf(Math.max(...sums))],
      bought: 1,
    }
  })
}

describe('the weights that are served', () => {
  test('are one source where no blend is as good', async () => {
    // Customers who buy what one source says, as long as they are few: a blend of nine has learned some noise.
    const { weights, heldOut } = await chooseWeights(customersWho(60, ['seller']), 60, prior)
    // A little popularity fills its lists, and changes a place here and there.
    expect(heldOut.sources.seller.ndcg10).toBeGreaterThan(0.95)
    expect(heldOut.blend.ndcg10).toBeLessThanOrEqual(1)
    const others = LEARNED_SOURCES.filter((source) => source !== 'seller')
    for (const source of others) expect(weights[source]).toBeLessThan(weights.seller / 10)
  })

  test('are a blend where two sources know what neither knows alone', async () => {
    const { weights, heldOut } = await chooseWeights(customersWho(300, ['seller', 'nearest']), 300, prior)
    expect(heldOut.served).toBe('blend')
    expect(heldOut.blend.ndcg10).toBeGreaterThan(
      Math.max(...Object.values(heldOut.sources).map(({ ndcg10 }) => ndcg10)) + 0.1,
    )
    expect(weights.nearest / weights.seller).toBeGreaterThan(0.5)
    expect(weights.nearest / weights.seller).toBeLessThan(2)
  })

  test('are the prior where there is nothing to learn from', async () => {
    const { weights, heldOut } = await chooseWeights([], 0, prior)
    expect(weights).toEqual(prior)
    expect(heldOut).toMatchObject({ customers: 0, served: 'blend', blend: { ndcg10: 0, hitRate10: 0 } })
  })

  test('count customers of whom nothing could be found as not found', async () => {
    const choices = customersWho(60, ['seller'])
    const [{ heldOut: whole }, { heldOut: half }] = await Promise.all(
      [60, 120].map((asked) => chooseWeights(choices, asked, prior)),
    )
    expect(half.sources.seller.ndcg10).toBeCloseTo(whole.sources.seller.ndcg10 / 2, 5)
    expect(half.blend.ndcg10).toBeCloseTo(whole.blend.ndcg10 / 2, 5)
  })
})
