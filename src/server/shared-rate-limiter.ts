/**
 * The points that callers have left, of all processes of a store together. A process leases points in blocks, and gives
 * them out of its memory: only one request in many waits for the store. Leased points are taken from the bucket already,
 * so that no number of processes spends more than there is; those of a process that dies come back as the bucket refills.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SharedBucket, SharedLimits } from '../store/shared-limits.ts'
import {
  type Held,
  RateLimiter,
  type RateLimits,
  type Rates,
  type Spender,
  visitorBucket,
  VisitorShares,
} from './rate-limit.ts'
import type { RateLimit } from './settings.ts'
import type { ThrottleStatus } from './token-bucket.ts'

/** Receives a warning; a pino logger fits. */
interface Log {
  warn(details: object, message: string): void
}

/** The longest life of a lease, in seconds. */
const LIFETIME = 1

/** Blocks in what flows back during a lease. */
const BLOCKS = 10

/** How long the store may take, and how long it is left alone after a failure, in ms. */
const PATIENCE = 1000

/** Seconds; others may have given points back meanwhile. */
const LEAST_WAIT = 0.001

/** Seconds between two removals of full buckets. */
const SWEEP = 60

/** What a process has of the points of one visitor of one caller. */
interface Lease {
  readonly caller: SharedBucket
  readonly own: SharedBucket | null
  /** In seconds of the clock. */
  readonly ends: number
  /** What is left of it; below 0: what was spent beyond it, which the store is not told yet. */
  points: number
  /** How much of it the visitor's own bucket has paid. */
  paidByOwn: number
  /** What the visitor owes for invalid requests, which the store is not told yet. */
  faults: number
  /** What the buckets held when the store was last asked, and when that was; null: it was not. */
  known: (Held & { readonly at: number }) | null
  /** Requests of the store, one after the other. */
  queue: Promise<void>
  isSettling: boolean
}

/**
 * Limits callers as `RateLimiter` does, together with all other processes of a store. What is spent in t seconds is at
 * most capacity + (t + a lease's life) × rate; a lease lives for a second, or for the time in which a tenth of the bucket
 * refills, if that is shorter. So at most a tenth of the capacity is spent beyond the limit, whatever the number of
 * processes. If the store fails, each process limits by itself until it answers again.
 */
export class SharedRateLimiter implements RateLimits {
  readonly #rates: Rates
  readonly #limits: SharedLimits
  readonly #log: Log
  readonly #seconds: () => number
  readonly #shares: VisitorShares
  readonly #lifetime: number
  readonly #block: number
  readonly #leases = new Map<string, Lease>()
  /** Takes over while the store fails. */
  readonly #alone: RateLimiter
  #failedUntil = 0
  #isFailing = false
  #endedAt = 0
  #sweptAt: number

  /** @param seconds  the clock of leases; it never goes back */
  constructor(rates: Rates, limits: SharedLimits, log: Log, seconds = () => performance.now() / 1000) {
    this.#rates = rates
    this.#limits = limits
    this.#log = log
    this.#seconds = seconds
    this.#sweptAt = seconds()
    this.#shares = new VisitorShares(rates)
    this.#alone = new RateLimiter(rates, seconds)
    const { rateLimit, visitorRateLimit } = rates
    this.#lifetime = Math.min(...[rateLimit, visitorRateLimit ?? rateLimit].map(lifetimeOf))
    this.#block = (rateLimit.perSecond * this.#lifetime) / BLOCKS
  }

  look(spender: Spender): Promise<void> | undefined {
    if (this.#isAlone()) return undefined
    const lease = this.#leaseOf(spender)
    if (lease.known !== null) return undefined
    return this.#ask(lease, async () => {
      if (lease.known === null) await this.#learn(lease)
    })
  }

  take(spender: Spender, points: number): number | Promise<number> {
    if (this.#isAlone()) return this.#alone.take(spender, points)
    const lease = this.#leaseOf(spender)
    if (lease.points >= points) {
      lease.points -= points
      return 0
    }
    return this.#takeFromStore(spender, lease, points)
  }

  charge(spender: Spender, points: number): void {
    if (this.#isAlone()) {
      this.#alone.charge(spender, points)
      return
    }
    const lease = this.#leaseOf(spender)
    lease.points -= points
    if (lease.points < 0) this.#settle(lease)
  }

  chargeFault(spender: Spender, points: number): void {
    if (this.#isAlone()) {
      this.#alone.chargeFault(spender, points)
      return
    }
    const lease = this.#leaseOf(spender)
    if (lease.own === null) this.charge(spender, points)
    else {
      lease.faults += points
      this.#settle(lease)
    }
  }

  owes(spender: Spender): number {
    if (this.#isAlone()) return this.#alone.owes(spender)
    return this.#shares.debt(this.#heldBy(this.#leaseOf(spender)))
  }

  status(spender: Spender): ThrottleStatus {
    if (this.#isAlone()) return this.#alone.status(spender)
    const lease = this.#leaseOf(spender)
    const status = this.#shares.status(this.#heldBy(lease))
    const available = status.currentlyAvailable + Math.max(0, Math.floor(lease.points))
    return { ...status, currentlyAvailable: Math.min(status.maximumAvailable, available) }
  }

  /** The number of leases in memory. */
  get size(): number {
    return this.#leases.size
  }

  async #takeFromStore(spender: Spender, lease: Lease, points: number): Promise<number> {
    let wait: number | undefined
    await this.#ask(lease, async () => {
      // A request before this one may have leased enough, or been refused.
      const seconds = lease.points < points ? await this.#lease(lease, points - lease.points) : 0
      if (seconds === 0) lease.points -= points
      wait = seconds
    })
    return wait ?? this.#alone.take(spender, points)
  }

  /** Leases a block, or if there is too little for one, what is lacking. @returns 0, or the seconds until there is enough */
  async #lease(lease: Lease, lacking: number): Promise<number> {
    const known = this.#shares.wait(lacking, this.#stored(lease))
    if (known >= LEAST_WAIT) return known
    for (const points of new Set([Math.max(lacking, this.#block), lacking])) {
      if (!(await this.#draw(lease, points))) continue
      lease.points += points
      return 0
    }
    await this.#learn(lease)
    return Math.max(LEAST_WAIT, this.#shares.wait(lacking, lease.known!))
  }

  /** Draws points from both buckets, or from neither. */
  async #draw(lease: Lease, points: number): Promise<boolean> {
    const { caller, own } = lease
    const { rates } = this.#limits
    if (own === null) {
      const left = await rates.draw(caller, points, 0)
      if (left !== null) this.#note(lease, left, null)
      return left !== null
    }
    const open = await rates.draw(caller, points, this.#shares.reserve)
    if (open !== null) {
      const [held] = await rates.held([own])
      const paid = Math.min(points, Math.max(0, held))
      this.#note(lease, open, await rates.charge(own, paid))
      lease.paidByOwn += paid
      return true
    }
    const ownLeft = await rates.draw(own, points, 0)
    if (ownLeft === null) return false
    const left = await rates.draw(caller, points, 0)
    if (left === null) {
      await rates.charge(own, -points)
      return false
    }
    this.#note(lease, left, ownLeft)
    lease.paidByOwn += points
    return true
  }

  /** Tells the store what was spent beyond a lease. */
  #settle(lease: Lease): void {
    if (lease.isSettling) return
    lease.isSettling = true
    void this.#ask(lease, async () => {
      lease.isSettling = false
      const { rates } = this.#limits
      const debt = Math.max(0, -lease.points)
      const { faults } = lease
      lease.points += debt
      lease.faults = 0
      const held = await this.#learn(lease)
      const { caller, own } = this.#shares.split(debt, held)
      this.#note(
        lease,
        caller === 0 ? held.caller : await rates.charge(lease.caller, caller),
        own === null ? null : await rates.charge(lease.own!, own + faults),
      )
    })
  }

  /** Asks the store what the buckets of a lease hold. */
  async #learn(lease: Lease): Promise<Held> {
    const { caller, own } = lease
    const [held, ownHeld] = await this.#limits.rates.held(own === null ? [caller] : [caller, own])
    this.#note(lease, held, ownHeld ?? null)
    return lease.known!
  }

  /** Keeps what the store has answered. */
  #note(lease: Lease, caller: number, own: number | null): void {
    lease.known = { caller, own, at: this.#seconds() }
    if (this.#isFailing) this.#log.warn({}, 'callers are limited by all processes together again')
    this.#isFailing = false
  }

  /** What the buckets of a lease hold now in the store, as far as this process knows; full ones if it does not. */
  #stored({ known, caller, own }: Lease): Held {
    const passed = known === null ? 0 : this.#seconds() - known.at
    const now = (bucket: SharedBucket, held: number | null | undefined) =>
      Math.min(bucket.capacity, (held ?? bucket.capacity) + passed * bucket.perSecond)
    return { caller: now(caller, known?.caller), own: own && now(own, known?.own) }
  }

  /** The same, less what the store is not told yet. */
  #heldBy(lease: Lease): Held {
    const { caller, own } = this.#stored(lease)
    const debt = Math.min(0, lease.points)
    return own === null ? { caller: caller + debt, own } : { caller, own: own + debt - lease.faults }
  }

  /** Works with the store for a lease, after its earlier requests. It does not throw: see `#failed`. */
  #ask(lease: Lease, work: () => Promise<void>): Promise<void> {
    const asked = lease.queue.then(() => (this.#isAlone() ? undefined : this.#inTime(work)))
    lease.queue = asked
    return asked
  }

  async #inTime(work: () => Promise<void>): Promise<void> {
    const late = new AbortController()
    try {
      await Promise.race([
        work(),
        sleep(PATIENCE, undefined, { signal: late.signal, ref: false }).then(() => {
          throw new Error(`the store has not answered for ${PATIENCE} ms`)
        }),
      ])
    } catch (err) {
      this.#failedUntil = this.#seconds() + PATIENCE / 1000
      if (!this.#isFailing)
        this.#log.warn({ err }, 'the store of limits fails: each process limits callers by itself')
      this.#isFailing = true
    } finally {
      late.abort()
    }
  }

  /** Whether the store has failed lately. */
  #isAlone(): boolean {
    return this.#seconds() < this.#failedUntil
  }

  #leaseOf(spender: Spender): Lease {
    const now = this.#seconds()
    if (now >= this.#endedAt + this.#lifetime) this.#endOld(now)
    const name = `${spender.name} ${spender.visitor}`
    const found = this.#leases.get(name)
    if (found !== undefined && now < found.ends) return found
    if (found !== undefined) this.#end(name, found)
    const own = this.#rates.visitorRateLimit && visitorBucket(spender)
    const lease: Lease = {
      caller: bucketOf(spender.name, this.#rates.rateLimit),
      own: own === null ? null : bucketOf(own, this.#rates.visitorRateLimit!),
      ends: now + this.#lifetime,
      points: 0,
      paidByOwn: 0,
      faults: 0,
      known: null,
      queue: Promise.resolve(),
      isSettling: false,
    }
    this.#leases.set(name, lease)
    return lease
  }

  /** Ends the leases that are over, so that their number is that of the callers of the last seconds. */
  #endOld(now: number): void {
    this.#endedAt = now
    for (const [name, lease] of this.#leases) if (now >= lease.ends) this.#end(name, lease)
    if (now < this.#sweptAt + SWEEP) return
    this.#sweptAt = now
    void this.#inTime(() => this.#limits.sweep())
  }

  /** Gives back what is left of a lease. */
  #end(name: string, lease: Lease): void {
    this.#leases.delete(name)
    void this.#ask(lease, async () => {
      const left = lease.points
      if (left <= 0) return
      lease.points = 0
      const { rates } = this.#limits
      await rates.charge(lease.caller, -left)
      if (lease.own !== null) await rates.charge(lease.own, -Math.min(left, lease.paidByOwn))
    })
  }
}

function lifetimeOf({ capacity, perSecond }: RateLimit): number {
  return Math.min(LIFETIME, capacity / (10 * perSecond))
}

/** Names hold addresses and ids of customers, which are not written to the disk. */
function bucketOf(name: string, limit: RateLimit): SharedBucket {
  return { name: createHash('sha256').update(name).digest('base64url').slice(0, 22), ...limit }
}
