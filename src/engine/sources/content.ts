/** Likeness to all of the history: v(u, j) = cos(p, f_j), p = Σᵢ rᵢfᵢ at unit length (taste.ts), f content features. */
import type { Pieces } from '../../kernels/pieces.ts'
import { calibrate } from '../calibration.ts'
import type { ModelIndexes } from '../model-indexes.ts'
import { resemblance } from '../resemblance.ts'
import { denseScores, denseSource } from './dense.ts'
import type { Source } from './source.ts'

export function* contentSource({ model, kernels, coverage, parts: opened }: ModelIndexes): Pieces<Source> {
  const { content } = model
  const vectors = {
    data: content.data,
    labels: content.labels ?? null,
    covered: coverage.content,
    calibration: yield* opened.open('calibrated content', [content], () =>
      calibrate(kernels, content, coverage.content),
    ),
  }
  return {
    name: 'content',
    ...denseSource(vectors),
    needsBuyers: false,
    scores: ({ taste: { profile, labels }, history, parts }) =>
      denseScores(vectors, profile && { query: profile, labels }, {
        history,
        parts: () => {
          const { content: queries, labels: weights } = parts()
          return queries.map((query, i) => ({ query, labels: weights[i] }))
        },
        causeOf: (purchase, amount, product) => resemblance(model, product, purchase, amount),
      }),
  }
}
