import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { METRICS, metricsAt, ranksFound } from '../../src/evaluation/metrics.ts'

/** All that is relevant first: 1 by every metric, where K is not beyond |T|. */
const PERFECT = Object.fromEntries(METRICS.map((metric) => [metric, 1]))
const NOTHING = Object.fromEntries(METRICS.map((metric) => [metric, 0]))

function metricsOf(list: readonly number[], relevant: readonly number[], first: number) {
  return metricsAt(ranksFound(list, relevant), relevant.length, first)
}

describe('the metrics of a list', () => {
  // Products 3 and 1 are found at the ranks 2 and 4; product 8 is not.
  const list = [7, 3, 9, 1, 4]
  const relevant = [1, 3, 8]
  const log2of3 = Math.log(3) / Math.log(2)
  const log2of5 = Math.log(5) / Math.log(2)

  test('count what is found up to K = 5', () => {
    const metrics = metricsOf(list, relevant, 5)
    expect(metrics).toMatchObject({
      hitRate: 1,
      precision: 2 / 5,
      recall: 2 / 3,
      recallTruncated: 2 / 3,
      mrr: 1 / 2,
    })
    // (1/2 + 2/4) / 3
    expect(metrics.map).toBeCloseTo(1 / 3, 15)
    expect(metrics.ndcg).toBeCloseTo((1 / log2of3 + 1 / log2of5) / (1 + 1 / log2of3 + 1 / 2), 15)
  })

  test('divide by K where it is less than what is relevant, recall apart', () => {
    const metrics = metricsOf(list, relevant, 2)
    expect(metrics).toMatchObject({
      hitRate: 1,
      precision: 1 / 2,
      recall: 1 / 3,
      recallTruncated: 1 / 2,
      mrr: 1 / 2,
      map: 1 / 4,
    })
    expect(metrics.ndcg).toBeCloseTo(1 / log2of3 / (1 + 1 / log2of3), 15)
  })

  test('are all 0 before the first hit, and of an empty list', () => {
    expect(metricsOf(list, relevant, 1)).toEqual(NOTHING)
    expect(metricsOf([], relevant, 10)).toEqual(NOTHING)
  })

  test('are all 1 where K hits fill the list and nothing else is relevant', () => {
    expect(metricsOf([8, 1, 3], relevant, 3)).toEqual(PERFECT)
  })

  test('of a list shorter than K: precision still has the denominator K', () => {
    expect(metricsOf([1], [1], 10)).toEqual({ ...PERFECT, precision: 1 / 10 })
  })

  test.each([
    [0, 5, 'the number of relevant products has to be a whole number of at least 1, not 0'],
    [3, 0, 'K has to be a whole number of at least 1, not 0'],
    [3, 2.5, 'K has to be a whole number of at least 1, not 2.5'],
  ])('are refused for %d relevant products at K = %d', (count, first, message) => {
    expect(() => metricsAt([], count, first)).toThrow(new RangeError(message))
  })
})

describe('whatever the list', () => {
  const products = fc.uniqueArray(fc.nat(30), { maxLength: 20 })
  const anything = fc.record({
    list: products,
    relevant: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 12 }),
    first: fc.integer({ min: 1, max: 25 }),
  })

  test('every metric lies between 0 and 1, and is above 0 where the hit rate is 1', () => {
    fc.assert(
      fc.property(anything, ({ list, relevant, first }) => {
        const metrics = metricsOf(list, relevant, first)
        for (const metric of METRICS) {
          expect(metrics[metric]).toBeGreaterThanOrEqual(0)
          expect(metrics[metric]).toBeLessThanOrEqual(1 + 1e-12)
          expect(metrics[metric] > 0).toBe(metrics.hitRate === 1)
        }
      }),
    )
  })

  test('what stands behind K does not matter', () => {
    fc.assert(
      fc.property(anything, ({ list, relevant, first }) => {
        expect(metricsOf(list, relevant, first)).toEqual(metricsOf(list.slice(0, first), relevant, first))
      }),
    )
  })

  test('moving a hit up by one place lowers no metric', () => {
    fc.assert(
      fc.property(anything, ({ list, relevant, first }) => {
        const at = list.findIndex(
          (product, i) => i > 0 && relevant.includes(product) && !relevant.includes(list[i - 1]),
        )
        fc.pre(at > 0)
        const better = list.with(at, list[at - 1]).with(at - 1, list[at])
        const [before, after] = [metricsOf(list, relevant, first), metricsOf(better, relevant, first)]
        for (const metric of METRICS) expect(after[metric]).toBeGreaterThanOrEqual(before[metric] - 1e-12)
      }),
    )
  })
})

/**
 * The independent implementation: ranx 0.3.21 (PyPI; numba 0.68.1, numpy 2.4.6), run once with
 *
 *   python3 -m venv venv && venv/bin/pip install ranx==0.3.21 && venv/bin/python metrics.py
 *
 * where metrics.py is
 *
 *   from ranx import Qrels, Run, evaluate
 *   lists = {"a": [7, 3, 9, 1, 4], "b": [2, 5, 8, 1, 6, 0, 3], "c": [4],
 *            "d": [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 10, 11], "e": [5, 6]}
 *   relevant = {"a": [1, 3, 8], "b": [0, 1, 2, 3, 4, 5, 6], "c": [4], "d": [1, 10, 12], "e": [7]}
 *   qrels = Qrels({q: {str(p): 1 for p in r} for q, r in relevant.items()})
 *   run = Run({q: {str(p): len(l) - i for i, p in enumerate(l)} for q, l in lists.items()})
 *   for k in (5, 10):
 *       metrics = [f"{m}@{k}" for m in ("hit_rate", "recall", "precision", "ndcg", "mrr", "map")]
 *       evaluate(qrels, run, metrics)
 *       for m in metrics:
 *           print(m, {q: float(v) for q, v in run.scores[m].items()})
 *
 * It has no truncated recall, and its average precision is over |T| where ours is over min(K, |T|).
 */
describe('beside ranx', () => {
  const cases = [
    { list: [7, 3, 9, 1, 4], relevant: [1, 3, 8] },
    { list: [2, 5, 8, 1, 6, 0, 3], relevant: [0, 1, 2, 3, 4, 5, 6] },
    { list: [4], relevant: [4] },
    { list: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 10, 11], relevant: [1, 10, 12] },
    { list: [5, 6], relevant: [7] },
  ]

  test.each([
    ['hitRate', 5, [1, 1, 1, 0, 0]],
    ['recall', 5, [0.6666666666666666, 0.5714285714285714, 1, 0, 0]],
    ['precision', 5, [0.4, 0.8, 0.2, 0, 0]],
    ['ndcg', 5, [0.49818925746641285, 0.830419897363192, 1, 0, 0]],
    ['mrr', 5, [0.5, 1, 1, 0, 0]],
    ['hitRate', 10, [1, 1, 1, 1, 0]],
    ['recall', 10, [0.6666666666666666, 0.8571428571428571, 1, 0.3333333333333333, 0]],
    ['precision', 10, [0.2, 0.6, 0.1, 0.1, 0]],
    ['ndcg', 10, [0.49818925746641285, 0.8625618335428545, 1, 0.14126697285982898, 0]],
    ['mrr', 10, [0.5, 1, 1, 0.1111111111111111, 0]],
    ['map', 10, [0.3333333333333333, 0.7486394557823128, 1, 0.037037037037037035, 0]],
  ] as const)('%s@%d is the same', (metric, first, theirs) => {
    cases.forEach(({ list, relevant }, i) =>
      expect(metricsOf(list, relevant, first)[metric]).toBeCloseTo(theirs[i], 14),
    )
  })

  test('map@5 is theirs but for the denominator', () => {
    const theirs = [0.3333333333333333, 0.5071428571428571, 1, 0, 0]
    cases.forEach(({ list, relevant }, i) =>
      expect(metricsOf(list, relevant, 5).map).toBeCloseTo(
        (theirs[i] * relevant.length) / Math.min(5, relevant.length),
        14,
      ),
    )
  })
})
