import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { expectKnownSchema, migrate } from './migrate.ts'

/** How long a writer waits for another process that is writing, in milliseconds. */
const BUSY_TIMEOUT = 2000

/** Used instead of a file: a private database that exists as long as it is open. */
export const IN_MEMORY = ':memory:'

/** The most memory of a store without a file, in pages of 4 KiB (256 MiB): beyond it, writing fails as on a full disk. */
const MOST_PAGES = 65_536

/** Statements that are kept prepared: those for lists have a text for each length. */
const MOST_STATEMENTS = 200

/** How a database was opened. */
type Access =
  | 'WRITE'
  /** Read-only: read together with its log, which other processes may be writing. */
  | 'READ'
  /** Read-only, in a folder where SQLite cannot create files: nobody can be writing, so it does not look for changes. */
  | 'IMMUTABLE'

interface Opened {
  readonly database: DatabaseSync
  readonly access: Access
}

/**
 * Opens a store, and brings it to the latest schema. A read-only file is opened as it is.
 * @throws {NewerStoreError}
 */
function openStore(path: string): Opened {
  try {
    const database = openSqlite(path, migrate)
    if (path === IN_MEMORY) database.exec(`PRAGMA max_page_count = ${MOST_PAGES}`)
    return { database, access: 'WRITE' }
  } catch (cause) {
    if (path === IN_MEMORY || !isRefusal(cause) || !existsSync(path)) throw cause
    const opened = openToRead(path) ?? raise(cause)
    try {
      expectKnownSchema(opened.database)
    } catch (newer) {
      opened.database.close()
      throw newer
    }
    return opened
  }
}

/**
 * Opens an SQLite database for writing; creates it and its folder if there is none. When a statement returns, its commit
 * is on the disk (write-ahead log, synchronous = FULL: a commit waits for fsync). Several processes may use one file at
 * the same time.
 * @param path  or IN_MEMORY
 * @param prepare  makes its tables
 * @throws {Error} if the file cannot be created or written to, or is not a database
 */
export function openSqlite(path: string, prepare: (database: DatabaseSync) => void): DatabaseSync {
  if (path !== IN_MEMORY) makeFile(path)
  const { DatabaseSync: Database } = sqlite()
  const database = new Database(path, { timeout: BUSY_TIMEOUT })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;')
    prepare(database)
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

/**
 * Opens a database for reading. Reading needs the log, and the log needs an index in a shared file. If that file cannot
 * be created, only the database file is read, unless the log has content, which would be missing.
 * @returns undefined if it cannot be read
 */
function openToRead(path: string): Opened | undefined {
  const { DatabaseSync: Database } = sqlite()
  const alone = pathToFileURL(path)
  alone.searchParams.set('immutable', '1')
  const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
  const ways: [string | URL, Access][] = [
    [path, 'READ'],
    ...(hasLog ? [] : [[alone, 'IMMUTABLE'] as [URL, Access]]),
  ]
  for (const [name, access] of ways) {
    try {
      const database = new Database(name, { readOnly: true, timeout: BUSY_TIMEOUT })
      try {
        database.prepare('SELECT 1 FROM sqlite_schema').get()
        return { database, access }
      } catch {
        database.close()
      }
    } catch {
      // The next way may work.
    }
  }
  return undefined
}

/** Whether SQLite may not write: SQLITE_READONLY or SQLITE_CANTOPEN, or the same error of the system. */
function isRefusal(cause: unknown): boolean {
  const { errcode, code } = cause as { errcode?: number; code?: string }
  if (errcode !== undefined) return [8, 14].includes(errcode & 0xff)
  return ['EACCES', 'EPERM', 'EROFS'].includes(code ?? '')
}

function raise(cause: unknown): never {
  throw cause
}

/**
 * Creates the file of a database if there is none, readable by its owner only: it holds keys, and texts that name what
 * customers bought. SQLite gives its log the same permissions.
 */
function makeFile(path: string): void {
  const folder = dirname(path)
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
  // SQLite syncs the folder of the file; new folders are synced here.
  if (made !== undefined)
    for (let at = folder; at.length >= made.length; at = dirname(at)) syncFolder(dirname(at))
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) closeSync(openSync(path, 'a', 0o600))
  else if (found.isDirectory()) throw new Error('it is a folder: name a file')
  // Opening a named pipe would wait for a writer for ever.
  else if (!found.isFile()) throw new Error('it is not a regular file')
}

/** Waits until the entries of a folder are on the disk. Windows has no such call and does not need it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * A store whose file is created at the first write; until then it reads as empty. Several of these may share one file, in
 * one process or in several. If the file is replaced by another (`mv backup.sqlite
 * shop.sqlite`), the next statement notices.
 */
export class DatabaseFile {
  readonly file: string
  readonly #path: string
  readonly #statements = new Map<string, StatementSync>()
  #opened: (Opened & { readonly identity: string; readonly log: string }) | null = null
  #openings = 0

  /** @param file  or IN_MEMORY */
  constructor(file: string) {
    this.file = file
    this.#path = file === IN_MEMORY ? file : resolve(file)
  }

  /** How often a file was opened: anything cached from a former file is invalid. */
  get openings(): number {
    return this.#openings
  }

  /** Whether the file is read-only; false if there is none. */
  get isReadOnly(): boolean {
    if (this.#opened === null && !existsSync(this.#path)) return false
    return this.#current().access !== 'WRITE'
  }

  /**
   * A statement that reads, prepared once; undefined while there is no file.
   * @throws {Error} if the file cannot be read, or is not a database
   */
  toRead(statement: string): StatementSync | undefined {
    this.#closeReplaced()
    if (this.#opened === null && !existsSync(this.#path)) return undefined
    try {
      return this.#prepared(statement)
    } catch (cause) {
      // A read-only file from an older version may lack tables and indexes.
      if (this.#opened?.access !== 'WRITE' && /no such (table|index)/.test(String(cause))) return undefined
      throw cause
    }
  }

  /**
   * A statement that writes, prepared once; creates the file if there is none.
   * @throws {Error} if the file cannot be created or read, or is not a database
   */
  toWrite(statement: string): StatementSync {
    this.#closeReplaced()
    return this.#prepared(statement)
  }

  /** Opens the file, and creates it if there is none. */
  open(): void {
    this.toWrite('SELECT 1').get()
  }

  /** A text that differs whenever anybody has written to the file. @param written  how often the caller has */
  version(written: number): string {
    // SQLite's number changes with what other connections write.
    const row = this.toRead('PRAGMA data_version')?.get()
    return `${this.#openings} ${String(row?.['data_version'])} ${written}`
  }

  /**
   * A transaction: keeps everything that `work` writes, or nothing if it throws; no other process writes meanwhile. When
   * this returns, it is on the disk. Within another transaction it is part of that.
   */
  atOnce<Result>(work: () => Result): Result {
    if (this.#opened?.database.isTransaction) return work()
    this.begin()
    try {
      const result = work()
      this.#commit('KEEP')
      return result
    } catch (cause) {
      this.#rollBack()
      throw cause
    }
  }

  /** Begins a transaction, which `commitAfter` ends. */
  begin(): void {
    this.toWrite('BEGIN IMMEDIATE').run()
  }

  /**
   * Ends the transaction that was begun, as `atOnce`, by work that waits for nothing but its statements.
   * @param log  EMPTY: at the end everything is in the file itself, so that the file alone is a complete copy; KEEP leaves
   *   it to SQLite when its log is written into the file: for many small transactions
   */
  async commitAfter<Result>(work: () => Promise<Result>, log: 'EMPTY' | 'KEEP'): Promise<Result> {
    try {
      const result = await work()
      this.#commit(log)
      return result
    } catch (cause) {
      this.#rollBack()
      throw cause
    }
  }

  #commit(log: 'EMPTY' | 'KEEP'): void {
    this.#prepared('COMMIT').run()
    if (this.#isReplaced()) throw new Error('the file was replaced by another meanwhile: try again')
    if (log === 'EMPTY') this.emptyLog()
  }

  #rollBack(): void {
    // A full disk has sometimes ended the transaction already.
    if (this.#opened?.database.isTransaction) this.#prepared('ROLLBACK').run()
  }

  /** Runs `work` without waiting for other writers: it throws if another process is writing. */
  unlessBusy(work: () => void): void {
    this.#prepared('PRAGMA busy_timeout = 0').get()
    try {
      work()
    } finally {
      this.#prepared(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`).get()
    }
  }

  close(): void {
    this.#statements.clear()
    this.#opened?.database.close()
    this.#opened = null
  }

  #current(): Opened {
    if (this.#opened === null) {
      const opened = openStore(this.#path)
      const log = this.#path === IN_MEMORY ? '' : identityOf(`${this.#path}-wal`, false)
      this.#opened = { ...opened, identity: this.#identity(opened.access), log }
      this.#openings++
    }
    return this.#opened
  }

  #prepared(statement: string): StatementSync {
    const { database } = this.#current()
    let prepared = this.#statements.get(statement)
    if (prepared === undefined) {
      prepared = database.prepare(statement)
      const [oldest] = this.#statements.keys()
      if (this.#statements.size >= MOST_STATEMENTS) this.#statements.delete(oldest)
      this.#statements.set(statement, prepared)
    }
    return prepared
  }

  /** The identity of the file at the path, with its times if SQLite does not watch it. */
  #identity(access: Access): string {
    return this.#path === IN_MEMORY ? '' : identityOf(this.#path, access === 'IMMUTABLE')
  }

  #isReplaced(): boolean {
    if (this.#opened === null || this.#opened.database.isTransaction) return false
    return this.#identity(this.#opened.access) !== this.#opened.identity
  }

  /** Closes a replaced file. Its log is deleted, because it would be mixed into the new file. */
  #closeReplaced(): void {
    if (!this.#isReplaced()) return
    const log = `${this.#path}-wal`
    const isOfFormer = this.#opened!.log !== '' && identityOf(log, false) === this.#opened!.log
    // SQLite does not touch the log of a file that has been moved.
    this.close()
    if (isOfFormer) for (const path of [log, `${this.#path}-shm`]) rmSync(path, { force: true })
  }

  /** Writes the log into the file; if another process is reading or writing, the next commit does it. */
  emptyLog(): void {
    if (this.#path === IN_MEMORY) return
    try {
      this.unlessBusy(() => this.#prepared('PRAGMA wal_checkpoint(TRUNCATE)').get())
    } catch {
      // For example a full disk: the commit is still on the disk, in the log.
    }
  }
}

/** Identifies a file independently of its name, with `withTime` also its state; '' if there is none. */
function identityOf(path: string, withTime: boolean): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  if (found === undefined) return ''
  const { dev, ino, size, mtimeNs } = found
  return [dev, ino, ...(withTime ? [size, mtimeNs] : [])].join(' ')
}

/** Loads SQLite without the warning of Node 22 that it is experimental. */
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
