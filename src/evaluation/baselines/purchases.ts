import type { Dataset } from '../../data/dataset.ts'
import { csrFromTriples } from '../../kernels/csr.ts'
import type { Csr } from '../../kernels/kernels.ts'
import { historyDetails, orderContents } from '../../model/history-details.ts'
import { DAY } from '../../data/ranges.ts'

/** Counted once a data set, however many systems and settings learn from it. */
const counted = new WeakMap<Dataset, Csr>()

/**
 * What every customer bought: customers × products, each pair once, r (how many in all) for value. The same object for
 * the same data set: not to be written to.
 */
export function purchasesOf(dataset: Dataset): Csr {
  const known = counted.get(dataset)
  if (known) return known
  const { customers, products, interactions } = dataset
  const { customer, product, quantity } = interactions
  const purchases = csrFromTriples(customers.size, products.size, customer, product, quantity)
  counted.set(dataset, purchases)
  return purchases
}

/** Per product, how many customers bought it. */
export function buyersOf({ columns, indices }: Csr): Float64Array {
  const buyers = new Float64Array(columns)
  for (const product of indices) buyers[product]++
  return buyers
}

/**
 * Per product, the customers who bought it, each counted 2^(−age / half-life): age is how long before the latest
 * purchase of all this customer last bought it. A purchase of unknown time is as old as the oldest one known; where no
 * time is known, none has aged.
 * @param halfLifeDays  > 0; Infinity counts the customers
 */
export function decayedBuyersOf(train: Dataset, purchases: Csr, halfLifeDays: number): Float64Array {
  if (halfLifeDays === Infinity) return buyersOf(purchases)
  const { lastPurchased: times } = historyDetails(train, purchases, orderContents(train))
  const [oldest, now] = rangeOf(times)
  const buyers = new Float64Array(purchases.columns)
  purchases.indices.forEach((product, entry) => {
    const time = Number.isNaN(times[entry]) ? oldest : times[entry]
    buyers[product] += oldest > now ? 1 : 2 ** ((time - now) / (halfLifeDays * DAY))
  })
  return buyers
}

/** Products in descending order of a value each has, ties to the lower index. */
export function descending(values: Float64Array): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => values[b] - values[a] || a - b)
}

/** Every product by the number of customers who bought it, the most first, ties to the lower index. */
export function popularityOrder(purchases: Csr): Uint32Array {
  return descending(buyersOf(purchases))
}

/** Whether the shop says of any purchase when it was made. */
export function hasTimes({ orders }: Dataset): boolean {
  return orders.timestamp.some((time) => !Number.isNaN(time))
}

/** The least and the greatest number that is not NaN; ∞ and −∞ where there is none. */
function rangeOf(values: Float64Array): [least: number, most: number] {
  let least = Infinity
  let most = -Infinity
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return [least, most]
}
