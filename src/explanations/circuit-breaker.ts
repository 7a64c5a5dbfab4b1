/**
 * Stops asking a service that keeps failing: after `failures` in a row nothing is let through for `pause`
 * milliseconds, then one trial; its success closes the circuit, its failure opens it for another pause.
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

  /** Whether a call may be made now; where it may, `succeeded` or `failed` has to be told. */
  allows(now: number): boolean {
    if (this.#inARow < this.#failures) return true
    if (now < this.#openUntil) return false
    // This one is the trial; the others wait for another pause.
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
