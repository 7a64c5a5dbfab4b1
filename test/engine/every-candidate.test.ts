import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalEquation } from '../../src/data/confidence.ts'
import { historyOf, rowsOf } from '../../src/engine/history.ts'
import type { HistoryEntry } from '../../src/engine/recommendation.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { Model } from '../../src/model/model.ts'
import { modelAndRequests } from './small-model.ts'

const kernels = referenceKernels()

type Vectors = Model['itemFactors'] | Model['content']
const rowOf = ({ columns, data }: Vectors, row: number) =>
  Array.from(data.subarray(row * columns, (row + 1) * columns))
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0)
const knows = (vectors: Vectors, product: number) => rowOf(vectors, product).some((value) => value !== 0)

/** The customer's vector for each source by its definition; null where it knows nothing of the history. */
function queriesOf(model: Model, history: readonly HistoryEntry[]): (number[] | null)[] {
  const { alpha, regularization } = model.summary.configuration
  const equation = normalEquation('hu-koren-volinsky', alpha, regularization)
  const x = kernels.openFoldIn(model.itemFactors, equation).solve(rowsOf([history], model.products.size))
  const sum = rowOf(model.content, 0).map((_, d) =>
    history.reduce((total, { product, quantity }) => total + quantity * rowOf(model.content, product)[d], 0),
  )
  const profile = sum.map((value) => value / (Math.hypot(...sum) || 1))
  return [
    history.some(({ product }) => knows(model.itemFactors, product)) ? Array.from(x) : null,
    history.some(({ product }) => knows(model.content, product)) ? profile : null,
  ]
}

/** Every product's hybrid score by its definition, in the plainest way: undefined where no source can score it. */
function hybridScores(model: Model, history: readonly HistoryEntry[]): (number | undefined)[] {
  const all = Array.from({ length: model.products.size }, (_, product) => product)
  const queries = queriesOf(model, history)
  const sources = [model.itemFactors, model.content].map((vectors, s) => {
    const query = queries[s]
    const scores = all.map((product) =>
      query && knows(vectors, product) ? dot(query, rowOf(vectors, product)) : null,
    )
    const known = scores.filter((score) => score !== null)
    const mean = known.reduce((sum, score) => sum + score, 0) / known.length
    const deviation = Math.sqrt(known.reduce((sum, score) => sum + (score - mean) ** 2, 0) / known.length)
    // Scores that barely differ are left to the tests of calibration.
    fc.pre(deviation === 0 || deviation > 0.02)
    return scores.map((score) => (score === null ? null : (score - mean) / (deviation || 1)))
  })
  return all.map((product) => {
    const parts = [0.6, 0.4].flatMap((weight, s) => {
      const z = sources[s][product]
      return z === null ? [] : [{ weight, z }]
    })
    const total = parts.reduce((sum, { weight }) => sum + weight, 0)
    return total > 0 ? parts.reduce((sum, { weight, z }) => sum + (weight / total) * z, 0) : undefined
  })
}

test('the blend ranks every product that any source can score, by the score’s definition', async () => {
  await fc.assert(
    fc.asyncProperty(modelAndRequests(), async ({ model, requests }) => {
      const recommender = new Recommender(model, kernels, { leastCustomers: 1 })
      for (const request of requests) {
        const history = historyOf(model, request)
        const scores = hybridScores(model, history)
        const [{ items, strategy }] = await recommender.recommend([
          { ...request, first: model.products.size, offset: 0 },
        ])
        if (strategy === 'POPULARITY') continue
        const seen = request.includePurchased ? [] : history.map(({ product }) => product)
        const eligible = [...scores.keys()].filter((i) => scores[i] !== undefined && !seen.includes(i))
        expect(items.map(({ product }) => product).toSorted((a, b) => a - b)).toEqual(eligible)
        for (const { product, hybrid } of items) expect(hybrid).toBeCloseTo(scores[product]!, 3)
      }
      recommender.close()
    }),
    { numRuns: 300 },
  )
})
