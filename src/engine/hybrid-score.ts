/**
 * What the default blend means by a hybrid score:
 *
 *   hybrid(u, j) = Σₛ wₛⱼ zₛ(u, j),   zₛ = (qₛ/σₛ)·(vₛⱼ − v̄ₛ)   (calibration.ts)
 *
 * over the sources s that can score both customer u and product j, the configured weights made to sum to 1 over just
 * these: what is not known takes no part, in place of counting as 0.
 *
 * Legend: q a source's vector for the customer (x factors, p profile), v_j its vector for product j.
 */
import type { Kernels } from '../kernels/kernels.ts'
import type { RowLabels } from '../kernels/row-labels.ts'
import type { Model } from '../model/model.ts'
import type { BlendQuery } from './blend.ts'
import { silent, spoken } from './blend.ts'
import type { Calibration } from './calibration.ts'
import { calibrate } from './calibration.ts'
import type { PurchaseCause } from './causes.ts'
import { purchaseCauses } from './causes.ts'
import type { Coverage } from './coverage.ts'
import { innerProduct } from './inner-product.ts'
import type { LabelWeights } from './label-weights.ts'
import { NO_WEIGHTS, weightOfLabels } from './label-weights.ts'
import type { SourceScore } from './recommendation.ts'
import type { Taste } from './taste.ts'

export interface CalibratedSource {
  readonly source: 'collaborative' | 'content'
  /** As configured. */
  readonly weight: number
  /** v_j, one row a product. */
  readonly vectors: Float32Array | Float64Array
  /** Per product, 1 where the source can score it. */
  readonly covered: Uint8Array
  readonly calibration: Calibration
  /** The products' labels that are no features in `vectors`; null: none. */
  readonly labels: RowLabels | null
  /** q; null where the source has nothing to say to the customer. */
  query(taste: Taste): ArrayLike<number> | null
}

/** What one source says to one customer; null where nothing. */
export type Voice = {
  readonly query: ArrayLike<number>
  /** Its part in labels that are no features. */
  readonly labels: LabelWeights
  /** σ */
  readonly deviation: number
  /** q/σ, as long as a centred row. */
  readonly calibrated: Float64Array
} | null

/** Both sources of a model. @param coverage  of the same model */
export function calibratedSources(
  model: Model,
  kernels: Kernels,
  coverage: Coverage,
): readonly CalibratedSource[] {
  const { weights } = model.summary.configuration
  const { itemFactors, content } = model
  return [
    {
      source: 'collaborative',
      weight: weights.collaborative,
      vectors: itemFactors.data,
      covered: coverage.collaborative,
      calibration: calibrate(kernels, itemFactors, coverage.collaborative),
      labels: null,
      query: ({ factors }) => factors,
    },
    {
      source: 'content',
      weight: weights.content,
      vectors: content.data,
      covered: coverage.content,
      calibration: calibrate(kernels, content, coverage.content),
      labels: content.labels ?? null,
      query: ({ profile }) => profile,
    },
  ]
}

/** What each source says to a customer. */
export function voicesOf(sources: readonly CalibratedSource[], taste: Taste): Voice[] {
  return sources.map(({ query, calibration, labels: own }) => {
    const vector = query(taste)
    if (vector === null) return null
    const labels = own ? taste.labels : NO_WEIGHTS
    const deviation = calibration.deviation(vector, labels)
    const centred = calibration.centre(vector, labels)
    const calibrated = new Float64Array(centred.length)
    for (let d = 0; d < centred.length; d++) calibrated[d] = centred[d] / deviation
    return { query: vector, labels, deviation, calibrated }
  })
}

/** v: what a source says of a product that it covers. */
export function valueOf(
  { vectors, labels }: CalibratedSource,
  voice: NonNullable<Voice>,
  product: number,
): number {
  const said = innerProduct(voice.query, vectors, product)
  return labels ? said + weightOfLabels(labels, voice.labels, product) : said
}

/** z = (q/σ)·(v_j − v̄); 0 of a product that the source does not cover. */
export function calibratedOf(
  { calibration, labels }: CalibratedSource,
  { calibrated, labels: weights, deviation }: NonNullable<Voice>,
  product: number,
): number {
  const said = centredScore(calibrated, calibration.centred, product)
  return labels ? said + weightOfLabels(labels, weights, product) / deviation : said
}

/** As `innerProduct`, of one type of arrays alone: it may run over the whole catalogue (`rankWhole`). */
function centredScore(query: Float64Array, vectors: Float32Array, row: number): number {
  const at = row * query.length
  let sum = 0
  for (let d = 0; d < query.length; d++) sum += query[d] * vectors[at + d]
  return sum
}

/**
 * The sources' weights for one customer and the products that just the `covering` sources can score: 0 for every
 * source that is silent, else summing to 1.
 */
export function weightsOf(
  sources: readonly CalibratedSource[],
  voices: readonly Voice[],
  covering: readonly boolean[],
): number[] {
  const weights = sources.map(({ weight }, s) => (voices[s] && covering[s] ? weight : 0))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => (total > 0 ? weight / total : 0))
}

/** A product's hybrid score in its parts, computed in double precision. */
export function partsOf(
  sources: readonly CalibratedSource[],
  voices: readonly Voice[],
  product: number,
): SourceScore[] {
  const covering = sources.map(({ covered }) => covered[product] === 1)
  const weights = weightsOf(sources, voices, covering)
  return sources.map((one, s) => {
    const voice = voices[s]
    if (!voice || weights[s] === 0) return silent(one.source)
    return spoken(one.source, valueOf(one, voice, product), weights[s], calibratedOf(one, voice, product))
  })
}

/**
 * What each purchase adds to what one source contributes. q is a sum over the purchases, q = Σᵢ qᵢ, and z is linear
 * in it, so that the contribution w·z = Σᵢ (w/σ)·qᵢ·(v_j − v̄) comes apart exactly.
 */
export function denseCauses(
  { source, calibration, labels }: CalibratedSource,
  voice: Voice,
  { weight, contribution }: SourceScore,
  { history, parts }: Pick<BlendQuery, 'history' | 'parts'>,
  product: number,
): PurchaseCause[] {
  if (!voice || !contribution) return []
  const { deviation } = voice
  const { labels: weights, [source]: dense } = parts()
  const terms = dense.map((part, i) => {
    if (!labels) return (weight / deviation) * innerProduct(part, calibration.centred, product)
    const said = innerProduct(calibration.centre(part, weights[i]), calibration.centred, product)
    return (weight / deviation) * (said + weightOfLabels(labels, weights[i], product))
  })
  return purchaseCauses(source, contribution, history, terms)
}

/** Each product's centred vectors, one after the other. */
export function sideBySide(dense: readonly CalibratedSource[], rows: number) {
  const columns = dense.reduce((sum, { calibration }) => sum + calibration.columns, 0)
  const data = new Float32Array(rows * columns)
  for (let product = 0; product < rows; product++) {
    let at = product * columns
    for (const { calibration } of dense) {
      const d = calibration.columns
      data.set(calibration.centred.subarray(product * d, (product + 1) * d), at)
      at += d
    }
  }
  return { columns, data }
}
