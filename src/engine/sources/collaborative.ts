/**
 * Taste by matrix factorisation: v(u, j) = xᵤ·y_j, xᵤ folded in from the purchases (taste.ts), y_j by ALS (Hu, Koren &
 * Volinsky 2008, doi:10.1109/ICDM.2008.22). Each purchase has its own term tᵢ(y_j − ȳ)ᵀA⁻¹yᵢ (their section 5).
 */
import type { Pieces } from '../../kernels/pieces.ts'
import { ANYBODY } from '../buyers.ts'
import { calibrate } from '../calibration.ts'
import { NO_WEIGHTS } from '../label-weights.ts'
import type { ModelIndexes } from '../model-indexes.ts'
import { denseScores, denseSource, unlabelled } from './dense.ts'
import type { Source } from './source.ts'

export function* collaborativeSource({
  model,
  kernels,
  coverage,
  buyers,
  parts: opened,
}: ModelIndexes): Pieces<Source> {
  const { itemFactors } = model
  const vectors = {
    data: itemFactors.data,
    labels: null,
    covered: coverage.collaborative,
    calibration: yield* opened.open('calibrated factors', [itemFactors], () =>
      calibrate(kernels, itemFactors, coverage.collaborative),
    ),
  }
  return {
    name: 'collaborative',
    ...denseSource(vectors),
    needsBuyers: true,
    scores: ({ taste: { factors }, history, parts, leastCustomers }) =>
      denseScores(vectors, factors && { query: factors, labels: NO_WEIGHTS }, {
        history,
        parts: () => unlabelled(parts().collaborative),
        causeOf: (purchase, amount) => ({ kind: 'TASTE', amount, purchase }),
        ...(leastCustomers > ANYBODY && {
          speaksOf: (product: number) => buyers.counts[product] >= leastCustomers,
        }),
      }),
  }
}
