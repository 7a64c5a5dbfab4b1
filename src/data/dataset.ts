import type { Browsing } from './browsing.ts'
import type { IdTable, StringColumn } from './ids.ts'

/** One categorical attribute of every product or customer: `codes[i]` points into `labels`, −1 is unknown. */
export interface CategoricalColumn {
  readonly name: string
  readonly labels: readonly string[]
  readonly codes: Int32Array
  /**
   * If the labels are translations: those without one, as the shop spells them.
   */
  readonly untranslated?: readonly string[]
}

/** One measured attribute of every product, NaN where the shop did not say. */
export interface NumericColumn {
  readonly name: string
  readonly values: Float64Array
}

/** A column of the products file: a text per product, '' where it has none. */
export interface TextColumn {
  readonly name: string
  readonly texts: StringColumn
}

/**
 * Purchases in the order of the file, one entry a line item; parallel columns. What was cancelled or returned is not
 * among them (statuses.ts, returns.ts): everything that counts purchases counts these.
 */
export interface Interactions {
  readonly count: number
  /** Index into `Dataset.customers`. */
  readonly customer: Uint32Array
  /** Index into `Dataset.products`. */
  readonly product: Uint32Array
  /** Index into `Dataset.orders`. */
  readonly order: Uint32Array
  /** r, how many were bought and kept; 1 where the shop did not say. */
  readonly quantity: Float32Array
  /** Price of one, in the shop's currency; NaN unknown. */
  readonly price: Float64Array
  /** The seller: index into `Dataset.sellers`, −1 unknown. Absent if the shop states no sellers. */
  readonly seller?: Int32Array
}

/** Orders that hold at least one interaction; parallel columns. */
export interface Orders {
  readonly count: number
  readonly customer: Uint32Array
  /** Milliseconds since 1970, UTC; NaN unknown. */
  readonly timestamp: Float64Array
  /** Mean review score; NaN where none was given. Absent where the shop keeps no reviews. */
  readonly reviewScore?: Float32Array
  /** Days between the promised and the actual delivery, negative = early; NaN undelivered. */
  readonly deliveryDelayDays?: Float32Array
}

/** Cancelled and fully returned orders, which are not purchases; parallel columns. */
export interface CancelledOrders {
  readonly count: number
  readonly customer: Uint32Array
  /** Milliseconds since 1970, UTC; NaN unknown. */
  readonly timestamp: Float64Array
}

/** A shop's history as typed columns: what every adapter produces and everything else is built from. */
export interface Dataset {
  readonly adapter: 'olist' | 'interactions'
  /** Every customer the shop names, those who never bought included. */
  readonly customers: IdTable
  /** Every product the shop names, those never sold included. */
  readonly products: IdTable
  readonly interactions: Interactions
  readonly orders: Orders
  /** Absent where the shop does not say, and where they count as purchases. */
  readonly cancelled?: CancelledOrders
  /** The sellers that the shop names. Absent: it names none. */
  readonly sellers?: IdTable
  /** The category shown to people and used as a feature. */
  readonly category: CategoricalColumn
  /** Further categorical features. */
  readonly categorical: readonly CategoricalColumn[]
  /** Measures of the products as the shop states them (price is derived from the interactions, not here). */
  readonly numeric: readonly NumericColumn[]
  /** A readable name per product, '' where the shop gives none for it. Absent: the shop names no products. */
  readonly productNames?: StringColumn
  /** Every column of the products file but ids and names, as it is written. Absent unless `ReadOptions` ask for it. */
  readonly productColumns?: readonly TextColumn[]
  /** The columns of the products file that nothing is learned from, by name. Absent: none. */
  readonly unusedColumns?: readonly string[]
  /** Views and cart entries. Absent: the shop states none. */
  readonly browsing?: Browsing
  /** Segments the shop gives (customer_features.csv). Absent: they are computed. */
  readonly segments?: CategoricalColumn
  /** Warnings about data that is unlikely but valid: a sentence each, with what to do. Absent: none. */
  readonly warnings?: readonly string[]
  /** Bad rows set aside under `--lenient`. */
  readonly quarantined: number
  /** SHA-256 (hex) over the bytes of the files read, names included, in a fixed order. */
  readonly fingerprint: string
}
