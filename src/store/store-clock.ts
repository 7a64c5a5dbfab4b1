import type { DatabaseFile } from './database.ts'

/**
 * A clock that does not go back: the latest time that this process, or any other that wrote to the store, has seen. An
 * expired key stays expired if the machine's clock is set back, also after a restart. If a clock was ahead for a while,
 * the lifetime of new keys starts at that time.
 */
export class StoreClock {
  readonly #database: DatabaseFile
  #latest = 0

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
