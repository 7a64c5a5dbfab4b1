import type { Database } from './database.ts'
import type { StoreClock } from './store-clock.ts'

/** Milliseconds between two writes of the last use of a key, or of the time. */
const USE_PRECISION = 60_000

/** Stores when keys were last used, after the running requests, and only if no other process is writing. */
export class KeyUses {
  readonly #database: Database
  readonly #clock: StoreClock
  readonly #noted = new Map<string, number>()
  readonly #unwritten = new Map<string, number>()
  #timeNoted = 0
  #planned: NodeJS.Immediate | undefined
  #writing: Promise<void> = Promise.resolve()

  /** @param database  the keys' database @param clock  the clock of the same store */
  constructor(database: Database, clock: StoreClock) {
    this.#database = database
    this.#clock = clock
  }

  /** A key was used just now. */
  note(id: string): void {
    const now = Date.now()
    if (now - (this.#noted.get(id) ?? 0) < USE_PRECISION) return
    this.#noted.set(id, now)
    this.#unwritten.set(id, now)
    this.#plan()
  }

  /** Stores the time, since something was found to have expired. */
  noteTime(): void {
    const now = Date.now()
    if (now - this.#timeNoted < USE_PRECISION) return
    this.#timeNoted = now
    this.#plan()
  }

  #plan(): void {
    this.#planned ??= setImmediate(() => {
      this.#planned = undefined
      this.#writing = this.#write()
    })
  }

  async #write(): Promise<void> {
    const uses = [...this.#unwritten]
    this.#unwritten.clear()
    try {
      await this.#database.write(
        'KEYS',
        async (queries) => {
          for (const [id, time] of uses)
            await queries.updateTable('api_keys').set({ last_used: time }).where('id', '=', id).execute()
          await this.#clock.keep(queries, await this.#clock.now(queries))
        },
        { unlessBusy: true, isOneOfMany: true },
      )
    } catch {
      // A valid key is accepted even if the disk is full or read-only, or another process is writing.
    }
  }

  /** Stops writing; uses not yet written are dropped. */
  async close(): Promise<void> {
    clearImmediate(this.#planned)
    await this.#writing
  }
}
