/**
 * The sources of the blend `learned`, each calibrated so that its values can be weighed and added up:
 *
 *   collaborative, content   z = (s − μ)/σ over the catalogue, per customer (calibration.ts)
 *   nearest                  ln(1.01 / (1.01 − v)), v a cosine (nearest.ts): 0.7 at ½, 2.2 at 0.9, 4.6 at 1
 *   coPurchase               ln(1 + 100·v), v a sum of cosines (co-purchase.ts)
 *   category, seller         ln(1 + N·v), v a chance (shelf.ts): N·v = 1 for a product drawn blindly
 *   popularity               ln(1 + N·v), v the product's part of all that sold lately (recent-sales.ts)
 *   repeat                   log₂(1 + v), v purchases (repeat.ts): 1 for a product bought once, just now
 *
 * N the products of the catalogue. A source that can say nothing of a product adds 0 to its score: for the first two
 * that is the average product. The first two speak of every product and are one inner product of longer vectors; the
 * others add up to one number a product (sparse-sources.ts).
 *
 *   product:  [ y_j − ȳ  | f_j − f̄ ]
 *   query:    [ w·x/σ    | w·p/σ   ]
 *
 * Labels of which a shop has many are no part of the vectors (row-labels.ts): what they add to content, 0 or more, comes
 * to the others' number.
 */
import type { Kernels } from '../kernels/kernels.ts'
import type { LearnedSource, SourceWeights } from '../model/blend-weights.ts'
import { LEARNED_SOURCES } from '../model/blend-weights.ts'
import type { Work } from '../kernels/work.ts'
import type { Model } from '../model/model.ts'
import { silent, spoken } from './blend.ts'
import { ANYBODY, buyersOf } from './buyers.ts'
import { type CoPurchaseSource, coPurchaseSource } from './co-purchase.ts'
import type { Coverage } from './coverage.ts'
import type { CalibratedSource, Voice } from './hybrid-score.ts'
import { calibratedOf, calibratedSources, sideBySide, valueOf, voicesOf } from './hybrid-score.ts'
import { latestPurchaseOf } from './history.ts'
import { nearestSource } from './nearest.ts'
import { recentSales } from './recent-sales.ts'
import type { HistoryEntry, SourceScore } from './recommendation.ts'
import { repeatSource } from './repeat.ts'
import { shelfSource } from './shelf.ts'
import type { HeardSparse } from './sparse-sources.ts'
import { ADDED_SOURCES, sparseSources } from './sparse-sources.ts'
import type { Taste } from './taste.ts'

/** Whom the sources are asked about. */
export interface Listener {
  readonly taste: Taste
  readonly history: readonly HistoryEntry[]
  /** When, in ms since 1970 UTC; NaN where the model knows no time. */
  readonly at: number
  /** How many customers must stand behind others' purchases (buyers.ts); left out: any. */
  readonly leastCustomers?: number
}

/** What all the sources say to one customer. */
export interface Hearing {
  /** Of the collaborative source and of content. */
  readonly voices: readonly Voice[]
  readonly sparse: HeardSparse
  readonly leastCustomers: number
}

export interface LearnedSources {
  /** The collaborative source and content. */
  readonly dense: readonly CalibratedSource[]
  /** The products' vectors, as the legend above has them; rows × columns. */
  readonly vectors: { readonly rows: number; readonly columns: number; readonly data: Float32Array }
  /** Asks every source; in pieces, where one has to find out something that it does not know yet. */
  hear(listener: Listener, work: Work): Promise<Hearing>
  /** The same, in the products that too few bought for the collaborative source to speak of them. */
  ofRare(hearing: Hearing): Hearing
  /** The customer's vector for `vectors`. */
  query(hearing: Hearing, weights: SourceWeights): Float64Array
  /** A product's score: to the last bit what its parts sum to. */
  score(hearing: Hearing, weights: SourceWeights, product: number): number
  /** Writes per product what the other sources add to its score: 0 or more, in single precision (sparse-sources.ts). */
  writeAdditions(hearing: Hearing, weights: SourceWeights, sums: Float32Array): void
  /** So often a sum of `writeAdditions` is rounded to single precision, at most. */
  readonly additions: number
  /** Whether content adds to the sums, beside the vectors. */
  readonly hasLabels: boolean
  /** Every source's part of a product's score, in the order of `LEARNED_SOURCES`. */
  parts(hearing: Hearing, weights: SourceWeights, product: number): SourceScore[]
  /** Whether anything speaks for or against a product. Nothing does where its score is 0 without any part of it. */
  hasEvidence(hearing: Hearing, weights: SourceWeights, product: number): boolean
  /** The calibrated value of each, 0 where it can say nothing. */
  calibrated(hearing: Hearing, product: number): number[]
}

/** @param coverage,coPurchase  of the same model */
export function learnedSources(
  model: Model,
  kernels: Kernels,
  coverage: Coverage,
  coPurchase: CoPurchaseSource = coPurchaseSource(model.histories, model.lastPurchased),
): LearnedSources {
  const { category, seller, popularity } = model
  const rows = model.products.size
  const latest = latestPurchaseOf(model)
  const dense = calibratedSources(model, kernels, coverage)
  const { columns, data } = sideBySide(dense, rows)
  const nearest = nearestSource(model, coverage.content)
  const categories = shelfSource(category, popularity, latest)
  const sellers = shelfSource(seller, popularity, latest)
  const salesAt = recentSales(model)
  const added = sparseSources(rows)
  const { counts } = buyersOf(model.histories)
  const speaksOf = (source: LearnedSource, product: number, { leastCustomers }: Hearing) =>
    source !== 'collaborative' || leastCustomers <= ANYBODY || counts[product] >= leastCustomers

  /** v; null where the source can say nothing. */
  function value(hearing: Hearing, source: LearnedSource, product: number): number | null {
    const { voices, sparse } = hearing
    if (source !== 'collaborative' && source !== 'content') return sparse[source].value(product)
    const s = source === 'collaborative' ? 0 : 1
    const voice = voices[s]
    if (!voice || !dense[s].covered[product] || !speaksOf(source, product, hearing)) return null
    return valueOf(dense[s], voice, product)
  }

  /** c(v); 0 where the source can say nothing. */
  function calibrated(hearing: Hearing, source: LearnedSource, product: number): number {
    const { voices, sparse } = hearing
    if (source === 'collaborative' || source === 'content') {
      const s = source === 'collaborative' ? 0 : 1
      const voice = speaksOf(source, product, hearing) ? voices[s] : null
      // The centred rows of products that are not covered are 0.
      return voice ? calibratedOf(dense[s], voice, product) : 0
    }
    return added.calibrated(sparse, source, product)
  }

  return {
    dense,
    vectors: { rows, columns, data },
    ofRare: (hearing) => ({ ...hearing, voices: [null, hearing.voices[1]] }),
    async hear({ taste, history, at, leastCustomers = ANYBODY }, work) {
      const prepared = coPurchase.prepare({ history, leastCustomers }, work)
      if (prepared) await prepared
      return work.time(() => {
        // In one order, so that sums over the same purchases are the same to the last bit.
        const ascending = history.toSorted((a, b) => a.product - b.product)
        return {
          leastCustomers,
          voices: voicesOf(dense, taste),
          sparse: {
            nearest: nearest(history),
            coPurchase: coPurchase(ascending, leastCustomers),
            category: categories(ascending),
            seller: sellers(ascending),
            popularity: salesAt(at),
            repeat: repeatSource(ascending, at),
          },
        }
      })
    },
    query: ({ voices }, weights) => {
      const query = new Float64Array(columns)
      let at = 0
      dense.forEach(({ source, calibration }, s) => {
        const voice = voices[s]
        if (voice)
          for (let d = 0; d < calibration.columns; d++) query[at + d] = weights[source] * voice.calibrated[d]
        at += calibration.columns
      })
      return query
    },
    score: (hearing, weights, product) => {
      let sum = 0
      for (const source of LEARNED_SOURCES)
        if (weights[source] > 0) sum += weights[source] * calibrated(hearing, source, product)
      return sum
    },
    writeAdditions({ voices, sparse }, weights, sums) {
      added.writeAdditions(sparse, weights, sums)
      dense.forEach(({ source, calibration: { labels } }, s) => {
        const voice = voices[s]
        if (!labels || !voice) return
        const factor = weights[source] / voice.deviation
        labels.addTo(sums, voice.labels, () => factor)
      })
    },
    additions: ADDED_SOURCES + (model.content.labels?.columns.length ?? 0),
    hasLabels: model.content.labels !== undefined,
    parts: (hearing, weights, product) =>
      LEARNED_SOURCES.map((source) => {
        const said = value(hearing, source, product)
        return said === null
          ? silent(source)
          : spoken(source, said, weights[source], calibrated(hearing, source, product))
      }),
    hasEvidence: (hearing, weights, product) =>
      LEARNED_SOURCES.some((source) => weights[source] > 0 && calibrated(hearing, source, product) !== 0),
    calibrated: (hearing, product) => LEARNED_SOURCES.map((source) => calibrated(hearing, source, product)),
  }
}
