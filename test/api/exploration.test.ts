import { describe, expect, test } from 'vitest'
import { GOODS, LINES } from './grocery.ts'
import { servingGrocery } from './serving.ts'
import { setting } from './setting-availability.ts'

const serving = await servingGrocery()
const { ask } = serving
const { set } = setting(serving)

type Place = [sku: string, placement: string]

/** What is recommended to ann under each of some seeds. */
async function lists(rate: number, seeds: readonly number[], args = 'first: 5'): Promise<Place[][]> {
  const fields = seeds.map(
    (seed) =>
      `seed${seed}: recommendations(ranking: { explorationRate: ${rate}, seed: ${seed} }, ${args}) {
        edges { node { product { sku } scores { placement hybrid } reasons { amount } } }
      }`,
  )
  const { data, errors } = await ask(
    `{ customer(externalId: "ann") { ... on Customer { ${fields.join(' ')} } } }`,
  )
  expect(errors).toBeUndefined()
  return seeds.map((seed) =>
    data.customer[`seed${seed}`].edges.map(({ node: { product, scores, reasons } }: any) => {
      const amounts = reasons.reduce((sum: number, { amount }: any) => sum + amount, 0)
      expect(amounts).toBeCloseTo(scores.hybrid, 9)
      return [product.sku, scores.placement]
    }),
  )
}

const bought = new Set(LINES.filter(({ customer }) => customer === 'ann').map(({ sku }) => sku))
const eligible = GOODS.map(({ sku }) => sku).filter((sku) => !bought.has(sku))
const SEEDS = Array.from({ length: 400 }, (_, seed) => seed)
const inBatches = async (rate: number) => {
  const batches = SEEDS.filter((seed) => seed % 50 === 0).map((first) => SEEDS.slice(first, first + 50))
  const found: Place[][] = []
  for (const batch of batches) found.push(...(await lists(rate, batch)))
  return found
}

describe('an exploring list', () => {
  test('is the same for the same seed, and another for another', async () => {
    const [one, other] = await lists(0.5, [1, 2], 'first: 40')
    expect(await lists(0.5, [1, 2], 'first: 40')).toEqual([one, other])
    expect(other).not.toEqual(one)
    expect(new Set(one.map(([sku]) => sku)).size).toBe(one.length)
  })

  test('without any chance is the list by score', async () => {
    const [plain] = await lists(0, [7], 'first: 47')
    expect(plain.every(([, placement]) => placement === 'RANKED')).toBe(true)
    expect(plain.map(([sku]) => sku).toSorted()).toEqual(eligible.toSorted())
  })

  test('draws blindly among all that is eligible, also what never sold, and nothing else', async () => {
    const first = (await inBatches(1)).map(([[sku]]) => sku)
    expect(new Set(first)).toEqual(new Set(eligible))
    // χ² of 46 degrees of freedom: beyond 90 one time in 10,000.
    const expected = first.length / eligible.length
    const chiSquare = eligible.reduce((sum, sku) => {
      const count = first.filter((one) => one === sku).length
      return sum + (count - expected) ** 2 / expected
    }, 0)
    expect(chiSquare).toBeLessThan(90)
  })

  test('gives as many places to chance as its rate says', async () => {
    const places = (await inBatches(0.3)).map(([[, placement]]) => placement)
    const explored = places.filter((placement) => placement === 'EXPLORED').length
    // Of 400 places 120 ± 9.2; both bounds are four of these away.
    expect(explored).toBeGreaterThan(83)
    expect(explored).toBeLessThan(157)
  })

  test('keeps to the filter and to what may be shown', async () => {
    await set({ sku: 'soap', hidden: true })
    const found = await lists(
      1,
      SEEDS.slice(0, 20),
      'first: 100, filter: { categories: { noneOf: ["tins"] } }',
    )
    await set({ sku: 'soap', hidden: false })
    const allowed = eligible.filter((sku) => !sku.startsWith('tin-') && sku !== 'soap')
    for (const list of found) expect(list.map(([sku]) => sku).toSorted()).toEqual(allowed.toSorted())
  })
})
