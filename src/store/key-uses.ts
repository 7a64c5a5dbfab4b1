import type { DatabaseFile } from './database.ts'
import type { StoreClock } from './store-clock.ts'

/** Milliseconds between two writes of the last use of a key, or of the time. */
const USE_PRECISION = 60_000

/** Stores when keys were last used, after the running requests, and only if no other process is writing. */
export class KeyUses {
  readonly #database: DatabaseFile
  readonly #clock: StoreClock
  readonly #noted = new Map<string, number>()
  readonly #unwritten = new Map<string, number>()
  #timeNoted = 0
  #writing: NodeJS.Immediate | undefined

  /** @param database  the keys' database @param clock  the clock of the same store */
  constructor(database: DatabaseFile, clock: StoreClock) {
    this.#database = database
    this.#clock = clock
  }

  /** A key was used just now. */
  note(id: string): void {
    const now = Date.now()
    if (now - (this.#noted.get(id) ?? 0) < USE_PRECISION) return
    this.#noted.set(id, now)
    this.#unwritten.set(id, now)
    this.#writing ??= setImmediate(() => this.#write())
  }

  /** Stores the time, since something was found to have expired. */
  noteTime(): void {
    const now = Date.now()
    if (now - this.#timeNoted < USE_PRECISION) return
    this.#timeNoted = now
    this.#writing ??= setImmediate(() => this.#write())
  }

  #write(): void {
    this.#writing = undefined
    try {
      this.#database.unlessBusy(() => {
        const write = this.#database.toWrite('UPDATE api_keys SET last_used = ? WHERE id = ?')
        for (const [id, time] of this.#unwritten) write.run(time, id)
        this.#clock.keep(this.#clock.now())
      })
    } catch {
      // A valid key is accepted even if the disk is full or read-only, or another process is writing.
    }
    this.#unwritten.clear()
  }

  /** Stops writing; uses not yet written are dropped. */
  close(): void {
    clearImmediate(this.#writing)
  }
}
