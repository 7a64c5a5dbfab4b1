/**
 * Reasons: a complete account of one recommendation's hybrid score. Each source's contribution is divided among the
 * purchases and facts that caused it, so that the amounts of all reasons sum to the score (reasons.ts says how).
 */
import type { ItemSide } from '../model/model.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { Interest } from './interest.ts'

interface Amount {
  /** What it adds to the hybrid score; below 0 it speaks against the product. */
  readonly amount: number
  /** |amount| over the sum of all |amount|, 0 to 1; the shares of a product's reasons sum to 1, or are all 0. */
  readonly share: number
}

/** A past purchase that speaks through taste: its exact part of the collaborative score and of the item weights'. */
export interface TasteReason extends Amount {
  readonly kind: 'TASTE'
  readonly purchase: HistoryEntry
}

/** An attribute that two products have in common. */
export interface SharedAttribute {
  /** Name of the column, as the shop's data has it. */
  readonly attribute: string
  /** Of the recommended product: a label, or a number. */
  readonly value: string | number
  /** Of the past purchase: the same label, or a number that is near. */
  readonly purchasedValue: string | number
}

/** A past purchase that the product resembles. */
export interface ResemblanceReason extends Amount {
  readonly kind: 'RESEMBLANCE'
  readonly purchase: HistoryEntry
  /** Cosine of the two products' content features, −1 to 1. */
  readonly similarity: number
  /** What they have in common, what matters most first. */
  sharedAttributes(): readonly SharedAttribute[]
}

/** A past purchase whose buyers also bought the product. */
export interface BoughtTogetherReason extends Amount {
  readonly kind: 'BOUGHT_TOGETHER'
  readonly purchase: HistoryEntry
  /** Customers who bought both, at any time and in any order; at least 1. */
  readonly customers: number
}

/** A product of the history that was bought in one order with this one. */
export interface SameOrderReason extends Amount {
  readonly kind: 'SAME_ORDER'
  readonly purchase: HistoryEntry
  /** Orders that hold both; at least 1. */
  readonly orders: number
}

/** What was sold, and when. */
export interface Sales {
  /** Units of the product. */
  readonly units: number
  /** Of so many days up to the moment of the list; null: of all the time that the model knows. */
  readonly days: number | null
  /** Where the count begins, in ms since 1970 UTC; null where it is of all the time that the model knows. */
  readonly since: number | null
  /**
   * Where it ends, in ms since 1970 UTC: at the moment of the list, or at the model's latest purchase where that came
   * before it, since nobody knows what was sold after. Null where the model knows no times.
   */
  readonly until: number | null
}

/** The product sells well in a category that was bought from. */
export interface PopularInCategoryReason extends Amount {
  readonly kind: 'POPULAR_IN_CATEGORY'
  readonly category: string
  readonly sales: Sales
  /** The purchases of that category. */
  readonly purchases: readonly HistoryEntry[]
}

/** The product sells well at a seller who was bought from. */
export interface PopularWithSellerReason extends Amount {
  readonly kind: 'POPULAR_WITH_SELLER'
  /** The seller's id, as the shop's data has it. */
  readonly seller: string
  readonly sales: Sales
  /** The purchases from that seller. */
  readonly purchases: readonly HistoryEntry[]
}

/** The product sells well, to anybody. */
export interface PopularReason extends Amount {
  readonly kind: 'POPULAR'
  readonly sales: Sales
}

/** The product itself was bought before. */
export interface BoughtBeforeReason extends Amount {
  readonly kind: 'BOUGHT_BEFORE'
  readonly purchase: HistoryEntry
}

/** A product that was looked at lately, and not bought since: it is associated with the product, or is the product. */
export interface ViewedReason extends Amount {
  readonly kind: 'VIEWED'
  readonly interest: Interest
}

/** Likewise, a product that was put into the cart. */
export interface InCartReason extends Amount {
  readonly kind: 'IN_CART'
  readonly interest: Interest
}

/** Part of the account of one score. */
export type Reason =
  | TasteReason
  | ResemblanceReason
  | BoughtTogetherReason
  | SameOrderReason
  | PopularInCategoryReason
  | PopularWithSellerReason
  | PopularReason
  | BoughtBeforeReason
  | ViewedReason
  | InCartReason

/** What a reason rests on. */
export type ReasonKind = Reason['kind']

/** What part of a contribution comes from: a reason without its share in the whole. */
export type Cause<Kind extends ReasonKind = ReasonKind> = Kind extends ReasonKind
  ? Omit<Extract<Reason, { readonly kind: Kind }>, 'share'>
  : never

type BySku<Of extends Reason> = Of extends Reason
  ? {
      [Field in keyof Of]: Of[Field] extends HistoryEntry
        ? string
        : Of[Field] extends readonly HistoryEntry[]
          ? string[]
          : Of[Field] extends () => infer Value
            ? Value
            : Of[Field] extends Interest
              ? { product: string; at: number }
              : Of[Field]
    }
  : never

/** A reason as results have it: its products by their SKUs. */
export type ReasonRecord = BySku<Reason>

/** A reason with the shop's own ids in place of the model's indices. */
export function reasonRecord({ products }: ItemSide, reason: Reason): ReasonRecord {
  const skuOf = ({ product }: HistoryEntry) => products.at(product)
  return {
    ...reason,
    ...('purchase' in reason && { purchase: skuOf(reason.purchase) }),
    ...('interest' in reason && {
      interest: { product: products.at(reason.interest.product), at: reason.interest.at },
    }),
    ...('sharedAttributes' in reason && { sharedAttributes: reason.sharedAttributes() }),
    ...('purchases' in reason && { purchases: reason.purchases.map(skuOf) }),
  } as ReasonRecord
}
