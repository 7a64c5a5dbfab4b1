import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** How long a writer waits for another process that is writing, in milliseconds. */
const BUSY_TIMEOUT = 2000

/** In place of a file: a database that lives as long as it is open, and that nobody else sees. */
export const IN_MEMORY = ':memory:'

/**
 * Opens an SQLite database, made with its folder where there is none. What a statement has committed survives the
 * death of the process (write-ahead log); several processes may use one file at the same time.
 * @param tables  CREATE TABLE IF NOT EXISTS …
 * @throws {Error} where the file cannot be made or read, or is no database
 */
export function openDatabase(file: string, tables: string): DatabaseSync {
  const path = file === IN_MEMORY ? file : resolve(file)
  if (path !== IN_MEMORY) makeFile(path)
  const { DatabaseSync: Database } = sqlite()
  const database = new Database(path, { timeout: BUSY_TIMEOUT })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;')
    database.exec(tables)
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

/**
 * Makes a database's file where there is none: keys, and texts that name what customers bought, are for its owner alone.
 * SQLite gives its log beside it the same permissions.
 */
function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) closeSync(openSync(path, 'a', 0o600))
  else if (found.isDirectory()) throw new Error('it is a folder: name a file')
  // Opening a named pipe would wait for a writer for ever.
  else if (!found.isFile()) throw new Error('it is no regular file')
}

/**
 * A database whose file is made only when something is first to be kept: until then it reads as empty. Several of
 * these, each with its own tables, may share one file, in one process or in several.
 */
export class DatabaseFile {
  readonly file: string
  readonly #tables: string
  readonly #statements = new Map<string, StatementSync>()
  #database: DatabaseSync | null = null

  /**
   * @param file  or IN_MEMORY
   * @param tables  CREATE TABLE IF NOT EXISTS …
   */
  constructor(file: string, tables: string) {
    this.file = file
    this.#tables = tables
  }

  /**
   * A statement that reads, prepared once; undefined while there is no file, also none that another process made.
   * @throws {Error} where the file cannot be read, or is no database
   */
  toRead(statement: string): StatementSync | undefined {
    if (this.#database === null && !existsSync(this.file)) return undefined
    return this.toWrite(statement)
  }

  /**
   * A statement that writes, prepared once; the file is made where there is none.
   * @throws {Error} where the file cannot be made or read, or is no database
   */
  toWrite(statement: string): StatementSync {
    this.#database ??= openDatabase(this.file, this.#tables)
    let prepared = this.#statements.get(statement)
    if (prepared === undefined) {
      prepared = this.#database.prepare(statement)
      this.#statements.set(statement, prepared)
    }
    return prepared
  }

  /** Keeps all that `work` writes, or nothing where it throws; nobody else writes meanwhile. Within another it is a part of that. */
  atOnce<Result>(work: () => Result): Result {
    if (this.#database?.isTransaction) return work()
    this.toWrite('BEGIN IMMEDIATE').run()
    try {
      const result = work()
      this.toWrite('COMMIT').run()
      return result
    } catch (cause) {
      // A full disk has sometimes ended the transaction already.
      if (this.#database?.isTransaction) this.toWrite('ROLLBACK').run()
      throw cause
    }
  }

  /** Has `work` write at once, or throw where another process is writing, for which everything else waits. */
  unlessBusy(work: () => void): void {
    this.toWrite('PRAGMA busy_timeout = 0').get()
    try {
      work()
    } finally {
      this.toWrite(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`).get()
    }
  }

  close(): void {
    this.#statements.clear()
    this.#database?.close()
    this.#database = null
  }
}

/** Node 22 warns that SQLite is experimental there; Node 24 does not. That one warning, and no other, is kept back. */
function sqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('SQLite')) emitWarning.call(process, warning, ...rest)
  }) as typeof process.emitWarning
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
