import type { Reason, Sales } from '../engine/reason.ts'
import type { CitedReason, Evidence, ProductFacts, PurchaseFacts } from './evidence.ts'
import { type SharedTopic, shownCategory, shownLabel, shownName, sharedTopics } from './shown.ts'

/** A product as it may be called in a text; null for what is not known, or would be said twice. */
export interface Called {
  readonly name: string | null
  readonly category: string | null
}

export type CalledPurchase = Called & Omit<PurchaseFacts, 'product'>

/** What two products have in common. */
export interface InCommon {
  readonly same: readonly Extract<SharedTopic, 'category' | 'seller'>[]
  readonly label: { readonly column: string; readonly value: string } | null
  readonly similar: readonly Extract<SharedTopic, 'price' | 'weight' | 'size'>[]
}

/** What one sentence says, in no language yet. */
export interface Statement {
  readonly reason: Reason
  /** The recommended product, where it is to be named; null where a sentence before has named it. */
  readonly product: Called | null
  /** The purchase that the reason speaks of; null where it speaks of none, or a sentence before has named it. */
  readonly purchase: CalledPurchase | null
  /** Of RESEMBLANCE. */
  readonly inCommon: InCommon
  /** Sales that are worth a word. */
  readonly sales: Sales | null
  /** Whether a sentence before has said all but the sales. */
  readonly isOfSalesAlone: boolean
}

/** The most attributes that one sentence names. */
const MOST_ATTRIBUTES = 3

/** Fewer units than this are no sign of how a product sells. */
export const MANY_UNITS = 5

/**
 * Decides what a sentence about one reason says.
 * @param before  what the sentences before it rest on
 * @returns null where they have said all of it
 */
export function state(
  { product, cited: all }: Evidence,
  { reason, purchase }: CitedReason,
  before: readonly CitedReason[],
): Statement | null {
  const said = saidTopics(before)
  const own =
    reason.kind === 'POPULAR_IN_CATEGORY'
      ? 'category'
      : reason.kind === 'POPULAR_WITH_SELLER'
        ? 'seller'
        : null
  const isOfSalesAlone = own !== null && said.has(own)
  const sales = salesToTell(reason, all)
  if (isOfSalesAlone && sales === null) return null
  const isNamed = before.some(
    (other) => purchase !== null && other.purchase?.product.sku === purchase.product.sku,
  )
  const hasSameName =
    purchase !== null &&
    purchase.product.sku !== product.sku &&
    isNameless(product) &&
    isNameless(purchase.product) &&
    isAlike(product, purchase)
  return {
    reason,
    product: before.length > 0 ? null : { ...called(product), ...(hasSameName && { category: null }) },
    purchase: purchase === null || isNamed ? null : calledPurchase(purchase),
    inCommon: inCommonOf(reason, said, hasSameName),
    sales,
    isOfSalesAlone,
  }
}

function called(product: ProductFacts): Called {
  return { name: shownName(product), category: shownCategory(product) }
}

function calledPurchase({ product, ...purchase }: PurchaseFacts): CalledPurchase {
  return { ...called(product), ...purchase }
}

const isNameless = (product: ProductFacts) => shownName(product) === null

function isAlike(product: ProductFacts, purchase: PurchaseFacts): boolean {
  return shownCategory(product) !== null && shownCategory(product) === shownCategory(purchase.product)
}

/** The category and the seller, where what was cited before has named them. */
function saidTopics(before: readonly CitedReason[]): ReadonlySet<SharedTopic> {
  return new Set(
    before.flatMap(({ reason }): SharedTopic[] => {
      if (reason.kind === 'POPULAR_IN_CATEGORY') return ['category']
      if (reason.kind === 'POPULAR_WITH_SELLER') return ['seller']
      return reason.kind === 'RESEMBLANCE' ? [...sharedTopics(reason.sharedAttributes).keys()] : []
    }),
  )
}

/** Sales in a category or with a seller are left to the sentence that tells of all sales, if there is one. */
function salesToTell(reason: Reason, all: readonly CitedReason[]): Sales | null {
  if (!('sales' in reason)) return null
  if (reason.kind === 'POPULAR') return reason.sales
  const isToldElsewhere = all.some((other) => other.reason.kind === 'POPULAR')
  return isToldElsewhere || reason.sales.units < MANY_UNITS ? null : reason.sales
}

/** @param isCategoryNamed  the products are called by the category they share */
function inCommonOf(reason: Reason, said: ReadonlySet<SharedTopic>, isCategoryNamed: boolean): InCommon {
  if (reason.kind !== 'RESEMBLANCE') return { same: [], label: null, similar: [] }
  const topics = sharedTopics(reason.sharedAttributes)
  const told = [...topics.keys()]
    .filter((topic) => !said.has(topic) && !(isCategoryNamed && topic === 'category'))
    .slice(0, MOST_ATTRIBUTES)
  const label = told.includes('label') ? topics.get('label') : undefined
  return {
    same: told.filter((topic) => topic === 'category' || topic === 'seller'),
    label: label
      ? { column: shownLabel(label.attribute) ?? '', value: shownLabel(String(label.value)) ?? '' }
      : null,
    similar: told.filter((topic) => topic === 'price' || topic === 'weight' || topic === 'size'),
  }
}
