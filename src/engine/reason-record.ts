import type { Model } from '../model/model.ts'
import type { Reason } from './reason.ts'
import type { HistoryEntry } from './history-entry.ts'

type BySku<Of extends Reason> = Of extends Reason
  ? {
      [Field in keyof Of]: Of[Field] extends HistoryEntry
        ? string
        : Of[Field] extends readonly HistoryEntry[]
          ? string[]
          : Of[Field] extends () => infer Value
            ? Value
            : Of[Field]
    }
  : never

/** A reason as results have it: its purchases by their SKUs. */
export type ReasonRecord = BySku<Reason>

/** A reason with the shop's own ids in place of the model's indices. */
export function reasonRecord({ products }: Model, reason: Reason): ReasonRecord {
  const skuOf = ({ product }: HistoryEntry) => products.at(product)
  return {
    ...reason,
    ...('purchase' in reason && { purchase: skuOf(reason.purchase) }),
    ...('sharedAttributes' in reason && { sharedAttributes: reason.sharedAttributes() }),
    ...('purchases' in reason && { purchases: reason.purchases.map(skuOf) }),
  } as ReasonRecord
}
