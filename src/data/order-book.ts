import { Column } from './column.ts'
import type { Orders } from './dataset.ts'
import { IdTableBuilder } from './ids.ts'

/** The orders of a shop that only states its line items. */
export class OrderBook {
  readonly #keys = new IdTableBuilder()
  /** Order by key. */
  readonly #keyed = new Column(Uint32Array)
  readonly #customer = new Column(Uint32Array)
  readonly #timestamp = new Column(Float64Array)
  /** Where each was first read. */
  readonly #line = new Column(Uint32Array)
  /** Customer and time: the key of orders without id. */
  readonly #pair = new Float64Array(2)
  readonly #pairBytes = new Uint8Array(this.#pair.buffer)

  /** The customer whose order `id` is; −1 where there is no such order yet. */
  customerOf(id: string): number {
    const key = this.#keys.indexOf(id)
    return key < 0 ? -1 : this.#customer.values[this.#keyed.values[key]]
  }

  /** How many there are. */
  get count(): number {
    return this.#line.length
  }

  /** The order of that id, or of that customer and time where orders have none; −1 where there is none. */
  indexOf(id: string | undefined, customer: number, timestamp: number): number {
    const key =
      id === undefined ? this.#keys.indexOfEncoded(this.#pairOf(customer, timestamp)) : this.#keys.indexOf(id)
    return key < 0 ? -1 : this.#keyed.values[key]
  }

  /** The line on which an order was first read. */
  lineOf(order: number): number {
    return this.#line.values[order]
  }

  /**
   * The order of a line item, a new one where it is the first of it.
   * @param id  undefined where orders have none: then what one customer bought at one time is an order, and a line
   *   item of unknown time is one by itself. Either all have an id or none.
   * @param timestamp  milliseconds since 1970, UTC; NaN unknown
   * @param line  on which it stands
   */
  place(id: string | undefined, customer: number, timestamp: number, line: number): number {
    if (id === undefined && Number.isNaN(timestamp)) return this.#open(customer, timestamp, line)
    const key =
      id === undefined ? this.#keys.addEncoded(this.#pairOf(customer, timestamp)) : this.#keys.add(id)
    if (key === this.#keyed.length) this.#keyed.push(this.#open(customer, timestamp, line))
    return this.#keyed.values[key]
  }

  /** The orders. Nothing more can be placed. */
  build(): Orders {
    const count = this.#customer.length
    return { count, customer: this.#customer.take(), timestamp: this.#timestamp.take() }
  }

  /** The key of an order without id, in memory that the next call reuses. */
  #pairOf(customer: number, timestamp: number): Uint8Array {
    this.#pair[0] = customer
    this.#pair[1] = timestamp
    return this.#pairBytes
  }

  #open(customer: number, timestamp: number, line: number): number {
    this.#customer.push(customer)
    this.#timestamp.push(timestamp)
    this.#line.push(line)
    return this.#customer.length - 1
  }
}
