import type { Limits } from './limits.ts'
import { TokenBuckets, type ThrottleStatus } from './token-bucket.ts'

/** The caller who pays; see `HttpCaller`. */
export interface Spender {
  readonly name: string
  readonly visitor: string
}

/**
 * The points that callers have left. Each key has a bucket. If many visitors share a key (a shop's pages in their
 * browsers), no visitor can empty it for the others: the lower half is a reserve, from which each visitor can take only
 * what their own bucket holds. The upper half is open to all, so that a shop's server, the only visitor of its key, can
 * use the whole rate.
 */
export class RateLimiter {
  readonly #callers: TokenBuckets
  /** The buckets of a key's visitors; null if visitors are not limited. */
  readonly #visitors: TokenBuckets | null
  readonly #reserve: number
  readonly #most: number

  /** @param seconds  the clock; it never goes back */
  constructor(
    {
      rateLimit,
      visitorRateLimit,
    }: { rateLimit: NonNullable<Limits['rateLimit']> } & Pick<Limits, 'visitorRateLimit'>,
    seconds?: () => number,
  ) {
    this.#callers = new TokenBuckets(rateLimit, seconds)
    this.#visitors = visitorRateLimit && new TokenBuckets(visitorRateLimit, seconds)
    this.#reserve = rateLimit.capacity / 2
    this.#most = Math.max(this.#reserve, visitorRateLimit?.capacity ?? 0)
  }

  /** Takes points if the caller has enough. @returns 0, or the seconds until there are enough */
  take(spender: Spender, points: number): number {
    const { name } = spender
    const own = this.#ownBucket(spender)
    if (own === null) return this.#callers.take(name, points)
    const open = this.#callers.wait(name, points + this.#reserve)
    const reserved = Math.max(this.#callers.wait(name, points), own.wait(points))
    const wait = Math.min(open, reserved)
    if (wait === 0) this.charge(spender, points)
    return wait
  }

  /** Takes points even if there are not enough; a visitor's debt belongs to the visitor, not to the key. */
  charge(spender: Spender, points: number): void {
    const { name } = spender
    const own = this.#ownBucket(spender)
    if (own === null) {
      this.#callers.charge(name, points)
      return
    }
    const held = this.#callers.held(name)
    const open = Math.min(points, Math.max(0, held - this.#reserve))
    this.#callers.charge(name, Math.min(points, Math.max(0, held)))
    // What a visitor takes from the open half also counts against their part of the reserve.
    own.charge(points - open + Math.min(open, Math.max(0, own.held() - (points - open))))
  }

  /** Takes points for invalid requests: from the visitor, never from the key that others share. */
  chargeFault(spender: Spender, points: number): void {
    const own = this.#ownBucket(spender)
    if (own === null) this.#callers.charge(spender.name, points)
    else own.charge(points)
  }

  /** The seconds until a caller owes nothing. */
  owes(spender: Spender): number {
    const own = this.#ownBucket(spender)
    return Math.max(this.#callers.wait(spender.name, 0), own?.wait(0) ?? 0)
  }

  /** What a caller may spend at once, and gets back per second. */
  status(spender: Spender): ThrottleStatus {
    const status = this.#callers.status(spender.name)
    const own = this.#ownBucket(spender)
    if (own === null) return status
    const held = this.#callers.held(spender.name)
    const available = Math.max(held - this.#reserve, Math.min(held, own.held()))
    return {
      maximumAvailable: this.#most,
      currentlyAvailable: Math.max(0, Math.floor(available)),
      restoreRate: status.restoreRate,
    }
  }

  /** The number of callers and visitors in memory. */
  get size(): number {
    return this.#callers.size + (this.#visitors?.size ?? 0)
  }

  /** A visitor's own bucket; null if the caller shares no key, or there is no limit. */
  #ownBucket({ name, visitor }: Spender) {
    const visitors = this.#visitors
    if (visitors === null || name === visitor) return null
    const key = `${name} ${visitor}`
    return {
      held: () => visitors.held(key),
      wait: (points: number) => visitors.wait(key, points),
      charge: (points: number) => visitors.charge(key, points),
    }
  }
}
