import { EXPLANATION_STYLES } from './assortment.ts'
import { cumulate, type Dice } from './dice.ts'
import { appeal, type Stock } from './stock.ts'
import { DAY } from '../ranges.ts'

/** The two years in which the shop sells. */
export const OPENING = Date.UTC(2024, 0, 1)
const DAYS = 731
export const CLOSING = OPENING + DAYS * DAY

/** How kinds of customers differ: what makes the five segments that k-means is to find again. */
interface Character {
  /** The share of all customers. */
  readonly share: number
  readonly orders: readonly [least: number, most: number]
  /** When they buy, from 0 (the opening) to 1 (the closing). */
  readonly active: readonly [from: number, to: number]
  /** Line items beyond the first, on average. */
  readonly appetite: number
  /** The probability of buying again what they bought before. */
  readonly loyalty: number
  /** The probability of choosing the more expensive of two products. */
  readonly luxury: number
  /** The probability that an order comes late. */
  readonly lateness: number
  /** What they add to a review score. */
  readonly mood: number
}

const CHARACTERS: readonly Character[] = [
  // Content and quiet: once or twice, at any time.
  {
    share: 45,
    orders: [1, 2],
    active: [0, 1],
    appetite: 0.3,
    loyalty: 0.05,
    luxury: 0,
    lateness: 0.03,
    mood: 0,
  },
  // Enthusiasts: lately, often, and full of praise.
  {
    share: 25,
    orders: [2, 5],
    active: [0.55, 1],
    appetite: 0.7,
    loyalty: 0.1,
    luxury: 0.1,
    lateness: 0.02,
    mood: 0.5,
  },
  // Let down: late deliveries, poor reviews, gone.
  {
    share: 15,
    orders: [1, 2],
    active: [0, 0.6],
    appetite: 0.3,
    loyalty: 0,
    luxury: 0.1,
    lateness: 0.75,
    mood: -0.5,
  },
  // Loyal: all the time, the same things again.
  {
    share: 10,
    orders: [5, 12],
    active: [0, 1],
    appetite: 0.5,
    loyalty: 0.35,
    luxury: 0,
    lateness: 0.05,
    mood: 0.2,
  },
  // Spenders: few orders, large and expensive.
  {
    share: 5,
    orders: [1, 4],
    active: [0.2, 1],
    appetite: 2.5,
    loyalty: 0.05,
    luxury: 1,
    lateness: 0.05,
    mood: 0,
  },
]

const SHARES = cumulate(CHARACTERS.map(({ share }) => share))

/** The share of customers who registered but never bought. */
const COLD = 0.01
/** The probability that a product is bought together with a companion. */
const COMPLEMENTED = 0.3
/** The probability that two units of a product are bought. */
const DOUBLED = 0.06
const REVIEWED = 0.85
/** How the year goes: how many orders each month draws, the best one 1. */
const SEASON = [0.5, 0.5, 0.55, 0.6, 0.65, 0.6, 0.55, 0.55, 0.65, 0.7, 0.95, 1]

export interface Order {
  /** Milliseconds since 1970, like the two below. */
  readonly purchased: number
  readonly delivered: number
  readonly promised: number
  /** Line items: indices into `Stock.products`. */
  readonly products: readonly number[]
  /** 1 to 5; undefined where the customer gave no review. */
  readonly score: number | undefined
}

/** A customer of the shop, with a character and a taste. */
export class Customer {
  readonly #dice: Dice
  readonly #stock: Stock
  readonly #character: Character
  /** The department they like best. */
  readonly #favourite: number
  readonly #second: number
  readonly #style: number
  readonly #bought: number[] = []

  constructor(dice: Dice, stock: Stock) {
    this.#dice = dice
    this.#stock = stock
    this.#character = CHARACTERS[dice.weighted(SHARES)]
    this.#favourite = dice.between(0, stock.departments - 1)
    this.#second = dice.between(0, stock.departments - 1)
    this.#style = dice.between(0, EXPLANATION_STYLES - 1)
  }

  /** Everything they ever order, first things first. */
  orders(): Order[] {
    if (this.#dice.happens(COLD)) return []
    const [least, most] = this.#character.orders
    const times = Array.from({ length: this.#dice.between(least, most) }, () => this.#time())
    return times.sort((a, b) => a - b).map((time) => this.#order(time))
  }

  #time(): number {
    const [from, to] = this.#character.active
    for (;;) {
      const day = Math.floor(DAYS * (from + (to - from) * this.#dice.unit()))
      const time = OPENING + day * DAY + this.#dice.between(7 * 3600, 23 * 3600) * 1000
      if (this.#dice.happens(SEASON[monthOf(time)])) return time
    }
  }

  #order(purchased: number): Order {
    const products = this.#items(monthOf(purchased))
    const promised = startOfDay(purchased) + this.#dice.between(10, 20) * DAY
    const late = this.#dice.happens(this.#character.lateness)
    const delivered = late
      ? promised + Math.floor((1 + 13 * this.#dice.unit()) * DAY)
      : purchased + Math.floor((2 + 7 * this.#dice.unit()) * DAY)
    this.#bought.push(...products)
    return { purchased, delivered, promised, products, score: this.#score(products, late) }
  }

  #items(month: number): number[] {
    const { appetite, loyalty } = this.#character
    const items: number[] = []
    for (let more = Math.round(2 * appetite * this.#dice.unit()); more >= 0; more--) {
      const again = this.#bought.length > 0 && this.#dice.happens(loyalty)
      const item = again ? this.#dice.pick(this.#bought) : this.#wish(month)
      items.push(item)
      if (this.#dice.happens(DOUBLED)) items.push(item)
      if (this.#dice.happens(COMPLEMENTED)) items.push(this.#stock.complement(item))
    }
    return items
  }

  /** A product to their taste, in its season rather than out of it. */
  #wish(month: number): number {
    const { products } = this.#stock
    for (;;) {
      let product = this.#find()
      if (this.#dice.happens(this.#character.luxury)) {
        const other = this.#find()
        if (products[other].price > products[product].price) product = other
      }
      if (this.#dice.happens(appeal(products[product], month))) return product
    }
  }

  #find(): number {
    const mind = this.#dice.unit()
    let department = this.#dice.between(0, this.#stock.departments - 1)
    if (mind < 0.65) department = this.#favourite
    else if (mind < 0.85) department = this.#second
    return this.#stock.choose(this.#dice, department, this.#style)
  }

  #score(products: readonly number[], late: boolean): number | undefined {
    if (!this.#dice.happens(REVIEWED)) return undefined
    const flaw = Math.min(...products.map((product) => this.#stock.products[product].flaw))
    const score = 4.4 + this.#character.mood + flaw + (late ? -2.3 : 0) + 0.6 * this.#dice.bell()
    return Math.min(5, Math.max(1, Math.round(score)))
  }
}

function monthOf(time: number): number {
  return new Date(time).getUTCMonth()
}

function startOfDay(time: number): number {
  return time - (time % DAY)
}
