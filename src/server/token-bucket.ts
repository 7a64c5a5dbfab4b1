import type { RateLimit } from './settings.ts'

/** The state of a caller's bucket, in the form of Shopify's API. */
export interface ThrottleStatus {
  readonly maximumAvailable: number
  readonly currentlyAvailable: number
  readonly restoreRate: number
}

interface Bucket {
  /** What it held at a moment; below 0: a debt. */
  readonly points: number
  /** That moment, in seconds of the clock. */
  readonly at: number
}

/** With fewer buckets than this, full ones are not removed. */
const FEW = 1000

/** The most buckets kept, about 5 MB: there can be any number of addresses. */
const MOST = 20_000

/**
 * A bucket of points for each caller that refills at a steady rate until it is full ("token bucket"). A full bucket is
 * the same as none and is removed, so former callers take no memory. If there are still too many, the fullest are
 * removed, which gives away the fewest points.
 */
export class TokenBuckets {
  readonly #limit: RateLimit
  readonly #seconds: () => number
  #buckets = new Map<string, Bucket>()
  #sweepAt = FEW

  /** @param seconds  the clock; it never goes back */
  constructor(limit: RateLimit, seconds = () => performance.now() / 1000) {
    this.#limit = limit
    this.#seconds = seconds
  }

  /** Takes points if the bucket holds enough. @returns 0, or the seconds until it does */
  take(caller: string, points: number): number {
    const wait = this.wait(caller, points)
    if (wait === 0) this.charge(caller, points)
    return wait
  }

  /** The seconds until the bucket holds enough points; 0 if it does. */
  wait(caller: string, points: number): number {
    return Math.max(0, points - this.held(caller)) / this.#limit.perSecond
  }

  /** What the bucket holds; below 0: a debt. */
  held(caller: string): number {
    const { capacity, perSecond } = this.#limit
    const bucket = this.#buckets.get(caller)
    if (bucket === undefined) return capacity
    return Math.min(capacity, bucket.points + (this.#seconds() - bucket.at) * perSecond)
  }

  /** Takes points even if the bucket holds too few: the debt is refilled first. */
  charge(caller: string, points: number): void {
    this.#buckets.set(caller, { points: this.held(caller) - points, at: this.#seconds() })
    if (this.#buckets.size >= this.#sweepAt) this.#sweep()
  }

  status(caller: string): ThrottleStatus {
    const { capacity, perSecond } = this.#limit
    const currentlyAvailable = Math.max(0, Math.floor(this.held(caller)))
    return { maximumAvailable: capacity, currentlyAvailable, restoreRate: perSecond }
  }

  /** The number of buckets in memory. */
  get size(): number {
    return this.#buckets.size
  }

  #sweep(): void {
    for (const caller of this.#buckets.keys()) {
      if (this.held(caller) === this.#limit.capacity) this.#buckets.delete(caller)
    }
    if (this.#buckets.size > MOST / 2) {
      const byPoints = [...this.#buckets.keys()].map((caller) => [caller, this.held(caller)] as const)
      byPoints.sort(([, a], [, b]) => b - a)
      for (const [caller] of byPoints.slice(0, byPoints.length - MOST / 2)) this.#buckets.delete(caller)
    }
    this.#sweepAt = Math.max(FEW, 2 * this.#buckets.size)
  }
}
