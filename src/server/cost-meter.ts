import type { GraphQLError } from 'graphql'
import { tooManyObjects } from './limit-error.ts'

/**
 * Counts what an operation costs while it is executed. The estimate has already been paid; work beyond it, such as an
 * unusually long search, is charged while it is done.
 */
export class CostMeter {
  readonly #charge: (points: number) => void
  #paid = 0
  #objects = 0

  constructor(charge: (points: number) => void) {
    this.#charge = charge
  }

  /** Adds a cost that has been paid. */
  pay(points: number): void {
    this.#paid += points
  }

  /**
   * Counts returned objects: lists without a page argument are estimated by their usual length, and may be longer.
   * @returns the error, the first time that there are more than `maximum`
   */
  count(objects: number, maximum: number): GraphQLError | null {
    const before = this.#objects
    this.#objects += objects
    return before <= maximum && this.#objects > maximum ? tooManyObjects(this.#objects, maximum) : null
  }

  /** Charges the part of the points that has not been paid. */
  spend(points: number): void {
    const beyond = points - this.#paid
    this.#paid = Math.max(0, -beyond)
    if (beyond > 0) this.#charge(beyond)
  }
}
