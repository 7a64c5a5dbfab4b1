/** Retrainings among several processes that serve together: the primary starts them, and each worker tells how they go. */
import { NEVER_RETRAINED, Retrainings, type RetrainingStatus } from './retraining.ts'
import type { WorkerRole } from './workers.ts'

/** The retrainings of the process that started this worker: all its workers say the same of them. */
export class PrimaryRetrainings extends Retrainings {
  readonly #role: WorkerRole
  #serve: () => Promise<void> = async () => {}
  #told: Promise<void> = Promise.resolve()

  constructor(role: WorkerRole) {
    super(() => [])
    this.#role = role
    role.listen((message) => {
      // One after the other: serving a new model takes a while.
      if ('retraining' in message) this.#told = this.#hear(message.retraining, this.#told)
    })
  }

  async #hear(status: RetrainingStatus, before: Promise<void>): Promise<void> {
    await before
    if (status.retrained?.promoted && this.status.retrained === null) await this.#serve()
    this.change(status)
  }

  override onPromotion(serve: () => Promise<void>): void {
    this.#serve = serve
  }

  override start(force: boolean): void {
    this.expectNone()
    // Known here at once: the answer to whoever asked for it says that it runs.
    this.change({ ...NEVER_RETRAINED, isRunning: true, startedAt: Date.now() })
    this.#role.tell({ retrain: { force } })
  }

  override cancel(): boolean {
    if (!this.status.isRunning) return false
    this.#role.tell({ cancelRetraining: true })
    return true
  }

  /** It goes on when this worker ends. */
  override async close(): Promise<void> {}
}
