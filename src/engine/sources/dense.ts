/**
 * What the collaborative source and content have in common: v is an inner product of a customer's vector q with a
 * product's, v_j, and c(v) the z-score over the catalogue, per customer (calibration.ts):
 *
 *   z_j = (q/σ)·(v_j − v̄),   0 for a product that the source does not cover
 *
 * q is a sum over the purchases, q = Σᵢ qᵢ, and z is linear in it, so that a contribution w·z = Σᵢ (w/σ)·qᵢ·(v_j − v̄)
 * comes apart exactly.
 *
 * Labels of which a shop has many are no part of the vectors (row-labels.ts): what they add, 0 or more, is added beside.
 */
import type { RowLabels } from '../../kernels/row-labels.ts'
import type { Calibration } from '../calibration.ts'
import { apportion } from '../apportion.ts'
import { innerProduct } from '../inner-product.ts'
import type { LabelWeights } from '../label-weights.ts'
import { NO_WEIGHTS, weightOfLabels } from '../label-weights.ts'
import type { HistoryEntry } from '../history-entry.ts'
import type { CustomerScores, Source } from './source.ts'

export interface DenseVectors {
  /** v_j, one row a product. */
  readonly data: Float32Array | Float64Array
  /** The products' labels that are no features in `data`; null: none. */
  readonly labels: RowLabels | null
  /** Per product, 1 where the source can score it. */
  readonly covered: Uint8Array
  readonly calibration: Calibration
}

/** A customer's vector. */
export interface DenseQuery {
  /** q */
  readonly query: ArrayLike<number>
  /** Its part in labels that are no features. */
  readonly labels: LabelWeights
}

/** What a dense source is, but for its name and its scores. */
export function denseSource({ calibration: { centred, labels } }: DenseVectors) {
  return {
    vectors: centred,
    roundings: labels?.columns ?? 0,
  } satisfies Partial<Source>
}

/**
 * What a dense source says to a customer.
 * @param query  null where it says nothing
 * @param parts  q in its parts, one a purchase
 * @param speaksOf  whether it speaks of a product that it covers
 */
export function denseScores(
  { data, labels, covered, calibration }: DenseVectors,
  query: DenseQuery | null,
  {
    history,
    parts,
    causeOf,
    speaksOf = () => true,
  }: {
    readonly history: readonly HistoryEntry[]
    readonly parts: () => readonly DenseQuery[]
    readonly causeOf: (
      purchase: HistoryEntry,
      amount: number,
      product: number,
    ) => ReturnType<CustomerScores['causes']>[number]
    readonly speaksOf?: (product: number) => boolean
  },
): CustomerScores {
  if (query === null) return { value: () => null, calibrated: () => 0, vector: null, causes: () => [] }
  const { query: q, labels: weights } = query
  const deviation = calibration.deviation(q, weights)
  const centred = calibration.centre(q, weights)
  const vector = new Float64Array(centred.length)
  for (let d = 0; d < centred.length; d++) vector[d] = centred[d] / deviation

  function calibrated(product: number): number {
    if (!speaksOf(product)) return 0
    // The centred rows of products that are not covered are 0.
    const z = calibration.centred.innerProduct(vector, product)
    return labels ? z + weightOfLabels(labels, weights, product) / deviation : z
  }

  return {
    vector,
    calibrated,
    value(product) {
      if (!covered[product] || !speaksOf(product)) return null
      const v = innerProduct(q, data, product)
      return labels ? v + weightOfLabels(labels, weights, product) : v
    },
    ...(calibration.labels && {
      addTo: (sums: Float32Array, weight: number) =>
        calibration.labels!.addTo(sums, weights, weight / deviation),
    }),
    causes(product, { weight, contribution }) {
      const terms = parts().map((part) => {
        if (!labels) return (weight / deviation) * calibration.centred.innerProduct(part.query, product)
        const z = calibration.centred.innerProduct(calibration.centre(part.query, part.labels), product)
        return (weight / deviation) * (z + weightOfLabels(labels, part.labels, product))
      })
      return apportion(contribution, terms).map((amount, i) => causeOf(history[i], amount, product))
    },
  }
}

/** The parts of a vector without labels. */
export const unlabelled = (queries: readonly ArrayLike<number>[]): DenseQuery[] =>
  queries.map((query) => ({ query, labels: NO_WEIGHTS }))
