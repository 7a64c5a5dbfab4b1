import type { RateLimit } from './limits.ts'

/** How a caller's bucket stands, as Shopify's API tells its clients. */
export interface ThrottleStatus {
  readonly maximumAvailable: number
  readonly currentlyAvailable: number
  readonly restoreRate: number
}

interface Bucket {
  /** What it held at a moment; below 0 is owed. */
  readonly points: number
  /** That moment, in seconds of the clock. */
  readonly at: number
}

/** Fewer buckets than this are not worth sweeping. */
const FEW = 1000

/**
 * A bucket of points for each caller, that refills at a steady rate until it is full (the "token bucket"). A full one is
 * as good as none, so that those who have long been gone take no memory.
 */
export class Buckets {
  readonly #limit: RateLimit
  readonly #seconds: () => number
  #buckets = new Map<string, Bucket>()
  #sweepAt = FEW

  /** @param seconds  the clock; it never goes back */
  constructor(limit: RateLimit, seconds = () => performance.now() / 1000) {
    this.#limit = limit
    this.#seconds = seconds
  }

  /** Takes points where the bucket holds so many. @returns 0, or else the seconds until it will */
  take(caller: string, points: number): number {
    const missing = points - this.#points(caller)
    if (missing > 0) return missing / this.#limit.perSecond
    this.charge(caller, points)
    return 0
  }

  /** Takes points whether the bucket holds them or not: what is owed has to flow back first. */
  charge(caller: string, points: number): void {
    this.#buckets.set(caller, { points: this.#points(caller) - points, at: this.#seconds() })
    if (this.#buckets.size >= this.#sweepAt) this.#sweep()
  }

  status(caller: string): ThrottleStatus {
    const { capacity, perSecond } = this.#limit
    const currentlyAvailable = Math.max(0, Math.floor(this.#points(caller)))
    return { maximumAvailable: capacity, currentlyAvailable, restoreRate: perSecond }
  }

  /** How many are kept. */
  get size(): number {
    return this.#buckets.size
  }

  #points(caller: string): number {
    const { capacity, perSecond } = this.#limit
    const bucket = this.#buckets.get(caller)
    if (bucket === undefined) return capacity
    return Math.min(capacity, bucket.points + (this.#seconds() - bucket.at) * perSecond)
  }

  #sweep(): void {
    for (const caller of this.#buckets.keys()) {
      if (this.#points(caller) === this.#limit.capacity) this.#buckets.delete(caller)
    }
    this.#sweepAt = Math.max(FEW, 2 * this.#buckets.size)
  }
}
