import type { Reason, Sales } from '../engine/reason.ts'
import type { CitedReason, Evidence, ProductFacts, PurchaseFacts } from './evidence.ts'
import { type SharedTopic, displayCategory, displayLabel, displayName, sharedTopics } from './display-text.ts'

/** The name and category of a product for a text; null if unknown, or if the text would repeat it. */
export interface NamedProduct {
  readonly name: string | null
  readonly category: string | null
}

export type NamedPurchase = NamedProduct & Omit<PurchaseFacts, 'product'>

/** A number, or 'few' for a small count that the caller may not see. */
export type Count = number | 'few'

/** What two products have in common. */
export interface InCommon {
  readonly same: readonly Extract<SharedTopic, 'category' | 'seller'>[]
  readonly label: { readonly column: string; readonly value: string } | null
  readonly similar: readonly Extract<SharedTopic, 'price' | 'weight' | 'size'>[]
}

/** Sales for a text. */
export type SalesStatement = Omit<Sales, 'units'> & {
  readonly units: Count
  /** Whether they are enough to recommend the product. */
  readonly isMuch: boolean
}

/** The content of one clause, independent of the language. */
export interface Statement {
  readonly reason: Reason
  /** Whether no clause comes before it. */
  readonly isFirst: boolean
  readonly recommended: NamedProduct
  /** The recommended product if the clause must name it; null if the text has named it already. */
  readonly product: NamedProduct | null
  /** The purchase of the reason; null if there is none, or if the last purchase mentioned is the same. */
  readonly purchase: NamedPurchase | null
  /** Whether that is the recommended product itself. */
  readonly isItself: boolean
  /** BOUGHT_TOGETHER: customers who bought both. SAME_ORDER: orders that hold both. */
  readonly count: Count
  /** For RESEMBLANCE. */
  readonly inCommon: InCommon
  /** The sales, if they are worth mentioning. */
  readonly sales: SalesStatement | null
  /** Whether earlier clauses have stated everything but the sales. */
  readonly isSalesOnly: boolean
}

/** The most attributes in one clause. */
const MOST_ATTRIBUTES = 3

/** Fewer units than this do not recommend a product. */
const MANY_UNITS = 5

/**
 * The content of the clause about one reason.
 * @param before  the reasons of the clauses before it
 * @param isNamed  whether the recommended product has been named
 * @returns null if the clauses before have stated all of it, or if it is not worth mentioning with them
 */
export function statementOf(
  evidence: Evidence,
  { reason, purchase }: CitedReason,
  before: readonly CitedReason[],
  isNamed: boolean,
): Statement | null {
  const { product } = evidence
  const said = saidTopics(before)
  const own =
    reason.kind === 'POPULAR_IN_CATEGORY'
      ? 'category'
      : reason.kind === 'POPULAR_WITH_SELLER'
        ? 'seller'
        : null
  const isSalesOnly = own !== null && said.has(own)
  const sales = salesOf(reason, evidence)
  if (isSalesOnly && sales === null) return null
  if (reason.kind === 'POPULAR' && sellsLittle(reason) && before.length > 0) return null
  // "Both" and "the other" can only refer to the purchase that was mentioned last.
  const last = before.findLast((other) => other.purchase !== null)?.purchase
  const mustName = reason.kind === 'BOUGHT_BEFORE' || 'interest' in reason
  const isLast = last?.product.sku === purchase?.product.sku && !mustName
  const hasSameName =
    purchase !== null &&
    purchase.product.sku !== product.sku &&
    isNameless(product) &&
    isNameless(purchase.product) &&
    isAlike(product, purchase)
  const recommended = { ...namedProduct(product), ...(hasSameName && { category: null }) }
  return {
    reason,
    isFirst: before.length === 0,
    recommended,
    product: isNamed ? null : recommended,
    purchase: purchase === null || isLast ? null : namedPurchase(purchase),
    isItself: purchase?.product.sku === product.sku,
    count: countOf(
      reason.kind === 'BOUGHT_TOGETHER' ? reason.customers : reason.kind === 'SAME_ORDER' ? reason.orders : 0,
      evidence,
    ),
    inCommon: inCommonOf(reason, said, hasSameName),
    sales,
    isSalesOnly,
  }
}

function namedProduct(product: ProductFacts): NamedProduct {
  return { name: displayName(product), category: displayCategory(product) }
}

function namedPurchase({ product, ...purchase }: PurchaseFacts): NamedPurchase {
  return { ...namedProduct(product), ...purchase }
}

const isNameless = (product: ProductFacts) => displayName(product) === null

function isAlike(product: ProductFacts, purchase: PurchaseFacts): boolean {
  return displayCategory(product) !== null && displayCategory(product) === displayCategory(purchase.product)
}

/** The topics that earlier clauses have named. */
function saidTopics(before: readonly CitedReason[]): ReadonlySet<SharedTopic> {
  return new Set(
    before.flatMap(({ reason }): SharedTopic[] => {
      if (reason.kind === 'POPULAR_IN_CATEGORY') return ['category']
      if (reason.kind === 'POPULAR_WITH_SELLER') return ['seller']
      return reason.kind === 'RESEMBLANCE' ? [...sharedTopics(reason.sharedAttributes()).keys()] : []
    }),
  )
}

/** Whether a product's sales are too few to recommend it. */
export function sellsLittle({ sales }: { readonly sales: Sales }): boolean {
  return sales.units < MANY_UNITS
}

/** The sales to mention. Those in a category or by a seller are left out if another clause states all sales. */
function salesOf(reason: Reason, evidence: Evidence): SalesStatement | null {
  if (!('sales' in reason)) return null
  const isMuch = !sellsLittle(reason)
  const isStatedElsewhere = evidence.cited.some((other) => other.reason.kind === 'POPULAR')
  if (reason.kind !== 'POPULAR' && (isStatedElsewhere || !isMuch)) return null
  return { ...reason.sales, units: countOf(reason.sales.units, evidence), isMuch }
}

function countOf(count: number, { exactFrom = 0 }: Evidence): Count {
  return count < exactFrom ? 'few' : count
}

/** @param isCategoryNamed  whether the text calls the products by their common category */
function inCommonOf(reason: Reason, said: ReadonlySet<SharedTopic>, isCategoryNamed: boolean): InCommon {
  if (reason.kind !== 'RESEMBLANCE') return { same: [], label: null, similar: [] }
  const topics = sharedTopics(reason.sharedAttributes())
  const named = [...topics.keys()]
    .filter((topic) => !said.has(topic) && !(isCategoryNamed && topic === 'category'))
    .slice(0, MOST_ATTRIBUTES)
  const label = named.includes('label') ? topics.get('label') : undefined
  return {
    same: named.filter((topic) => topic === 'category' || topic === 'seller'),
    label: label
      ? { column: displayLabel(label.attribute) ?? '', value: displayLabel(String(label.value)) ?? '' }
      : null,
    similar: named.filter((topic) => topic === 'price' || topic === 'weight' || topic === 'size'),
  }
}
