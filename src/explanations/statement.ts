import type { Reason, Sales } from '../engine/reason.ts'
import type { CitedReason, Evidence, ProductFacts, PurchaseFacts } from './evidence.ts'
import { type SharedTopic, displayCategory, displayLabel, displayName, sharedTopics } from './display-text.ts'

/** A product as it may be called in a text; null for what is not known, or would be said twice. */
export interface Called {
  readonly name: string | null
  readonly category: string | null
}

export type CalledPurchase = Called & Omit<PurchaseFacts, 'product'>

/** A number, or that it is a small one: who may not know how few there are is told of "a few". */
export type Count = number | 'few'

/** What two products have in common. */
export interface InCommon {
  readonly same: readonly Extract<SharedTopic, 'category' | 'seller'>[]
  readonly label: { readonly column: string; readonly value: string } | null
  readonly similar: readonly Extract<SharedTopic, 'price' | 'weight' | 'size'>[]
}

/** Sales as they may be told. */
export type ToldSales = Omit<Sales, 'units'> & {
  readonly units: Count
  /** Whether they are a sign that the product sells. */
  readonly isMuch: boolean
}

/** What one clause says, in no language yet. */
export interface Statement {
  readonly reason: Reason
  /** Whether no clause comes before it. */
  readonly isFirst: boolean
  readonly recommended: Called
  /** The recommended product, where it is to be named; null where it has been named before. */
  readonly product: Called | null
  /** The purchase that the reason speaks of; null where it speaks of none, or the clause before spoke of it, too. */
  readonly purchase: CalledPurchase | null
  /** Of BOUGHT_TOGETHER: customers who bought both. Of SAME_ORDER: orders that held both. */
  readonly count: Count
  /** Of RESEMBLANCE. */
  readonly inCommon: InCommon
  /** Sales that are worth a word. */
  readonly sales: ToldSales | null
  /** Whether a clause before has said all but the sales. */
  readonly isOfSalesAlone: boolean
}

/** The most attributes that one clause names. */
const MOST_ATTRIBUTES = 3

/** Fewer units than this are no sign of how a product sells. */
const MANY_UNITS = 5

/**
 * Decides what a clause about one reason says.
 * @param before  what the clauses before it rest on
 * @param isNamed  whether the recommended product has been named
 * @returns null where they have said all of it, or it is not worth a word beside them
 */
export function state(
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
  const isOfSalesAlone = own !== null && said.has(own)
  const sales = salesToTell(reason, evidence)
  if (isOfSalesAlone && sales === null) return null
  if (reason.kind === 'POPULAR' && sellsLittle(reason) && before.length > 0) return null
  // "Both" and "the other" are understood only of what was spoken of last.
  const last = before.findLast((other) => other.purchase !== null)?.purchase
  const isLast = last?.product.sku === purchase?.product.sku && reason.kind !== 'BOUGHT_BEFORE'
  const hasSameName =
    purchase !== null &&
    purchase.product.sku !== product.sku &&
    isNameless(product) &&
    isNameless(purchase.product) &&
    isAlike(product, purchase)
  const recommended = { ...called(product), ...(hasSameName && { category: null }) }
  return {
    reason,
    isFirst: before.length === 0,
    recommended,
    product: isNamed ? null : recommended,
    purchase: purchase === null || isLast ? null : calledPurchase(purchase),
    count: told(
      reason.kind === 'BOUGHT_TOGETHER' ? reason.customers : reason.kind === 'SAME_ORDER' ? reason.orders : 0,
      evidence,
    ),
    inCommon: inCommonOf(reason, said, hasSameName),
    sales,
    isOfSalesAlone,
  }
}

function called(product: ProductFacts): Called {
  return { name: displayName(product), category: displayCategory(product) }
}

function calledPurchase({ product, ...purchase }: PurchaseFacts): CalledPurchase {
  return { ...called(product), ...purchase }
}

const isNameless = (product: ProductFacts) => displayName(product) === null

function isAlike(product: ProductFacts, purchase: PurchaseFacts): boolean {
  return displayCategory(product) !== null && displayCategory(product) === displayCategory(purchase.product)
}

/** The category and the seller, where what was said before has named them. */
function saidTopics(before: readonly CitedReason[]): ReadonlySet<SharedTopic> {
  return new Set(
    before.flatMap(({ reason }): SharedTopic[] => {
      if (reason.kind === 'POPULAR_IN_CATEGORY') return ['category']
      if (reason.kind === 'POPULAR_WITH_SELLER') return ['seller']
      return reason.kind === 'RESEMBLANCE' ? [...sharedTopics(reason.sharedAttributes()).keys()] : []
    }),
  )
}

/** Whether a product sold too little for that to recommend it: beside other reasons that is not told. */
export function sellsLittle({ sales }: { readonly sales: Sales }): boolean {
  return sales.units < MANY_UNITS
}

/** Sales in a category or with a seller are left to the clause that tells of all sales, if there is one. */
function salesToTell(reason: Reason, evidence: Evidence): ToldSales | null {
  if (!('sales' in reason)) return null
  const isMuch = !sellsLittle(reason)
  const isToldElsewhere = evidence.cited.some((other) => other.reason.kind === 'POPULAR')
  if (reason.kind !== 'POPULAR' && (isToldElsewhere || !isMuch)) return null
  return { ...reason.sales, units: told(reason.sales.units, evidence), isMuch }
}

function told(count: number, { exactFrom = 0 }: Evidence): Count {
  return count < exactFrom ? 'few' : count
}

/** @param isCategoryNamed  the products are called by the category they share */
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
