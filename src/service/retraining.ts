/** A retraining beside serving: a process of its own, so that requests are answered meanwhile. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Retrained, RetrainingStage } from './retrain.ts'

/** What the process of a retraining sends. */
export type RetrainingMessage =
  | { readonly stage: RetrainingStage; readonly share: number }
  | { readonly retrained: Retrained }

/** How the last retraining of this server goes, or went. */
export interface RetrainingStatus {
  readonly isRunning: boolean
  /** In ms since 1970 UTC; null: there was none. */
  readonly startedAt: number | null
  /** What it is doing; null unless it is running and has begun with something. */
  readonly stage: RetrainingStage | null
  /** How much of that is done, 0 to 1. */
  readonly share: number
  /** What became of it; null before its end, and if it failed. */
  readonly retrained: Retrained | null
  /** Why it failed, or that it was cancelled; null: it did not. */
  readonly failure: string | null
}

/** A retraining is running, and another cannot begin. */
export class RetrainingError extends Error {
  override readonly name = 'RetrainingError'
}

/** How long a cancelled process may take to end by itself, in ms: nothing is lost if it cannot. */
const GRACE = 3000

/** The last of what a failed process printed, in characters. */
const KEPT_OUTPUT = 2000

/** Before the first one. */
export const NEVER_RETRAINED: RetrainingStatus = {
  isRunning: false,
  startedAt: null,
  stage: null,
  share: 0,
  retrained: null,
  failure: null,
}

/** Starts retrainings, one at a time, and tells how they go. */
export class Retrainings {
  readonly #command: (force: boolean) => readonly string[]
  readonly #now: () => number
  readonly #onChange: (status: RetrainingStatus) => void
  readonly #environment: NodeJS.ProcessEnv
  readonly #waiting = new Set<() => void>()
  #status = NEVER_RETRAINED
  #child: ChildProcess | undefined
  #isCancelled = false
  #ended: Promise<unknown> = Promise.resolve()
  #serve: () => Promise<void> = async () => {}

  /**
   * @param command  the program and arguments of a process that retrains, sends `RetrainingMessage`s, and exits with 0
   *   unless it fails; it ends when the channel to this process closes
   * @param onChange  told of each change of the status
   * @param environment  that of the process: other users can read arguments
   */
  constructor(
    command: (force: boolean) => readonly string[],
    now: () => number = Date.now,
    onChange: (status: RetrainingStatus) => void = () => {},
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.#command = command
    this.#now = now
    this.#onChange = onChange
    this.#environment = environment
  }

  /**
   * Called as soon as a retraining has promoted its model, which has not ended before this has.
   * @param serve  does not throw
   */
  onPromotion(serve: () => Promise<void>): void {
    this.#serve = serve
  }

  /** How it goes now. */
  get status(): RetrainingStatus {
    return this.#status
  }

  /** Resolves when the running retraining has ended. */
  get ended(): Promise<unknown> {
    return this.#ended
  }

  /** @throws {RetrainingError} while one is running here */
  expectNone(): void {
    if (this.#status.isRunning)
      throw new RetrainingError('A retraining is running already: wait for its end, or cancel it.')
  }

  /** Begins a retraining. @throws {RetrainingError} while another is running here */
  start(force: boolean): void {
    this.expectNone()
    const [program, ...args] = this.#command(force)
    this.#isCancelled = false
    this.change({ ...NEVER_RETRAINED, isRunning: true, startedAt: this.#now() })
    this.#child = fork(program, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: this.#environment,
    })
    this.#ended = this.#watch(this.#child)
  }

  /** Ends the running retraining; nothing has changed then, unless it has promoted its model. @returns whether one runs */
  cancel(): boolean {
    if (!this.#status.isRunning) return false
    this.#isCancelled = true
    const child = this.#child
    child?.kill('SIGTERM')
    setTimeout(() => child?.kill('SIGKILL'), GRACE).unref()
    return true
  }

  /** Ends the running retraining, and waits for its end. */
  async close(): Promise<void> {
    this.cancel()
    await this.#ended
  }

  /** The status now and after each change, while one is running; of several changes at once only the last. */
  async *changes(signal?: AbortSignal): AsyncGenerator<RetrainingStatus> {
    for (;;) {
      const status = this.#status
      yield status
      if (!status.isRunning) return
      if (this.#status !== status) continue
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.add(resolve)
      signal?.addEventListener('abort', () => resolve(), { once: true })
      await promise
      this.#waiting.delete(resolve)
      if (signal?.aborted) return
    }
  }

  async #watch(child: ChildProcess): Promise<void> {
    let output = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT)
    })
    let served: Promise<void> | undefined
    child.on('message', (message: RetrainingMessage) => {
      this.change({ ...this.#status, ...message })
      if ('retrained' in message && message.retrained.promoted) served = this.#serve()
    })
    const failure = await once(child, 'close').then(
      ([code]) => (code === 0 ? null : (output.trim().split('\n').at(-1) ?? '') || `It ended with ${code}.`),
      (error: Error) => `It cannot be started: ${error.message}.`,
    )
    this.#child = undefined
    await served
    const cancelled = this.#isCancelled && failure !== null ? 'It was cancelled.' : failure
    this.change({ ...this.#status, isRunning: false, stage: null, share: 0, failure: cancelled })
  }

  /** Sets the status, and tells those who wait for changes. */
  /** Sets the status, and tells those who wait for changes. */
  protected change(status: RetrainingStatus): void {
    this.#status = status
    this.#onChange(status)
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
