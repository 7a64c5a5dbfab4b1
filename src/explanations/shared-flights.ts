/** Work that one process of all that share a store does, while the others wait for what it stores. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../store/explanation-store.ts'
import type { Claims } from '../store/shared-limits.ts'

/** A claim of a process that died ends after so many seconds; a living one keeps it. */
const LIFETIME = 10

/** Milliseconds between two looks for the result of another process: at first, and at most. */
const FIRST_LOOK = 20
const LAST_LOOK = 500

/** The pieces of work of one process. */
export class SharedFlights {
  readonly #claims: Claims | null
  readonly #patience: number
  readonly #log: Log
  readonly #owner = randomUUID()
  #isWarned = false

  /**
   * @param claims  null: no other process shares the work
   * @param patience  how many seconds to wait for another process
   */
  constructor(claims: Claims | null, patience: number, log: Log) {
    this.#claims = claims
    this.#patience = patience
    this.#log = log
  }

  /**
   * Does a piece of work here, unless another process is doing it: then it waits for the result. If claims cannot be read
   * or written, the work is done here.
   * @param find  the stored result; undefined: there is none yet
   * @param work  does the work and stores its result
   * @returns undefined if another process took too long, or stored no result
   * @throws the signal's reason, or what `find` and `work` throw
   */
  async once<Result>(
    key: string,
    find: () => Promise<Result | undefined>,
    work: (signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result | undefined> {
    const claims = this.#claims
    if (claims === null) return work(signal)
    const until = performance.now() + this.#patience * 1000
    for (let look = FIRST_LOOK; ; look = Math.min(2 * look, LAST_LOOK)) {
      if (await this.#claim(claims, key)) return this.#doClaimed(claims, key, find, work, signal)
      if (performance.now() > until) return undefined
      await sleep(look, undefined, { signal })
      const found = await find()
      if (found !== undefined) return found
    }
  }

  async #doClaimed<Result>(
    claims: Claims,
    key: string,
    find: () => Promise<Result | undefined>,
    work: (signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    const keeping = setInterval(() => void this.#claim(claims, key), (LIFETIME * 1000) / 3)
    try {
      // The process before may have ended between two looks.
      const found = await find()
      return found === undefined ? await work(signal) : found
    } finally {
      clearInterval(keeping)
      await claims.release(key, this.#owner).catch((err) => this.#warn(err))
    }
  }

  /** Whether the work is to be done here. */
  async #claim(claims: Claims, key: string): Promise<boolean> {
    try {
      return await claims.claim(key, this.#owner, LIFETIME)
    } catch (err) {
      this.#warn(err)
      return true
    }
  }

  #warn(err: unknown): void {
    if (!this.#isWarned)
      this.#log.warn({ err }, 'other processes may ask a language model the same: claims fail')
    this.#isWarned = true
  }
}
