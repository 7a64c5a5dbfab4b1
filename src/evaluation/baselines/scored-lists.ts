import { Work } from '../../kernels/work.ts'
import type { FittedSystem } from '../system.ts'
import type { TestCase } from '../trial.ts'

/** Nothing has been said of the product yet; it has a score; it may not be listed. */
const UNKNOWN = 0
const SCORED = 1
const EXCLUDED = 2

/**
 * The scores of one customer's products, most of them without a score: sums in a dense row, and a list of those to
 * clear before the next customer.
 */
export class Scoreboard {
  readonly #scores: Float64Array
  readonly #states: Uint8Array
  /** The products that are not UNKNOWN, as they came. */
  readonly #noted: Uint32Array
  #count = 0

  constructor(products: number) {
    this.#scores = new Float64Array(products)
    this.#states = new Uint8Array(products)
    this.#noted = new Uint32Array(products)
  }

  /** Wipes all scores and exclusions. */
  clear(): void {
    for (let n = 0; n < this.#count; n++) this.#states[this.#noted[n]] = UNKNOWN
    this.#count = 0
  }

  /** The product may not be listed, whatever is added to it. */
  exclude(product: number): void {
    if (this.#states[product] === UNKNOWN) this.#noted[this.#count++] = product
    this.#states[product] = EXCLUDED
  }

  /** @param amount  a finite number, which is the score or is added to it */
  add(product: number, amount: number): void {
    if (this.#states[product] === SCORED) this.#scores[product] += amount
    else if (this.#states[product] === UNKNOWN) {
      this.#states[product] = SCORED
      this.#scores[product] = amount
      this.#noted[this.#count++] = product
    }
  }

  /** The score of a product that has one, else 0. */
  scoreOf(product: number): number {
    return this.#states[product] === SCORED ? this.#scores[product] : 0
  }

  /** Replaces every score. */
  rescale(scale: (product: number, score: number) => number): void {
    for (const product of this.#scored()) this.#scores[product] = scale(product, this.#scores[product])
  }

  /** The products of the highest scores, best first, ties to the lower index; as many as there are up to `first`. */
  best(first: number): Uint32Array {
    const best = new Uint32Array(Math.min(first, this.#count))
    const scores = this.#scores
    const beats = (a: number, b: number) => scores[a] > scores[b] || (scores[a] === scores[b] && a < b)
    let size = 0
    // Nearly every product fails to beat the last of the list, and only then costs anything.
    for (const product of this.#scored()) {
      if (size === best.length && !(size > 0 && beats(product, best[size - 1]))) continue
      let place = size < best.length ? size++ : size - 1
      for (; place > 0 && beats(product, best[place - 1]); place--) best[place] = best[place - 1]
      best[place] = product
    }
    return best.subarray(0, size)
  }

  /** The best, and where fewer than `first` have a score, those without one in the order of `others` after them. */
  listOf(first: number, others: Uint32Array): Uint32Array {
    const best = this.best(first)
    if (best.length === first) return best
    const list = new Uint32Array(first)
    list.set(best)
    let size = best.length
    for (let n = 0; n < others.length && size < first; n++) {
      if (this.#states[others[n]] === UNKNOWN) list[size++] = others[n]
    }
    return list.subarray(0, size)
  }

  #scored(): Uint32Array {
    return this.#noted.subarray(0, this.#count).filter((product) => this.#states[product] === SCORED)
  }
}

/**
 * A system that has something to say of some products, and goes on with the others in one order for all: the best
 * scores first, ties to the lower index. Under `discovery` nothing from the history is listed.
 * @param others  products in the order in which they follow
 * @param score  adds what speaks for each product to an empty board
 */
export function scoredLists(
  products: number,
  others: Uint32Array,
  score: (testCase: TestCase, scores: Scoreboard) => void,
): FittedSystem {
  const scores = new Scoreboard(products)
  return {
    async recommend(cases, task, first, work = new Work()) {
      const lists: Uint32Array[] = []
      for (const testCase of cases) {
        const turn = work.pause()
        if (turn) await turn
        scores.clear()
        if (task === 'discovery') for (const { product } of testCase.history) scores.exclude(product)
        score(testCase, scores)
        lists.push(scores.listOf(first, others))
      }
      return lists
    },
    close() {},
  }
}
