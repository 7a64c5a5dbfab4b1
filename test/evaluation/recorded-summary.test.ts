import { describe, expect, test } from 'vitest'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import { recordedSummary } from '../../src/evaluation/recorded-summary.ts'
import type { System } from '../../src/evaluation/system.ts'
import type { TestCase } from '../../src/evaluation/trial.ts'
import { byIndex, silent, smallTrial, systemOf } from './small-trial.ts'

/** Ann and Bob bought the cup; Ann goes on to buy the jar, Bob the pot and the vase. */
const spring = smallTrial(
  'spring',
  [
    { customer: 'ann', product: 'cup' },
    { customer: 'bob', product: 'cup' },
  ],
  { ann: ['jar'], bob: ['pot', 'vase'] },
  { products: ['cup', 'pot', 'jar', 'vase'] },
)
const [POT, JAR, VASE] = [1, 2, 3]
const isAnn = ({ customer }: TestCase) => customer === 0

/** One hit each at the top: nDCG@1 is 1, nDCG@3 (1 + 1/1.631)/2 = 0.807. */
const topOnly = systemOf('top only', (one) => (isAnn(one) ? [JAR] : [POT]))

/** Bob's two hits stand at the ranks 2 and 3: nDCG@1 is 1/2, nDCG@3 (1 + (0.631 + 0.5)/1.631)/2 = 0.847. */
const deeper = systemOf('deeper', (one) => (isAnn(one) ? [JAR] : [JAR, POT, VASE]))

async function summaryOf(systems: readonly System[], first: readonly number[]) {
  const { report } = await evaluate({
    protocol: 'temporal',
    task: 'discovery',
    trials: [spring],
    systems,
    defaultName: 'by index',
    seeds: [1],
    first,
    notes: ['Made up.'],
  })
  return recordedSummary(report, 'temporal', '1.2.3')
}

describe('what a model file keeps of a report', () => {
  test('is whom it asked about, with which systems, and the figures of our own', async () => {
    const summary = await summaryOf([silent, byIndex], [1, 3])
    expect(summary).toMatchObject({
      protocol: 'temporal',
      task: 'discovery',
      trials: [{ name: 'spring', cases: 2, customers: 2 }],
      cases: 2,
      customers: 2,
      products: 4,
      level: 0.95,
      systems: ['silent', 'by index'],
      notes: ['Made up.'],
      evaluatedWith: '1.2.3',
    })
    // Both are offered pot, jar, vase: Ann's jar is at rank 2, Bob's pot and vase at the ranks 1 and 3.
    const [atOne, atThree] = summary.measures
    expect(atOne).toMatchObject({
      k: 1,
      coverage: 0.25,
      hitRate: { value: 0.5 },
      recall: { value: 0.25 },
      recallTruncated: { value: 0.5 },
      precision: { value: 0.5 },
      ndcg: { value: 0.5 },
      mrr: { value: 0.5 },
      map: { value: 0.5 },
    })
    expect(atThree.k).toBe(3)
    const ndcg = (1 / Math.log2(3) + 1.5 / (1 + 1 / Math.log2(3))) / 2
    expect(atThree.ndcg.value).toBeCloseTo(ndcg, 12)
    // Resamples hold Ann twice, Bob twice, or both: by Bob alone all hits, by Ann alone a first hit at rank 2.
    expect(atOne.hitRate).toEqual({ value: 0.5, low: 0, high: 1 })
    expect(atThree.mrr).toEqual({ value: 0.75, low: 0.5, high: 1 })
  })

  test('is, of the others, the best by nDCG at the K that tables show', async () => {
    const systems = [silent, topOnly, byIndex, deeper]
    expect((await summaryOf(systems, [1])).bestOther?.name).toBe('top only')
    const { bestOther } = await summaryOf(systems, [1, 3])
    expect(bestOther?.name).toBe('deeper')
    const secondAndThird = (1 / Math.log2(3) + 1 / 2) / (1 + 1 / Math.log2(3))
    expect(bestOther?.measures[1].ndcg.value).toBeCloseTo((1 + secondAndThird) / 2, 12)
  })

  test('is no other where none was evaluated', async () => {
    expect((await summaryOf([byIndex], [1])).bestOther).toBeNull()
  })
})
