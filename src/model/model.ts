import type { IdTable, StringColumn } from '../data/ids.ts'
import type { CategoricalColumn, NumericColumn } from '../data/dataset.ts'
import type { Csr, DenseMatrix, KernelVariant, Partners } from '../kernels/kernels.ts'
import type { RowLabels } from '../kernels/row-labels.ts'
import type { Baskets } from './baskets.ts'
import type { BlendWeights } from './blend-weights.ts'
import type { Configuration } from './configuration.ts'
import type { EvaluationSummary } from './evaluation-summary.ts'
import type { HistoryDetails } from './history-details.ts'
import type { ItemWeights } from './item-weights.ts'
import type { ProductSales } from './sales.ts'
import type { SegmentCentroids } from './segment-centroids.ts'
import type { Scale } from './standardise.ts'

/** The summary of a model: the `__metadata__` of the model file, and `modelInfo` in the API. */
export interface ModelSummary {
  readonly formatVersion: number
  /** What the model was fitted with: what was asked for, but for settings of ALS that training chose. */
  readonly configuration: Configuration
  /** What was asked for, where training chose something else. */
  readonly asked?: Configuration
  readonly kernelVariant: KernelVariant
  /** What fitted the factors of items and counted their partners, where that was not our own core. */
  readonly engine?: { readonly name: 'spark'; readonly version: string }
  readonly dataFingerprint: string
  readonly interactions: number
  /** Customers with at least one purchase. */
  readonly customers: number
  /** Products in the catalogue, sold or not. */
  readonly products: number
  /** Distinct (customer, product) pairs. */
  readonly purchases: number
  /** Training loss after the last iteration. */
  readonly loss: number
  /** Training loss after each full iteration, the first to the last; of Spark the last alone, since it tells no other. */
  readonly lossByIteration: readonly number[]
  /** The weights of the blend `learned`; absent under the blend `notebook`. */
  readonly blendWeights?: BlendWeights
  /** h of the source `repeat` in days, as training found it; absent: the usual one (engine/sources/repeat.ts). */
  readonly repeatHalfLife?: number
  /** Present in a model that holds no customers: neither their ids nor what they bought (without-histories.ts). */
  readonly withoutHistories?: true
  /** Which events of which store it was trained on; absent: on files. Later events are added when a list is made. */
  readonly trainedOn?: { readonly store: string; readonly receivedThrough: number }
  /** Evaluations added by `recordEvaluation`, one a protocol and task; absent: none. Not part of the tensor hash. */
  readonly evaluations?: readonly EvaluationSummary[]
  /** SHA-256 (hex) of the tensors and of the header that describes them. */
  readonly tensorHash: string
}

/** A measure of every product at mean 0 and deviation 1, NaN unknown. */
export interface MeasureColumn extends NumericColumn {
  /** Mean and deviation of sign(v)·ln(1 + |v|), v in the shop's own unit. Absent without a logarithmic scale. */
  readonly logScale?: Scale
}

/** What content features are made of, and the form they are stored in: a tenth of their size. */
export interface ContentColumns {
  /** Each becomes a group of features, one per label. */
  readonly categorical: readonly CategoricalColumn[]
  /** Together one group; an unknown value counts as the mean. */
  readonly numeric: readonly MeasureColumn[]
}

/**
 * Content features: rows × columns, row-major, double precision, and the labels of columns that have many; each row of
 * unit length, both together, or all 0 (none known).
 */
export interface ContentFeatures {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
  /** Absent: there are none but in `data`. */
  readonly labels?: RowLabels
}

/**
 * What the model knows of products, and of all customers together; nothing of any single customer. What lists, reasons
 * and explanations are made from, beside the history that a request brings or names.
 */
export interface ItemSide {
  readonly summary: ModelSummary
  /** The first 12 hex digits of the tensor hash: what the API calls modelVersion. */
  readonly version: string
  readonly products: IdTable
  readonly productNames?: StringColumn
  /** Products that no list may hold, by index (extend-catalogue.ts). Absent: none; no model file has any. */
  readonly removed?: ReadonlySet<number>
  readonly category: CategoricalColumn
  /** The seller of each product. */
  readonly seller: CategoricalColumn
  /** Products × f; products nobody bought have all-zero rows. */
  readonly itemFactors: DenseMatrix
  /** The linear item-item model; without entries under the blend `notebook`. */
  readonly itemWeights: ItemWeights
  readonly contentColumns: ContentColumns
  /** `contentFeatures(contentColumns)`: rebuilt, never stored. */
  readonly content: ContentFeatures
  /** Per product: r summed over all customers. */
  readonly popularity: Float32Array
  /** Per product: mean price paid; NaN never sold or not stated. */
  readonly price: Float64Array
  /** What sold, and when. */
  readonly sales: ProductSales
  /** Products bought in the same orders. */
  readonly baskets: Baskets
  /** Products bought by the same customers. */
  readonly partners: Partners
  /** Where the segments come from, and their profile. */
  readonly segmentProfiles: readonly SegmentProfile[]
  /**
   * What the segments are told by, for customers whom the model does not hold. Absent where the shop gives the segments, and
   * in files from before it was stored.
   */
  readonly segmentCentroids?: SegmentCentroids
}

/**
 * What the model knows of single customers; without rows in a model without histories (`summary.withoutHistories`). Lists
 * read histories by `Histories` (engine/history.ts) only, since the store may hold more of them.
 */
export interface CustomerSide extends HistoryDetails {
  readonly customers: IdTable
  /** Customers × products, values r. */
  readonly histories: Csr
  /** Customers × CUSTOMER_FEATURES (customer-features.ts), NaN unknown. */
  readonly customerFeatures: DenseMatrix
  /** Per customer; −1 for those who never bought and, where the shop gives the segments, those it leaves out. */
  readonly segments: CategoricalColumn
}

/** Everything learned and everything needed to serve; plain data. No customer factors: a customer is a history. */
export interface Model extends ItemSide, CustomerSide {}

/** A group of similar customers. */
export interface SegmentProfile {
  readonly name: string
  readonly customers: number
  /** Mean of each feature (recency in days, frequency, monetary, …); null where the shop's data has none. */
  readonly means: Readonly<Record<string, number | null>>
}
