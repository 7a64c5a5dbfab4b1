import type { Queries } from './database.ts'

/**
 * A clock that does not go back: the latest time that this process, or any other that wrote to the store, has seen. An
 * expired key stays expired if the machine's clock is set back, also after a restart. If a clock was ahead for a while,
 * the lifetime of new keys starts at that time.
 */
export class StoreClock {
  #latest = 0

  /** The time in ms since 1970. */
  async now(queries: Queries): Promise<number> {
    const row = await queries.selectFrom('clock').select('latest').executeTakeFirst()
    return this.notBefore(row?.latest ?? 0)
  }

  /** The time in ms since 1970. @param kept  the latest time in the store */
  notBefore(kept: number): number {
    this.#latest = Math.max(this.#latest, kept, Date.now())
    return this.#latest
  }

  /** Stores a time, unless a later one is stored; within a transaction. */
  async keep(queries: Queries, time: number): Promise<void> {
    await queries
      .insertInto('clock')
      .values({ only: 1, latest: time })
      .onConflict((conflict) =>
        conflict.column('only').doUpdateSet({ latest: time }).where('clock.latest', '<', time),
      )
      .execute()
  }
}
