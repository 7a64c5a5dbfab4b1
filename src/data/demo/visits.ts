import { EXPLANATION_STYLES } from './assortment.ts'
import type { InterestKind } from '../browsing.ts'
import { BROWSING } from '../browsing.ts'
import { CLOSING, OPENING, type Order } from './customer.ts'
import type { Dice } from './dice.ts'
import { type CsvFolder, dateTime } from './olist-files.ts'
import type { Stock } from './stock.ts'

/** The probability that the visit before an order was recorded. */
const RECORDED = 0.8
/** The probability that something like a product was looked at before it. */
const COMPARED = 0.6
/** A customer's visits without an order, at most. */
const MOST_ABANDONED = 3
/** Visitors to a customer. */
const VISITORS = 0.5
/** Products looked at in a visit without an order. */
const LENGTH = [2, 7] as const
/** The probability that one of them is put into the cart. */
const CARTED = 0.25
/** What is looked at next: something like this, what goes with it, else anything. */
const NEXT_IS_ALIKE = 0.5
const NEXT_IS_COMPLEMENT = 0.3

interface Step {
  readonly product: number
  readonly kind: InterestKind
}

/**
 * What customers and visitors look at and put into the cart. Before an order they look at what they will order, and at
 * products like it; without one they go from a product to one like it or one that goes with it: a visit tells how it
 * goes on.
 * @param dice  for visits alone: orders do not depend on them
 */
export class Visits {
  readonly #folder: CsvFolder
  readonly #stock: Stock
  readonly #dice: Dice
  #customers = 0
  #visitors = 0
  #visits = 0

  constructor(folder: CsvFolder, stock: Stock, dice: Dice) {
    this.#folder = folder
    this.#stock = stock
    this.#dice = dice
  }

  /** The visits of the next customer, and those of visitors in between. */
  addCustomer(orders: readonly Order[]): void {
    const dice = this.#dice
    const person = { customer: `customer-${++this.#customers}` }
    for (const { purchased, products } of orders) {
      if (!dice.happens(RECORDED)) continue
      const steps = this.#beforeOrder([...new Set(products)])
      this.#add(person, steps, purchased - (steps.length + 1) * 90_000)
    }
    for (let more = dice.between(0, MOST_ABANDONED); more > 0 && orders.length > 0; more--) {
      const from = dice.pick(dice.pick(orders).products)
      this.#add(person, this.#walk(from), this.#time())
    }
    if (!dice.happens(VISITORS)) return
    this.#add({ visitor: `visitor-${++this.#visitors}` }, this.#walk(this.#any()), this.#time())
  }

  #beforeOrder(products: readonly number[]): Step[] {
    return products.flatMap((product) => {
      const other = this.#dice.happens(COMPARED) ? this.#stock.alike(this.#dice, product) : product
      return [
        ...(other === product ? [] : [{ product: other, kind: 'VIEW' as const }]),
        { product, kind: 'VIEW' as const },
        { product, kind: 'CART' as const },
      ]
    })
  }

  #walk(from: number): Step[] {
    const dice = this.#dice
    const steps: Step[] = []
    let product = from
    for (let more = dice.between(...LENGTH); more > 0; more--) {
      steps.push({ product, kind: 'VIEW' })
      if (dice.happens(CARTED)) steps.push({ product, kind: 'CART' })
      product = this.#next(product)
    }
    return steps
  }

  #next(product: number): number {
    const mind = this.#dice.unit()
    if (mind < NEXT_IS_ALIKE) return this.#stock.alike(this.#dice, product)
    return mind < NEXT_IS_ALIKE + NEXT_IS_COMPLEMENT ? this.#stock.complement(product) : this.#any()
  }

  #any(): number {
    const { departments } = this.#stock
    return this.#stock.choose(
      this.#dice,
      this.#dice.between(0, departments - 1),
      this.#dice.between(0, EXPLANATION_STYLES - 1),
    )
  }

  #time(): number {
    // An hour before the closing at the latest: a visit takes minutes.
    return OPENING + Math.floor(((CLOSING - OPENING - 3_600_000) * this.#dice.unit()) / 1000) * 1000
  }

  #add(
    { customer, visitor }: { customer?: string; visitor?: string },
    steps: readonly Step[],
    start: number,
  ): void {
    const session = `session-${++this.#visits}`
    for (const [i, { product, kind }] of steps.entries()) {
      const { sku } = this.#stock.products[product]
      const time = start + i * 90_000 + this.#dice.between(0, 80) * 1000
      this.#folder.add(BROWSING.file, [session, customer, visitor, sku, kind, dateTime(time)])
    }
  }
}
