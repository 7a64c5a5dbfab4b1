import type { ExplanationStore } from '../store/explanation-store.ts'
import type { Spending } from '../store/reserve-spending.ts'

/** The price of a million tokens, in the currency of the budget. */
export interface Price {
  readonly input: number
  readonly output: number
}

/** The most that may be spent in a day (UTC). */
export interface DailyBudget {
  readonly tokens: number
  readonly money: number
}

/** Tokens of one call. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/**
 * The daily budget of calls, of all processes that share a store. Spending is kept there, so that a restart does not reset
 * it.
 */
export class Budget {
  readonly #store: ExplanationStore
  readonly #daily: DailyBudget
  readonly #price: Price

  constructor(store: ExplanationStore, daily: DailyBudget, price: Price) {
    this.#store = store
    this.#daily = daily
    this.#price = price
  }

  /**
   * Reserves the most that a call may cost, so that simultaneous calls of all processes cannot overspend together. It
   * counts as spent at once: what a process had reserved when it was killed may have been charged.
   * @returns null if the rest of the daily budget is too small; else a function to call once with the actual usage
   */
  async reserve(most: Usage): Promise<((usage: Usage) => Promise<void>) | null> {
    const day = today()
    const asked = this.costOf(most)
    if (!(await this.#store.reserve(day, asked, this.#daily))) return null
    return async (usage) => {
      const { tokens, money } = this.costOf(usage)
      await this.#store.spend(day, { tokens: tokens - asked.tokens, money: money - asked.money })
    }
  }

  /** The cost of a call. */
  costOf({ inputTokens, outputTokens }: Usage): Spending {
    const { input, output } = this.#price
    return {
      tokens: inputTokens + outputTokens,
      money: (inputTokens * input + outputTokens * output) / 1e6,
    }
  }
}

const NOTHING: Usage = { inputTokens: 0, outputTokens: 0 }

/**
 * The cost of one call with its retries: each attempt may be charged, so each is reserved. The caller reports how
 * attempts end; an attempt without a report (a broken connection, no usable usage) costs the most it can.
 */
export class Call {
  readonly most: Usage
  readonly #budget: Budget
  readonly #spent: (usage: Usage) => void
  #settle: ((usage: Usage) => Promise<void>) | null = null
  #isRefusedByBudget = false

  /**
   * @param most  the most that one attempt can take
   * @param spent  called with the usage of each attempt
   */
  constructor(budget: Budget, most: Usage, spent: (usage: Usage) => void) {
    this.#budget = budget
    this.most = most
    this.#spent = spent
  }

  /** Whether an attempt was refused because the rest of the budget is too small. */
  get isRefusedByBudget(): boolean {
    return this.#isRefusedByBudget
  }

  /** Begins an attempt. @returns whether the budget allows it; if not, it must not be made */
  async begin(): Promise<boolean> {
    await this.end(null)
    this.#settle = await this.#budget.reserve(this.most)
    this.#isRefusedByBudget = this.#settle === null
    return !this.#isRefusedByBudget
  }

  /** Ends an attempt that the service answered with an error: it is not charged. */
  async refused(): Promise<void> {
    await this.end(NOTHING)
  }

  /** Ends the current attempt, if any. @param usage  its usage; null if unknown */
  async end(usage: Usage | null): Promise<void> {
    const settle = this.#settle
    if (settle === null) return
    this.#settle = null
    this.#spent(usage ?? this.most)
    await settle(usage ?? this.most)
  }
}

/** The day that spending is counted on (UTC), as 2018-08-29. */
export function today(): string {
  return new Date().toISOString().slice(0, 10)
}
