import type { DatabaseFile } from './database.ts'

/** The table that a store needs for its clock. */
export const CLOCK_TABLE = `
  CREATE TABLE IF NOT EXISTS clock (only INTEGER PRIMARY KEY CHECK (only = 1), latest INTEGER NOT NULL) STRICT;
`

/**
 * The time, which does not go back: the latest that this process has seen, or any that wrote it into the store. What
 * has
 * expired stays so when the machine's clock is set back, also after a restart. Where a clock was ahead for a while, new
 * keys live from that moment on, and are good.
 */
export class StoreClock {
  readonly #database: DatabaseFile
  #latest = 0

  /** @param database  with CLOCK_TABLE among its tables */
  constructor(database: DatabaseFile) {
    this.#database = database
  }

  /** The time in ms since 1970. */
  now(): number {
    const kept = this.#database.toRead('SELECT latest FROM clock')?.get()?.['latest'] ?? 0
    this.#latest = Math.max(this.#latest, Number(kept), Date.now())
    return this.#latest
  }

  /** Stores a time, unless a later one is stored. */
  keep(time: number): void {
    this.#database
      .toWrite(
        'INSERT INTO clock (only, latest) VALUES (1, ?) ON CONFLICT (only) DO UPDATE SET latest = max(latest, excluded.latest)',
      )
      .run(time)
  }
}
