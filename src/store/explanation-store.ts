import { DatabaseFile } from './database.ts'

/** The cost of a day. */
export interface Spending {
  readonly tokens: number
  /** The amount, in the currency of the language model's prices. */
  readonly money: number
}

/** Receives warnings; a pino logger fits. */
export interface Log {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

const ADD_SPENDING = `
  INSERT INTO spending (day, tokens, money) VALUES (?, ?, ?)
  ON CONFLICT (day) DO UPDATE SET tokens = tokens + excluded.tokens, money = money + excluded.money
`

const NOTHING: Spending = { tokens: 0, money: 0 }

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

  /** Adds to what was spent on a day. */
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
