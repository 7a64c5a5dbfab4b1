/** The purchases of a store's customers, less what they returned, as the columns of a data set. */
import { Column, gather } from '../data/column.ts'
import { DataError } from '../data/data-error.ts'
import type { Dataset } from '../data/dataset.ts'
import { IdTableBuilder } from '../data/ids.ts'
import { Returns, withoutReturned } from '../data/returns.ts'
import { SellerColumn } from '../data/seller-column.ts'
import { Numbering } from '../data/subset.ts'
import type { StoredPurchase } from './imported-history.ts'

type Sales = Pick<Dataset, 'customers' | 'products' | 'interactions' | 'orders' | 'sellers' | 'warnings'>

/** Events in any order, a few dozen bytes each. */
export class StoredPurchases {
  // Customers, products and orders are numbered as they are met; what they are in the data set, `finish` says.
  readonly #people = new IdTableBuilder()
  readonly #goods = new IdTableBuilder()
  readonly #orders = new IdTableBuilder()
  readonly #person = new Column(Uint32Array)
  readonly #good = new Column(Uint32Array)
  readonly #order = new Column(Uint32Array)
  readonly #quantity = new Column(Float32Array)
  readonly #price = new Column(Float64Array)
  readonly #at = new Column(Float64Array)
  readonly #review = new Column(Float32Array)
  readonly #delay = new Column(Float32Array)
  /** Beyond all places where an event was not imported. */
  readonly #place = new Column(Float64Array)
  readonly #sellers = new IdTableBuilder()
  /** −1: unknown. */
  readonly #seller = new Column(Int32Array)
  readonly #returned: {
    readonly person: number
    readonly good: number
    readonly units: number
    readonly at: number
    readonly order: string | undefined
  }[] = []

  /** How many purchases and returns there are. */
  get count(): number {
    return this.#at.length + this.#returned.length
  }

  /** Adds a purchase or a return. */
  add({ customer, product, kind, at, quantity, orderId, ...event }: StoredPurchase): void {
    const person = this.#people.add(customer)
    const good = this.#goods.add(product)
    const order = orderId === null ? undefined : `${person} id ${orderId}`
    if (kind === 'RETURN') {
      this.#returned.push({ person, good, units: quantity ?? 1, at, order })
      return
    }
    this.#person.push(person)
    this.#good.push(good)
    // What a customer buys at one time is one order, unless the shop says otherwise.
    this.#order.push(this.#orders.add(order ?? `${person} at ${at}`))
    this.#quantity.push(quantity ?? 1)
    this.#price.push(event.price ?? NaN)
    this.#at.push(at)
    this.#review.push(event.reviewScore ?? NaN)
    this.#delay.push(event.deliveryDelayDays ?? NaN)
    this.#place.push(event.place ?? Number.MAX_VALUE)
    this.#seller.push(event.seller === null ? -1 : this.#sellers.add(event.seller))
  }

  /**
   * The columns, in the order of the files that the purchases were imported from, then by time; orders and sellers in the
   * order of their first purchase, with all columns of orders. The purchases are used up.
   * @param customers,products  those that are known already; others follow them, in the order of their first purchase
   * @param file  the store, for errors
   * @throws {DataError} if there is no purchase, or all were returned
   */
  finish(customers: IdTableBuilder, products: IdTableBuilder, file: string): Sales {
    const { length } = this.#at
    const { unmatched, ...sales } = this.sales(customers, products) ?? {}
    if (!('interactions' in sales)) {
      const what = length === 0 ? 'no purchase of a customer' : 'only purchases that were returned'
      throw new DataError(`holds ${what}: there is nothing to train on`, { file })
    }
    if (!unmatched) return sales
    return {
      ...sales,
      warnings: [
        `${file}: ${Number(unmatched.toPrecision(9))} units were returned that the same customer had not bought ` +
          'before. These are left out: is a part of the history missing?',
      ],
    }
  }

  /**
   * As `finish`, with the units returned that had not been bought; undefined where nothing was bought, or all was returned.
   */
  sales(
    customers = new IdTableBuilder(),
    products = new IdTableBuilder(),
  ): (Omit<Sales, 'warnings'> & { readonly unmatched: number }) | undefined {
    if (this.#at.length === 0) return undefined
    const [place, at] = [this.#place.take(), this.#at.take()]
    const sorted = Uint32Array.from(place.keys()).sort(
      (a, b) => place[a] - place[b] || at[a] - at[b] || a - b,
    )
    const customerOf = numbersIn(customers, this.#people)
    const productOf = numbersIn(products, this.#goods)
    const customer = gather(this.#person.take(), sorted).map(customerOf)
    const product = gather(this.#good.take(), sorted).map(productOf)
    const numbers = new Numbering(this.#orders.size)
    const order = gather(this.#order.take(), sorted).map((key) => numbers.of(key))
    const orderKeys = numbers.former()
    // The first line of an order says when it was, and what was thought of it.
    const firstLines = new Uint32Array(orderKeys.length)
    for (let line = order.length - 1; line >= 0; line--) firstLines[order[line]] = line
    const bought = {
      count: order.length,
      customer,
      product,
      order,
      quantity: gather(this.#quantity.take(), sorted),
      price: gather(this.#price.take(), sorted),
      seller: gather(this.#seller.take(), sorted),
    }
    const placed = {
      count: firstLines.length,
      customer: gather(customer, firstLines),
      timestamp: gather(gather(at, sorted), firstLines),
    }
    const returns = new Returns()
    for (const { person, good, units, at: time, order: key } of this.#returned)
      returns.push(customerOf(person), productOf(good), units, time, key)
    const numberOf = new Map(Array.from(this.#returned.length > 0 ? orderKeys : [], (key, i) => [key, i]))
    const { left, unmatched } = returns.takeOff(
      bought,
      placed,
      products.size,
      (key) => numberOf.get(this.#orders.indexOf(key)) ?? -1,
    )
    const { interactions, orders, keptOrders } = withoutReturned(bought, placed, left)
    if (interactions.count === 0) return undefined
    const { seller: met, ...kept } = interactions
    const { sellers, seller } = this.#soldBy(met!)
    const keptLines = keptOrders ? gather(firstLines, keptOrders) : firstLines
    return {
      customers: customers.build(),
      products: products.build(),
      interactions: { ...kept, ...(seller && { seller }) },
      orders: {
        ...orders,
        reviewScore: gather(gather(this.#review.take(), sorted), keptLines),
        deliveryDelayDays: gather(gather(this.#delay.take(), sorted), keptLines),
      },
      ...(sellers && { sellers }),
      unmatched,
    }
  }

  /** The sellers in the order of their first sale. @param met  of each purchase, as they were met */
  #soldBy(met: Int32Array) {
    const ids = this.#sellers.build()
    const sold = new SellerColumn()
    for (const seller of met) sold.push(seller < 0 ? '' : ids.at(seller))
    return sold.finish()
  }
}

/** The number in `known` of an id that was met, by its number there; ids that are not known are added when asked for. */
function numbersIn(known: IdTableBuilder, met: IdTableBuilder): (id: number) => number {
  const ids = met.build()
  const numbers = new Int32Array(ids.size).fill(-1)
  return (id) => {
    if (numbers[id] < 0) numbers[id] = known.add(ids.at(id))
    return numbers[id]
  }
}
