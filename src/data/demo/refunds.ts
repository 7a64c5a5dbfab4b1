import { BROWSING } from '../browsing.ts'
import { DAY } from '../ranges.ts'
import { CLOSING, type Order } from './customer.ts'
import type { Dice } from './dice.ts'
import { type CsvFolder, dateTime } from './olist-files.ts'
import type { Stock } from './stock.ts'

/** The probability that a delivered product is given back. */
const RETURNED = 0.03
/** The same in one category, whose products often do not fit. */
const RETURNED_OFTEN = 0.2
const OFTEN = 'Cycling'
/** Days after the delivery. */
const AFTER = [2, 14] as const

/** What customers give back, as rows of events.csv: one unit each, some days after it was delivered. */
export class Refunds {
  readonly #folder: CsvFolder
  readonly #stock: Stock
  readonly #dice: Dice
  #customers = 0

  /** @param dice  for returns alone: orders and visits do not depend on them */
  constructor(folder: CsvFolder, stock: Stock, dice: Dice) {
    this.#folder = folder
    this.#stock = stock
    this.#dice = dice
  }

  /** The returns of the next customer. */
  addCustomer(orders: readonly Order[]): void {
    const customer = `customer-${++this.#customers}`
    for (const { delivered, products } of orders) {
      for (const product of new Set(products)) {
        const { sku, category } = this.#stock.products[product]
        const isReturned = this.#dice.happens(category.english === OFTEN ? RETURNED_OFTEN : RETURNED)
        const time = delivered + this.#dice.between(...AFTER) * DAY
        if (!isReturned || time >= CLOSING) continue
        this.#folder.add(BROWSING.file, ['', customer, '', sku, 'RETURN', dateTime(time)])
      }
    }
  }
}
