import type { Reason, Sales } from '../engine/reason.ts'
import type { HistoryEntry } from '../engine/recommendation.ts'
import type { Model } from '../model/model.ts'
import { count } from './result.ts'

type BySku<Of extends Reason> = Of extends Reason
  ? {
      [Field in keyof Of]: Of[Field] extends HistoryEntry
        ? string
        : Of[Field] extends readonly HistoryEntry[]
          ? string[]
          : Of[Field]
    }
  : never

/** A reason as results have it: its purchases by their SKUs. */
export type ReasonRecord = BySku<Reason>

export function reasonRecord({ products }: Model, reason: Reason): ReasonRecord {
  const skuOf = ({ product }: HistoryEntry) => products.at(product)
  return {
    ...reason,
    ...('purchase' in reason && { purchase: skuOf(reason.purchase) }),
    ...('purchases' in reason && { purchases: reason.purchases.map(skuOf) }),
  } as ReasonRecord
}

/** A reason as people are shown it, on a line. */
export function reasonLine(reason: ReasonRecord): string {
  return `${reason.amount.toFixed(4).padStart(10)} ${words(reason)}`
}

function words(reason: ReasonRecord): string {
  switch (reason.kind) {
    case 'TASTE':
      return `by taste, from ${reason.purchase}`
    case 'RESEMBLANCE':
      return `resembles ${reason.purchase} (cosine ${reason.similarity.toFixed(2)})`
    case 'BOUGHT_TOGETHER':
      return `bought together with ${reason.purchase} (customers: ${count(reason.customers)})`
    case 'POPULAR_IN_CATEGORY':
      return `popular in the category ${reason.category} (${salesWords(reason.sales)})`
    case 'POPULAR_WITH_SELLER':
      return `popular with the seller ${reason.seller} (${salesWords(reason.sales)})`
    case 'POPULAR':
      return `popular (${salesWords(reason.sales)})`
    case 'BOUGHT_BEFORE':
      return 'bought before'
  }
}

function salesWords({ units, days }: Sales): string {
  return days === null ? `units: ${count(units)}` : `units in ${days} days: ${count(units)}`
}
