/** A store in an SQLite file, for the parts that both engines share. */
import { Kysely } from 'kysely'
import type { Area, Database, Queries, WriteOptions } from '../database.ts'
import type { Tables } from '../tables.ts'
import { DatabaseFile, openSqlite } from './database-file.ts'
import { sqliteDialect } from './dialect.ts'
import { isBusy, whenFree } from './when-free.ts'

/**
 * One connection to the file. Its statements take no time of their own, so that a transaction ends before anything else
 * has its turn, but for what waits for nothing either: reads and other transactions wait for its end.
 */
export class SqliteDatabase implements Database {
  readonly file: DatabaseFile
  readonly #reader: Queries
  readonly #writer: Queries
  #last: Promise<unknown> = Promise.resolve()
  #isWriting = false
  #written = 0

  /** @param file  or IN_MEMORY */
  constructor(file: string) {
    this.file = new DatabaseFile(file)
    this.#reader = new Kysely<Tables>({ dialect: sqliteDialect(this.file, 'READ') })
    this.#writer = new Kysely<Tables>({ dialect: sqliteDialect(this.file, 'WRITE') })
  }

  get name(): string {
    return this.file.file
  }

  get openings(): number {
    return this.file.openings
  }

  async isReadOnly(): Promise<boolean> {
    return this.file.isReadOnly
  }

  async read<Result>(query: (queries: Queries) => Promise<Result>): Promise<Result> {
    while (this.#isWriting) await this.#last
    return query(this.#reader)
  }

  write<Result>(
    _area: Area,
    work: (queries: Queries) => Promise<Result>,
    { unlessBusy = false, isOneOfMany = false }: WriteOptions = {},
  ): Promise<Result> {
    const written = this.#last.then(async () => {
      const begin = () => {
        this.file.open()
        this.file.unlessBusy(() => this.file.begin())
      }
      if (unlessBusy) begin()
      else await whenFree(begin)
      this.#isWriting = true
      try {
        const result = await this.file.commitAfter(() => work(this.#writer), isOneOfMany ? 'KEEP' : 'EMPTY')
        this.#written++
        return result
      } finally {
        this.#isWriting = false
      }
    })
    this.#last = written.catch(() => {})
    return written
  }

  async version(): Promise<string> {
    return this.file.version(this.#written)
  }

  /** The write lock of an SQLite file of its own, which the system gives back. */
  async lock(name: string): Promise<(() => Promise<void>) | null> {
    try {
      const database = openSqlite(`${this.name}.${name}`, (opened) =>
        opened.exec('PRAGMA busy_timeout = 0; BEGIN IMMEDIATE'),
      )
      return async () => database.close()
    } catch (cause) {
      if (isBusy(cause)) return null
      throw cause
    }
  }

  async close(): Promise<void> {
    await this.#last
    this.file.close()
  }
}
