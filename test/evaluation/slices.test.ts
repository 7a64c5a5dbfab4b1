import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { headProducts, historyLength, slicesOf } from '../../src/evaluation/slices.ts'
import { onceBought, smallTrial } from './small-trial.ts'

describe('the head of the catalogue', () => {
  test('is the fewest products that make up half of all purchases', () => {
    // 10 purchases: 4 are not half, 4 + 3 are.
    expect(headProducts(Float64Array.of(3, 0, 4, 2, 1))).toEqual(Uint8Array.of(1, 0, 1, 0, 0))
    expect(headProducts(Float64Array.of(1, 5, 4))).toEqual(Uint8Array.of(0, 1, 0))
  })

  test('takes the lower index among equals, and nothing where nobody bought', () => {
    expect(headProducts(Float64Array.of(1, 1, 1, 1))).toEqual(Uint8Array.of(1, 1, 0, 0))
    expect(headProducts(Float64Array.of(0, 0))).toEqual(Uint8Array.of(0, 0))
  })

  test('makes up half, and would not without its least bought product', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 20 }), (counts) => {
        const buyers = Float64Array.from(counts)
        const head = headProducts(buyers)
        const inHead = counts.filter((_, i) => head[i] === 1)
        expect(sum(inHead)).toBeGreaterThanOrEqual(sum(counts) / 2)
        if (inHead.length > 0) expect(sum(inHead) - Math.min(...inHead)).toBeLessThan(sum(counts) / 2)
      }),
    )
  })
})

describe('slices', () => {
  const sales = [
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((product) => ({ customer: 'six', product })),
    ...['a', 'b', 'c'].map((product) => ({ customer: 'three', product })),
    { customer: 'one', product: 'a' },
    { customer: 'also one', product: 'a' },
    { customer: 'also one', product: 'a' },
  ]
  const trial = smallTrial('now', sales, { six: ['a'], one: ['b'], three: ['a', 'f'], 'also one': ['f'] })
  // As measured: what is found of the head is unknown of the cases where only the tail was to be found.
  const table = {
    measures: ['head ndcg@10', 'tail ndcg@10'],
    values: Float64Array.of(1, NaN, NaN, 0, 0, 1, NaN, 1),
  }
  const casesBy = (segments?: Record<number, string>) =>
    slicesOf([trial], table, 'ndcg@10', (_, { customer }) => segments?.[customer]).map(
      ({ by, name, cases }) => `${by} ${name}: ${cases.join()}`,
    )

  test('are by how many different products had been bought, and by head and tail of what was to be found', () => {
    expect(casesBy()).toEqual([
      'pastPurchases 1: 1,3',
      'pastPurchases 3–5: 2',
      'pastPurchases 6+: 0',
      'relevantItems head: 0,2',
      'relevantItems tail: 1,2,3',
    ])
  })

  test('are by segment, in the order of their names, of the cases that have one', () => {
    expect(
      casesBy({ 0: 'New', 1: 'Loyal', 2: 'New' }).filter((slice) => slice.startsWith('segment')),
    ).toEqual(['segment Loyal: 2', 'segment New: 0,1'])
  })

  test.each([
    [0, '0'],
    [1, '1'],
    [2, '2'],
    [3, '3–5'],
    [5, '3–5'],
    [6, '6+'],
    [400, '6+'],
  ])('%d past purchases are the slice %s', (length, name) => {
    const history = Array.from({ length }, (_, product) => onceBought(product))
    expect(historyLength({ customer: 0, history, at: NaN, relevant: Uint32Array.of(1) })).toBe(name)
  })
})

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
