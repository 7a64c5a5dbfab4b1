import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coverageOf } from '../../src/engine/coverage.ts'
import { historyOf } from '../../src/engine/history.ts'
import { learnedSources } from '../../src/engine/learned-sources.ts'
import { ADDED_SOURCES } from '../../src/engine/sparse-sources.ts'
import { Work } from '../../src/kernels/work.ts'
import { NO_TASTE } from '../../src/engine/taste.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { SourceWeights } from '../../src/model/blend-weights.ts'
import { modelAndRequests } from './small-model.ts'

const weight = fc.double({ min: 0, max: 3, noNaN: true })
const weights = fc
  .tuple(weight, weight, weight, weight, weight, weight)
  .map(([nearest, coPurchase, category, seller, popularity, repeat]): SourceWeights => {
    // Of a score just what the other sources add.
    return { collaborative: 0, content: 0, nearest, coPurchase, category, seller, popularity, repeat }
  })

test('what is added to a score is what the sources contribute, but for one rounding by each', async () => {
  await fc.assert(
    fc.asyncProperty(modelAndRequests({ blend: 'learned' }), weights, async ({ model, requests }, some) => {
      const sources = learnedSources(model, referenceKernels(), coverageOf(model))
      for (const request of requests) {
        const listener = { taste: NO_TASTE, history: historyOf(model, request), at: NaN }
        const hearing = await sources.hear(listener, new Work())
        // As the search's own memory: it holds what was there before.
        const sums = new Float32Array(model.products.size).fill(7)
        sources.writeAdditions(hearing, some, sums)
        sums.forEach((added, product) => {
          const score = sources.score(hearing, some, product)
          // Below 2⁻¹²⁶ single precision has fewer digits.
          const most = ADDED_SOURCES * (1.01 * 2 ** -24 * score + 2 ** -149)
          expect(Math.abs(added - score)).toBeLessThanOrEqual(most)
        })
      }
    }),
    { numRuns: 300 },
  )
})
