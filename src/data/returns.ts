/**
 * Returned units, which shops write as rows with a quantity below 0. Each takes its units off what the same customer
 * bought of the same product: first in the same order, then the latest purchase up to the time of the return, and so
 * on back. Purchases of unknown time count as the earliest, and a return of unknown time as the latest. A purchase of
 * which nothing is left never was one. Units that were not bought as far as the data goes are left over, and counted.
 */
import { Column, gather } from './column.ts'
import type { Interactions, Orders } from './dataset.ts'
import { Numbering } from './subset.ts'

/** Below this part of what was bought a remainder is rounding, as in 0.3 − 0.1 − 0.2. */
export const ROUNDING = 1e-6

/** The warning about returned units that were not bought. @param which  which rows of the file returns are */
export function unmatchedWarning(file: string, units: number, which: string): string {
  return (
    `${file}: ${Number(units.toPrecision(9))} units were returned (rows ${which}) that the same customer had not bought ` +
    'before, as far as the files go. These are left out: is a part of the history missing?'
  )
}

type Columns = Pick<Interactions, 'customer' | 'product' | 'order' | 'quantity'>

/**
 * Purchases and their orders without what was returned.
 * @param left  units of each purchase; undefined: all of them
 * @returns also the former indices of the orders that are kept (absent: they are as before) and of those that are gone
 */
export function withoutReturned(
  interactions: Interactions,
  orders: Pick<Orders, 'count' | 'customer' | 'timestamp'>,
  left: Float64Array | undefined,
) {
  if (left === undefined) return { interactions, orders, goneOrders: new Uint32Array(0) }
  const kept = Uint32Array.from(left.keys()).filter((purchase) => left[purchase] > 0)
  const numbers = new Numbering(orders.count)
  const order = gather(interactions.order, kept).map((former) => numbers.of(former))
  const keptOrders = numbers.former()
  const isKept = new Set(keptOrders)
  return {
    interactions: {
      count: kept.length,
      customer: gather(interactions.customer, kept),
      product: gather(interactions.product, kept),
      order,
      quantity: Float32Array.from(kept, (purchase) => left[purchase]),
      price: gather(interactions.price, kept),
      ...(interactions.seller && { seller: gather(interactions.seller, kept) }),
    },
    orders: {
      count: keptOrders.length,
      customer: gather(orders.customer, keptOrders),
      timestamp: gather(orders.timestamp, keptOrders),
    },
    keptOrders,
    goneOrders: Uint32Array.from({ length: orders.count }, (_, i) => i).filter((i) => !isKept.has(i)),
  }
}

/** The returns of a file, in the order of its rows. */
export class Returns {
  readonly #customer = new Column(Uint32Array)
  readonly #product = new Column(Uint32Array)
  readonly #units = new Column(Float64Array)
  readonly #time = new Column(Float64Array)
  readonly #orderIds: (string | undefined)[] = []

  /** @param units  above 0. @param time  ms since 1970; NaN unknown. @param orderId  as the row has it */
  push(customer: number, product: number, units: number, time: number, orderId: string | undefined): void {
    this.#customer.push(customer)
    this.#product.push(product)
    this.#units.push(units)
    this.#time.push(time)
    this.#orderIds.push(orderId)
  }

  /**
   * What is left of each purchase, 0 where all was returned.
   * @param products  how many the data names
   * @param orderOf  the order of an id; −1 where nothing was bought in it
   * @returns the units left, parallel to the purchases, or undefined where nothing was returned; and the returned units
   *   that had not been bought
   */
  takeOff(
    { customer, product, order, quantity }: Columns,
    { timestamp }: Pick<Orders, 'timestamp'>,
    products: number,
    orderOf: (id: string) => number,
  ): { readonly left?: Float64Array; readonly unmatched: number } {
    if (this.count === 0) return { unmatched: 0 }
    const left = Float64Array.from(quantity)
    const bought = this.#purchases(customer, product, products)
    const timeOf = (purchase: number) => {
      const time = timestamp[order[purchase]]
      return Number.isNaN(time) ? -Infinity : time
    }
    let unmatched = 0
    for (let i = 0; i < this.#customer.length; i++) {
      const key = this.#customer.values[i] * products + this.#product.values[i]
      const returned = Number.isNaN(this.#time.values[i]) ? Infinity : this.#time.values[i]
      const id = this.#orderIds[i]
      const own = id === undefined ? -1 : orderOf(id)
      const purchases = bought
        .get(key)!
        .filter((purchase) => left[purchase] > 0 && (order[purchase] === own || timeOf(purchase) <= returned))
        .sort((a, b) => Number(order[b] === own) - Number(order[a] === own) || timeOf(b) - timeOf(a) || b - a)
      let units = this.#units.values[i]
      for (const purchase of purchases) {
        const taken = Math.min(units, left[purchase])
        units -= taken
        left[purchase] -= taken
        if (left[purchase] < ROUNDING * quantity[purchase]) left[purchase] = 0
        if (units === 0) break
      }
      if (units >= ROUNDING * this.#units.values[i]) unmatched += units
    }
    return { left, unmatched }
  }

  get count(): number {
    return this.#customer.length
  }

  /** The purchases of each customer and product with a return. */
  #purchases(customer: Uint32Array, product: Uint32Array, products: number): Map<number, number[]> {
    const bought = new Map<number, number[]>()
    // A pair as one number: exact up to 2⁵³.
    for (let i = 0; i < this.count; i++) {
      bought.set(this.#customer.values[i] * products + this.#product.values[i], [])
    }
    for (let i = 0; i < customer.length; i++) bought.get(customer[i] * products + product[i])?.push(i)
    return bought
  }
}
