/**
 * Counts what an operation spends while it is executed. What its estimate covers has been paid for; what goes beyond,
 * since a search took longer than most do, is charged as it is spent.
 */
export class Meter {
  readonly #charge: (points: number) => void
  #paid = 0

  constructor(charge: (points: number) => void) {
    this.#charge = charge
  }

  /** What has been paid for. */
  pay(points: number): void {
    this.#paid += points
  }

  spend(points: number): void {
    const beyond = points - this.#paid
    this.#paid = Math.max(0, -beyond)
    if (beyond > 0) this.#charge(beyond)
  }
}
