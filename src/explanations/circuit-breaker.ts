/**
 * Stops calls to a service that keeps failing: after `failures` in a row no call is allowed for `pause` milliseconds,
 * then one. If that one succeeds, calls are allowed again; if it fails, there is another pause.
 */
export class CircuitBreaker {
  readonly #failures: number
  readonly #pause: number
  #inARow = 0
  #openUntil = 0

  constructor({ failures, pause }: { failures: number; pause: number }) {
    this.#failures = failures
    this.#pause = pause
  }

  /** Whether a call may be made now. If so, report how it ends by `succeeded` or `failed`. */
  allows(now: number): boolean {
    if (this.#inARow < this.#failures) return true
    if (now < this.#openUntil) return false
    // This call is the trial; all others wait for another pause.
    this.#openUntil = now + this.#pause
    return true
  }

  succeeded(): void {
    this.#inARow = 0
  }

  failed(now: number): void {
    if (++this.#inARow >= this.#failures) this.#openUntil = now + this.#pause
  }
}
