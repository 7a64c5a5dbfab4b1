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

  /** The products of the highest scores, best first, ties to the lower index; as many as there are up to `first`. */
  best(first: number): Uint32Array {
    // A heap of the best so far with the worst of them on top: nearly every product fails to beat that one, and only
    // then costs anything.
    const heap = new Uint32Array(Math.min(first, this.#count))
    let size = 0
    for (let n = 0; n < this.#count; n++) {
      const product = this.#noted[n]
      if (this.#states[product] !== SCORED) continue
      if (size < heap.length) this.#rise(heap, size++, product)
      else if (size > 0 && this.#beats(product, heap[0])) this.#sink(heap, size, product)
    }
    const scores = this.#scores
    return heap.subarray(0, size).sort((a, b) => scores[b] - scores[a] || a - b)
  }

  /** Whether product a comes before product b. */
  #beats(a: number, b: number): boolean {
    const scores = this.#scores
    return scores[a] > scores[b] || (scores[a] === scores[b] && a < b)
  }

  /** Puts a product at a free place at the end of the heap, and up to where it belongs. */
  #rise(heap: Uint32Array, place: number, product: number): void {
    while (place > 0) {
      const above = (place - 1) >> 1
      if (!this.#beats(heap[above], product)) break
      heap[place] = heap[above]
      place = above
    }
    heap[place] = product
  }

  /** Puts a product in place of the worst, and down to where it belongs. */
  #sink(heap: Uint32Array, size: number, product: number): void {
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= size) break
      if (below + 1 < size && this.#beats(heap[below], heap[below + 1])) below++
      if (!this.#beats(product, heap[below])) break
      heap[place] = heap[below]
      place = below
    }
    heap[place] = product
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
