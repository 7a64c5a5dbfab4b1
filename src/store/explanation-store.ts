import { Kysely } from 'kysely'
import type { SQLInputValue } from 'node:sqlite'
import { DatabaseFile, IN_MEMORY } from './database.ts'
import { isBusy } from './process-lock.ts'
import { reserveSpending, type Spending, type SpendingTables } from './reserve-spending.ts'
import { sqliteDialect } from './sqlite-dialect.ts'

/** Receives warnings; a pino logger fits. */
export interface Log {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

const ADD_SPENDING = `
  INSERT INTO spending (day, tokens, money) VALUES (?, ?, ?)
  ON CONFLICT (day) DO UPDATE SET tokens = tokens + excluded.tokens, money = money + excluded.money
`

/** Writes statements, and runs none. */
const statements = new Kysely<SpendingTables>({ dialect: sqliteDialect(new DatabaseFile(IN_MEMORY)) })

const NOTHING: Spending = { tokens: 0, money: 0 }

/** False if an amount is no number. */
function isWithin(cost: Spending, most: Spending): boolean {
  return cost.tokens <= most.tokens && cost.money <= most.money
}

/** A negative number in an edited file counts as 0, so that it does not raise the budget. */
function spendingIn(row: Record<string, unknown> | undefined): Spending {
  return {
    tokens: Math.max(0, Number(row?.['tokens'] ?? 0)),
    money: Math.max(0, Number(row?.['money'] ?? 0)),
  }
}

/** @throws {Error} if the file cannot be created or read */
function opened(file: string): DatabaseFile {
  const database = new DatabaseFile(file)
  database.toWrite('SELECT 1').get()
  return database
}

/**
 * Explanations that were paid for, and what was paid. It never fails: if the disk is full or the file cannot be opened,
 * nothing is found and nothing stored, one warning is logged, and spending is counted in memory, so that the budget is
 * still enforced.
 */
export class ExplanationStore {
  readonly #database: DatabaseFile | null
  readonly #log: Log
  readonly #unsaved = new Map<string, Spending>()
  /** Spending as last read; it still counts after the file can no longer be read. */
  readonly #saved = new Map<string, Spending>()
  #isWarned = false

  /** @param file  null: nothing is stored */
  constructor(file: string | null, log: Log) {
    this.#log = log
    this.#database = file === null ? null : this.#attempt(`open ${file}`, () => opened(file), null)
  }

  /** The answer kept under a key. */
  find(key: string): string | undefined {
    const find = 'SELECT answer FROM explanations WHERE key = ?'
    const row = this.#attempt('read', () => this.#database?.toWrite(find).get(key), undefined)
    return row?.['answer'] as string | undefined
  }

  /** Stores an answer. When this returns, a killed process does not lose it. */
  keep(key: string, answer: string): void {
    const keep = 'INSERT OR REPLACE INTO explanations (key, answer) VALUES (?, ?)'
    this.#attempt('write', () => this.#database?.toWrite(keep).run(key, answer), undefined)
  }

  /** What was spent on a day. @param day  as 2018-08-29 */
  spent(day: string): Spending {
    const select = 'SELECT tokens, money FROM spending WHERE day = ?'
    const saved = this.#attempt(
      'read',
      () => spendingIn(this.#database?.toWrite(select).get(day)),
      this.#saved.get(day) ?? NOTHING,
    )
    this.#saved.set(day, saved)
    const { tokens, money } = this.#unsaved.get(day) ?? NOTHING
    return { tokens: tokens + saved.tokens, money: money + saved.money }
  }

  /**
   * Adds a cost to what was spent on a day, unless that is more than `most` then: of all processes that use the file
   * together. Whoever knows what it really cost calls `spend` with the difference.
   * @returns whether it was added; false, too, if other processes are writing for too long
   */
  reserve(day: string, cost: Spending, most: Spending): boolean {
    const unsaved = this.#unsaved.get(day) ?? NOTHING
    const left = { tokens: most.tokens - unsaved.tokens, money: most.money - unsaved.money }
    if (!isWithin(cost, left)) return false
    const isReserved = this.#attempt(
      'write',
      () => {
        if (this.#database === null) return null
        const { sql, parameters } = reserveSpending(statements, day, cost, left).compile()
        try {
          return this.#database.toWrite(sql).get(...(parameters as SQLInputValue[])) !== undefined
        } catch (cause) {
          // What others spend meanwhile would not be counted in memory.
          if (isBusy(cause)) return false
          throw cause
        }
      },
      null,
    )
    if (isReserved !== null) return isReserved
    const { tokens, money } = this.spent(day)
    if (!isWithin({ tokens: tokens + cost.tokens, money: money + cost.money }, most)) return false
    this.spend(day, cost)
    return true
  }

  /** Adds to what was spent on a day; a negative amount is given back. */
  spend(day: string, { tokens, money }: Spending): void {
    const isSaved = this.#attempt(
      'write',
      () => this.#database?.toWrite(ADD_SPENDING).run(day, tokens, money) !== undefined,
      false,
    )
    const counted = isSaved ? this.#saved : this.#unsaved
    const before = counted.get(day) ?? NOTHING
    counted.set(day, { tokens: before.tokens + tokens, money: before.money + money })
  }

  close(): void {
    this.#attempt('close', () => this.#database?.close(), undefined)
  }

  #attempt<Result>(action: string, run: () => Result, otherwise: Result): Result {
    try {
      return run()
    } catch (err) {
      if (!this.#isWarned) {
        this.#log.warn({ err }, `the store of explanations failed to ${action}: going on without it`)
      }
      this.#isWarned = true
      return otherwise
    }
  }
}
