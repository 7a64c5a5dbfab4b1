interface Flight<Result> {
  readonly result: Promise<Result>
  readonly controller: AbortController
  waiting: number
}

/** Runs simultaneous requests of the same key only once. */
export class SingleFlight<Result> {
  readonly #flights = new Map<string, Flight<Result>>()

  /**
   * Joins the running work of a key, or starts it.
   * @param signal  stops waiting; the work is cancelled when nobody waits for it any longer
   * @param start  receives the signal of the work, which is not the signal of one caller
   * @throws the signal's reason, or what `start` throws
   */
  async run(
    key: string,
    signal: AbortSignal | undefined,
    start: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    signal?.throwIfAborted()
    const flight = this.#flights.get(key) ?? this.#launch(key, start)
    flight.waiting++
    try {
      return await orAborted(flight.result, signal)
    } finally {
      if (--flight.waiting === 0) {
        if (this.#flights.get(key) === flight) this.#flights.delete(key)
        flight.controller.abort()
      }
    }
  }

  #launch(key: string, start: (signal: AbortSignal) => Promise<Result>): Flight<Result> {
    const controller = new AbortController()
    const flight = { result: start(controller.signal), controller, waiting: 0 }
    this.#flights.set(key, flight)
    return flight
  }
}

function orAborted<Result>(result: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return result
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
