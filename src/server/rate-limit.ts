import type { Limits } from './limits.ts'
import { TokenBuckets, type ThrottleStatus } from './token-bucket.ts'

/** The caller who pays; see `HttpCaller`. */
export interface Spender {
  readonly name: string
  readonly visitor: string
}

/** What callers may spend, in points. */
export interface RateLimits {
  /**
   * Asks the store about a caller of whom this process knows nothing, so that `owes` and `status` say what other
   * processes know. Undefined: there is nothing to wait for.
   */
  look(spender: Spender): Promise<void> | undefined
  /** Takes points if the caller has enough. @returns 0, or the seconds until there are enough */
  take(spender: Spender, points: number): number | Promise<number>
  /** Takes points even if there are not enough; a visitor's debt belongs to the visitor, not to the key. */
  charge(spender: Spender, points: number): void
  /** Takes points for invalid requests: from the visitor, never from the key that others share. */
  chargeFault(spender: Spender, points: number): void
  /** The seconds until a caller owes nothing. */
  owes(spender: Spender): number
  /** What a caller may spend at once, and gets back per second. */
  status(spender: Spender): ThrottleStatus
}

/** The rates of keys and their visitors. */
export interface Rates extends Pick<Limits, 'visitorRateLimit'> {
  readonly rateLimit: NonNullable<Limits['rateLimit']>
}

/** What a caller and a visitor hold. */
export interface Held {
  /** The bucket of the key, or of the address. */
  readonly caller: number
  /** The visitor's own bucket; null if the caller shares no key, or visitors are not limited. */
  readonly own: number | null
}

/** How the points of a key are shared among its visitors: the lower half of its bucket is a reserve. */
export class VisitorShares {
  readonly #rates: Rates
  readonly reserve: number
  readonly #most: number

  constructor(rates: Rates) {
    this.#rates = rates
    this.reserve = rates.rateLimit.capacity / 2
    this.#most = Math.max(this.reserve, rates.visitorRateLimit?.capacity ?? 0)
  }

  /** The seconds until a caller has so many points. */
  wait(points: number, { caller, own }: Held): number {
    const { rateLimit, visitorRateLimit } = this.#rates
    const key = (least: number) => Math.max(0, least - caller) / rateLimit.perSecond
    if (own === null) return key(points)
    const visitor = Math.max(0, points - own) / visitorRateLimit!.perSecond
    return Math.min(key(points + this.reserve), Math.max(key(points), visitor))
  }

  /** The seconds until neither owes anything. */
  debt({ caller, own }: Held): number {
    const { rateLimit, visitorRateLimit } = this.#rates
    const key = Math.max(0, -caller) / rateLimit.perSecond
    return own === null ? key : Math.max(key, Math.max(0, -own) / visitorRateLimit!.perSecond)
  }

  /** Who pays points that are taken whatever there is; the debt of a visitor belongs to the visitor. */
  split(points: number, { caller, own }: Held): Held {
    if (own === null) return { caller: points, own: null }
    const open = Math.min(points, Math.max(0, caller - this.reserve))
    // What a visitor takes from the open half also counts against their part of the reserve.
    const reserved = points - open
    return {
      caller: Math.min(points, Math.max(0, caller)),
      own: reserved + Math.min(open, Math.max(0, own - reserved)),
    }
  }

  /** What a caller may spend at once, and gets back per second. */
  status({ caller, own }: Held): ThrottleStatus {
    const { capacity, perSecond } = this.#rates.rateLimit
    const available = own === null ? caller : Math.max(caller - this.reserve, Math.min(caller, own))
    return {
      maximumAvailable: own === null ? capacity : this.#most,
      currentlyAvailable: Math.max(0, Math.floor(available)),
      restoreRate: perSecond,
    }
  }
}

/** The name of a visitor's own bucket; null if the caller shares no key. */
export function visitorBucket({ name, visitor }: Spender): string | null {
  return name === visitor ? null : `${name} ${visitor}`
}

/**
 * The points that callers have left, in the memory of this process. Each key has a bucket. If many visitors share a key (a shop's pages in their
 * browsers), no visitor can empty it for the others: the lower half is a reserve, from which each visitor can take only
 * what their own bucket holds. The upper half is open to all, so that a shop's server, the only visitor of its key, can
 * use the whole rate.
 */
export class RateLimiter implements RateLimits {
  readonly #callers: TokenBuckets
  /** The buckets of a key's visitors; null if visitors are not limited. */
  readonly #visitors: TokenBuckets | null
  readonly #shares: VisitorShares

  /** @param seconds  the clock; it never goes back */
  constructor(rates: Rates, seconds?: () => number) {
    this.#callers = new TokenBuckets(rates.rateLimit, seconds)
    this.#visitors = rates.visitorRateLimit && new TokenBuckets(rates.visitorRateLimit, seconds)
    this.#shares = new VisitorShares(rates)
  }

  look(): undefined {}

  take(spender: Spender, points: number): number {
    const wait = this.#shares.wait(points, this.#held(spender))
    if (wait === 0) this.charge(spender, points)
    return wait
  }

  charge(spender: Spender, points: number): void {
    const { caller, own } = this.#shares.split(points, this.#held(spender))
    this.#callers.charge(spender.name, caller)
    if (own !== null) this.#visitors!.charge(visitorBucket(spender)!, own)
  }

  chargeFault(spender: Spender, points: number): void {
    const own = this.#visitors && visitorBucket(spender)
    if (own === null) this.#callers.charge(spender.name, points)
    else this.#visitors!.charge(own, points)
  }

  owes(spender: Spender): number {
    return this.#shares.debt(this.#held(spender))
  }

  status(spender: Spender): ThrottleStatus {
    return this.#shares.status(this.#held(spender))
  }

  /** The number of callers and visitors in memory. */
  get size(): number {
    return this.#callers.size + (this.#visitors?.size ?? 0)
  }

  #held(spender: Spender): Held {
    const own = this.#visitors && visitorBucket(spender)
    return { caller: this.#callers.held(spender.name), own: own === null ? null : this.#visitors!.held(own) }
  }
}
