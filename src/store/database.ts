import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

/** How long a writer waits for another process that is writing, in milliseconds. */
const BUSY_TIMEOUT = 2000

/**
 * Opens an SQLite database, made with its folder where there is none. What a statement has committed survives the
 * death of the process (write-ahead log); several processes may use one file at the same time.
 * @param tables  CREATE TABLE IF NOT EXISTS …
 * @throws {Error} where the file cannot be made or read, or is no database
 */
export function openDatabase(file: string, tables: string): DatabaseSync {
  const path = resolve(file)
  mkdirSync(dirname(path), { recursive: true })
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
