import type { GraphQLError } from 'graphql'
import { tooManyObjects } from './limit-error.ts'

/**
 * Counts what an operation spends while it is executed. The estimate has been paid already; work beyond it, such as an
 * unusually long search, is charged as it is done.
 */
export class CostMeter {
  readonly #charge: (points: number) => void
  #paid = 0
  #objects = 0

  constructor(charge: (points: number) => void) {
    this.#charge = charge
  }

  /** The cost that has been paid. */
  pay(points: number): void {
    this.#paid += points
  }

  /**
   * Counts objects that are returned: lists that no argument bounds are estimated by how long they usually are.
   * @returns the error, the first time that there are more than `maximum`
   */
  count(objects: number, maximum: number): GraphQLError | null {
    const before = this.#objects
    this.#objects += objects
    return before <= maximum && this.#objects > maximum ? tooManyObjects(this.#objects, maximum) : null
  }

  spend(points: number): void {
    const beyond = points - this.#paid
    this.#paid = Math.max(0, -beyond)
    if (beyond > 0) this.#charge(beyond)
  }
}
