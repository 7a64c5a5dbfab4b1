import { atOnce } from '../../src/kernels/pieces.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ANYBODY } from '../../src/engine/buyers.ts'
import { historyOf } from '../../src/engine/history.ts'
import { indexModel } from '../../src/engine/model-indexes.ts'
import { openScoring } from '../../src/engine/scoring.ts'
import { Work } from '../../src/kernels/work.ts'
import { NO_TASTE } from '../../src/engine/taste.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { SourceWeights } from '../../src/model/blend-weights.ts'
import { fixedWeights, LEARNED_SOURCES } from '../../src/model/blend-weights.ts'
import { modelAndRequests } from './small-model.ts'

const weight = fc.double({ min: 0, max: 3, noNaN: true })
// Of a score just what the sources without vectors add.
const SPARSE = LEARNED_SOURCES.filter((source) => source !== 'collaborative' && source !== 'content')
const weights: fc.Arbitrary<SourceWeights> = fc
  .tuple(...SPARSE.map(() => weight))
  .map((drawn) => fixedWeights(Object.fromEntries(SPARSE.map((source, i) => [source, drawn[i]]))).discovery)

test('what is added to a score is what the sources contribute, but for one rounding by each', async () => {
  await fc.assert(
    fc.asyncProperty(modelAndRequests(), weights, async ({ model, requests }, some) => {
      const scoring = atOnce(openScoring(indexModel(model, referenceKernels())))
      for (const request of requests) {
        const history = historyOf(model, request)
        const nobody = {
          taste: NO_TASTE,
          parts: () => ({ collaborative: [], content: [], labels: [] }),
          at: NaN,
          leastCustomers: ANYBODY,
        }
        const scores = await scoring.ask({ ...nobody, history }, new Work())
        // As the search's own memory: it holds what was there before.
        const sums = new Float32Array(model.products.size).fill(7)
        scoring.writeAdditions(scores, some, sums)
        sums.forEach((added, product) => {
          const score = scoring.score(scores, some, product)
          // What is below 0 is rounded too. Below 2⁻¹²⁶ single precision has fewer digits.
          const size = Math.abs(score) + 2 * scoring.depth(scores, some)
          const most = scoring.roundings * (1.01 * 2 ** -24 * size + 2 ** -149)
          expect(Math.abs(added - score)).toBeLessThanOrEqual(most)
        })
      }
    }),
    { numRuns: 300 },
  )
})
