/**
 * Tells when the events change that a customer's lists are made of, whichever process records them. The store is asked
 * at short intervals whether anybody has written to it at all; only then the listeners' customers are looked up.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { EventStore } from './event-store.ts'

/** How often the store is asked, in ms. */
const INTERVAL = 250

/** The shortest time between two changes that a listener is told of, in ms: what happens together is told once. */
const SHORTEST = 1000

/** The most listeners of a process, and of one customer. */
const MOST = 1000
const MOST_OF_CUSTOMER = 10

interface Listener {
  readonly customer: string
  /** The number of the customer's events, as last seen; undefined: not yet. */
  count: number | undefined
  isChanged: boolean
  wake: () => void
}

/** There are as many listeners as are allowed. */
export class TooManyListenersError extends Error {
  override readonly name = 'TooManyListenersError'
}

/** The listeners of a process to the changes of one store. */
export class HistoryChanges {
  readonly #events: Pick<EventStore, 'counts' | 'version'>
  readonly #listeners = new Set<Listener>()
  #timer: NodeJS.Timeout | undefined
  #version: string | undefined
  #isChecking = false

  constructor(events: Pick<EventStore, 'counts' | 'version'>) {
    this.#events = events
  }

  /** How many there are. */
  get size(): number {
    return this.#listeners.size
  }

  /**
   * Yields at once, and then whenever the customer's events have changed since the last time, at most once a second.
   * @param customer  the shop's own id, known or not
   * @param signal  ends it, also before it was begun
   * @throws {TooManyListenersError} at the call
   * @throws {StoreError} if the store cannot be read at first; later it is asked again
   */
  listen(customer: string, signal?: AbortSignal): AsyncGenerator<void, void, void> {
    const ofCustomer = [...this.#listeners].filter((other) => other.customer === customer).length
    if (this.#listeners.size >= MOST)
      throw new TooManyListenersError(`${MOST} listen to changes here already, which is the most.`)
    if (ofCustomer >= MOST_OF_CUSTOMER) {
      throw new TooManyListenersError(
        `${MOST_OF_CUSTOMER} listen to the changes of this customer already, which is the most.`,
      )
    }
    const listener: Listener = { customer, count: undefined, isChanged: true, wake: () => {} }
    const leave = () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#stop()
      listener.wake()
    }
    if (signal?.aborted !== true) this.#listeners.add(listener)
    signal?.addEventListener('abort', leave, { once: true })
    this.#timer ??= setInterval(() => void this.#check(), INTERVAL).unref()
    return this.#told(listener, leave, signal)
  }

  async *#told(
    listener: Listener,
    leave: () => void,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<void, void, void> {
    try {
      // Before anything is told: what is recorded while the first list is made is a change.
      listener.count = (await this.#events.counts([listener.customer]))[0]
      while (this.#listeners.has(listener)) {
        if (listener.isChanged) {
          listener.isChanged = false
          yield
          await pause(SHORTEST, undefined, { signal, ref: false }).catch(() => {})
        } else {
          await new Promise<void>((resolve) => (listener.wake = resolve))
        }
      }
    } finally {
      leave()
    }
  }

  async #check(): Promise<void> {
    if (this.#isChecking) return
    this.#isChecking = true
    try {
      const version = await this.#events.version()
      if (version === this.#version) return
      const customers = [...new Set([...this.#listeners].map(({ customer }) => customer))]
      const counts = await this.#events.counts(customers)
      const countOf = new Map(customers.map((customer, i) => [customer, counts[i]]))
      this.#version = version
      for (const listener of this.#listeners) this.#compare(listener, countOf.get(listener.customer))
    } catch {
      // The store cannot be read just now: it is asked again.
    } finally {
      this.#isChecking = false
    }
  }

  #compare(listener: Listener, count: number | undefined): void {
    if (count === undefined || listener.count === undefined || listener.count === count) return
    listener.count = count
    listener.isChanged = true
    listener.wake()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#version = undefined
  }
}
