/** Takes the returns in events.csv off the purchases in the other files. */
import type { RecordedReturn } from './browsing.ts'
import { gather } from './column.ts'
import { DataError } from './data-error.ts'
import type { CancelledOrders, Dataset, Orders } from './dataset.ts'
import { Returns, unmatchedWarning, withoutReturned } from './returns.ts'

/**
 * A data set less what was returned: each return takes its units off the latest purchases of the product before it.
 * @param file  the file that states the returns, for messages
 * @throws {DataError} if nothing is left
 */
export function lessReturned<Data extends Omit<Dataset, 'fingerprint' | 'quarantined'>>(
  dataset: Data,
  recorded: readonly RecordedReturn[],
  file: string,
  countsCancelled: boolean,
): Data {
  if (recorded.length === 0) return dataset
  const { customers, products, interactions, orders } = dataset
  const returns = new Returns()
  let unknown = 0
  for (const { customer, product, units, at } of recorded) {
    const [person, item] = [customers.indexOf(customer), products.indexOf(product)]
    if (person < 0 || item < 0) unknown += units
    else returns.push(person, item, units, at, undefined)
  }
  const { left, unmatched } = returns.takeOff(interactions, orders, products.size, () => -1)
  const kept = withoutReturned(interactions, orders, left)
  if (kept.interactions.count === 0)
    throw new DataError('says that everything was returned: there is nothing to train on', { file })
  const missing = unknown + unmatched
  const warnings = [
    ...(dataset.warnings ?? []),
    ...(missing > 0 ? [unmatchedWarning(file, missing, 'of kind RETURN')] : []),
  ]
  return {
    ...dataset,
    interactions: kept.interactions,
    orders: { ...kept.orders, ...factsOf(orders, kept.keptOrders) },
    ...(!countsCancelled && { cancelled: withGone(dataset.cancelled, orders, kept.goneOrders) }),
    ...(warnings.length > 0 && { warnings }),
  }
}

/** What else is known of the orders that are kept. */
function factsOf(
  { reviewScore, deliveryDelayDays }: Orders,
  kept: Uint32Array | undefined,
): Pick<Orders, 'reviewScore' | 'deliveryDelayDays'> {
  const of = (column: Float32Array) => (kept === undefined ? column : gather(column, kept))
  return {
    ...(reviewScore && { reviewScore: of(reviewScore) }),
    ...(deliveryDelayDays && { deliveryDelayDays: of(deliveryDelayDays) }),
  }
}

/** Cancelled orders with those that were returned whole. */
function withGone(
  cancelled: CancelledOrders | undefined,
  { customer, timestamp }: Orders,
  gone: Uint32Array,
): CancelledOrders {
  return {
    count: (cancelled?.count ?? 0) + gone.length,
    customer: Uint32Array.from([...(cancelled?.customer ?? []), ...gather(customer, gone)]),
    timestamp: Float64Array.from([...(cancelled?.timestamp ?? []), ...gather(timestamp, gone)]),
  }
}
