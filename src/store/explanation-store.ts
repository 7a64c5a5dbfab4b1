import type { Database, Queries } from './database.ts'
import { type Part, partOf } from './open-database.ts'
import { reserveSpending, type Spending } from './reserve-spending.ts'
import { isBusy } from './sqlite/when-free.ts'

/** Receives warnings; a pino logger fits. */
export interface Log {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

const NOTHING: Spending = { tokens: 0, money: 0 }

/** False if an amount is no number. */
function isWithin(cost: Spending, most: Spending): boolean {
  return cost.tokens <= most.tokens && cost.money <= most.money
}

/** A negative number in an edited file counts as 0, so that it does not raise the budget. */
function spendingIn(row: Partial<Spending> | undefined): Spending {
  return { tokens: Math.max(0, row?.tokens ?? 0), money: Math.max(0, row?.money ?? 0) }
}

/**
 * Explanations that were paid for, and what was paid. It never fails: if the disk is full or the store cannot be opened,
 * nothing is found and nothing stored, one warning is logged, and spending is counted in memory, so that the budget is
 * still enforced.
 */
export class ExplanationStore {
  readonly #part: Part | null
  readonly #log: Log
  readonly #unsaved = new Map<string, Spending>()
  /** Spending as last read; it still counts after the store can no longer be read. */
  readonly #saved = new Map<string, Spending>()
  #last: Promise<unknown> = Promise.resolve()
  #isWarned = false

  /** @param store  where it is, or a database that others share; null: nothing is stored */
  constructor(store: string | Database | null, log: Log) {
    this.#log = log
    this.#part = store === null ? null : partOf(store)
  }

  /** The answer kept under a key. */
  async find(key: string): Promise<string | undefined> {
    const row = await this.#attempt('read', undefined, ({ database }) =>
      database.read((queries) =>
        queries.selectFrom('explanations').select('answer').where('key', '=', key).executeTakeFirst(),
      ),
    )
    return row?.answer
  }

  /** Stores an answer. When this resolves, a killed process does not lose it. */
  async keep(key: string, answer: string): Promise<void> {
    await this.#attempt('write', undefined, ({ database }) =>
      database.write(
        'EXPLANATIONS',
        async (queries) => {
          await queries
            .insertInto('explanations')
            .values({ key, answer })
            .onConflict((conflict) => conflict.column('key').doUpdateSet({ answer }))
            .execute()
        },
        { isOneOfMany: true },
      ),
    )
  }

  /** What was spent on a day, by all processes that use the store. @param day  as 2018-08-29 */
  async spent(day: string): Promise<Spending> {
    const saved = await this.#attempt('read', this.#saved.get(day) ?? NOTHING, async ({ database }) =>
      spendingIn(
        await database.read((queries) =>
          queries
            .selectFrom('spending')
            .select(['tokens', 'money'])
            .where('day', '=', day)
            .executeTakeFirst(),
        ),
      ),
    )
    this.#saved.set(day, saved)
    const { tokens, money } = this.#unsaved.get(day) ?? NOTHING
    return { tokens: tokens + saved.tokens, money: money + saved.money }
  }

  /**
   * Adds a cost to what was spent on a day, unless that is more than `most` then: of all processes that use the store
   * together. Whoever knows what it really cost calls `spend` with the difference.
   * @returns whether it was added; false, too, if other processes are writing for too long
   */
  async reserve(day: string, cost: Spending, most: Spending): Promise<boolean> {
    const unsaved = this.#unsaved.get(day) ?? NOTHING
    const left = { tokens: most.tokens - unsaved.tokens, money: most.money - unsaved.money }
    if (!isWithin(cost, left)) return false
    const isReserved = await this.#attempt<boolean | null>('write', null, async ({ database }) => {
      try {
        return await database.write(
          'EXPLANATIONS',
          async (queries) =>
            (await reserveSpending(queries, day, cost, left).executeTakeFirst()) !== undefined,
          { isOneOfMany: true },
        )
      } catch (cause) {
        // What others spend meanwhile would not be counted in memory.
        if (isBusy(cause)) return false
        throw cause
      }
    })
    if (isReserved !== null) return isReserved
    // One after another: each counts what those before have reserved.
    const reserved = this.#last.then(() => this.#reserveHere(day, cost, most))
    this.#last = reserved
    return reserved
  }

  /** As `reserve`, of this process alone, where the store cannot be used. */
  async #reserveHere(day: string, cost: Spending, most: Spending): Promise<boolean> {
    const { tokens, money } = await this.spent(day)
    if (!isWithin({ tokens: tokens + cost.tokens, money: money + cost.money }, most)) return false
    await this.spend(day, cost)
    return true
  }

  /** Adds to what was spent on a day; a negative amount is given back. */
  async spend(day: string, { tokens, money }: Spending): Promise<void> {
    const isSaved = await this.#attempt('write', false, async ({ database }) => {
      await database.write('EXPLANATIONS', (queries) => add(queries, day, { tokens, money }), {
        isOneOfMany: true,
      })
      return true
    })
    const counted = isSaved ? this.#saved : this.#unsaved
    const before = counted.get(day) ?? NOTHING
    counted.set(day, { tokens: before.tokens + tokens, money: before.money + money })
  }

  async close(): Promise<void> {
    await this.#attempt('close', undefined, (part) => part.close())
  }

  async #attempt<Result>(
    action: string,
    otherwise: Result,
    run: (part: Part) => Promise<Result>,
  ): Promise<Result> {
    if (this.#part === null) return otherwise
    try {
      return await run(this.#part)
    } catch (err) {
      if (!this.#isWarned) {
        this.#log.warn({ err }, `the store of explanations failed to ${action}: going on without it`)
      }
      this.#isWarned = true
      return otherwise
    }
  }
}

/** Within a transaction. */
async function add(queries: Queries, day: string, { tokens, money }: Spending): Promise<void> {
  await queries
    .insertInto('spending')
    .values({ day, tokens, money })
    .onConflict((conflict) =>
      conflict.column('day').doUpdateSet(({ eb, ref }) => ({
        tokens: eb('spending.tokens', '+', ref('excluded.tokens')),
        money: eb('spending.money', '+', ref('excluded.money')),
      })),
    )
    .execute()
}
