/**
 * Tells when the events change that a customer's lists are made of, whichever process records them. The store is asked
 * at short intervals whether anybody has written to it at all; only then the listeners' customers are looked up.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { EventStore } from './event-store.ts'

/**
 * How long after the last time the store is asked again, in ms; longer where looking its customers up took long, so that it
 * takes a fifth of the time at most.
 */
const INTERVAL = 250
const REST = 4

/** The shortest time between two changes that a listener is told of, in ms: what happens together is told once. */
const SHORTEST = 1000

/** The most listeners of a process, and of one customer. */
const MOST = 1000
const MOST_OF_CUSTOMER = 10

interface Listener {
  readonly customer: string
  /** The version of the customer's history, as last seen; undefined: not yet. */
  version: string | undefined
  isChanged: boolean
  wake: () => void
}

/** There are as many listeners as are allowed. */
export class TooManyListenersError extends Error {
  override readonly name = 'TooManyListenersError'
}

/** The listeners of a process to the changes of one store. */
export class HistoryChanges {
  readonly #events: Pick<EventStore, 'historyVersions' | 'version'>
  readonly #limit: number
  readonly #listeners = new Set<Listener>()
  /** Whether a check is to come, or runs. */
  #isPlanned = false
  #version: string | undefined

  /** @param limit  the latest events of a customer that lists are made of */
  constructor(events: Pick<EventStore, 'historyVersions' | 'version'>, limit: number) {
    this.#events = events
    this.#limit = limit
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
      throw new TooManyListenersError(`${MOST} streams listen to changes here already: that is the limit.`)
    if (ofCustomer >= MOST_OF_CUSTOMER) {
      throw new TooManyListenersError(
        `${MOST_OF_CUSTOMER} streams listen to the changes of this customer already: that is the limit.`,
      )
    }
    const listener: Listener = { customer, version: undefined, isChanged: true, wake: () => {} }
    const leave = () => {
      this.#listeners.delete(listener)
      listener.wake()
    }
    if (signal?.aborted !== true) this.#listeners.add(listener)
    signal?.addEventListener('abort', leave, { once: true })
    this.#plan(INTERVAL)
    return this.#told(listener, leave, signal)
  }

  async *#told(
    listener: Listener,
    leave: () => void,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<void, void, void> {
    try {
      // Before anything is told: what is recorded while the first list is made is a change.
      listener.version = (await this.#events.historyVersions([listener.customer], this.#limit))[0]
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

  #plan(milliseconds: number): void {
    if (this.#isPlanned || this.#listeners.size === 0) return
    this.#isPlanned = true
    setTimeout(() => void this.#check(), milliseconds).unref()
  }

  async #check(): Promise<void> {
    const began = performance.now()
    try {
      const version = await this.#events.version()
      if (version === this.#version) return
      const customers = [...new Set([...this.#listeners].map(({ customer }) => customer))]
      const found = await this.#events.historyVersions(customers, this.#limit)
      const versionOf = new Map(customers.map((customer, i) => [customer, found[i]]))
      this.#version = version
      for (const listener of this.#listeners) this.#compare(listener, versionOf.get(listener.customer))
    } catch {
      // The store cannot be read just now: it is asked again.
    } finally {
      this.#isPlanned = false
      this.#plan(Math.max(INTERVAL, REST * (performance.now() - began)))
    }
  }

  #compare(listener: Listener, version: string | undefined): void {
    if (version === undefined || listener.version === undefined || listener.version === version) return
    listener.version = version
    listener.isChanged = true
    listener.wake()
  }
}
