/** Processes that serve the same address together: the primary starts them, and starts another where one ends. */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RetrainingStatus } from './retraining.ts'

/** What a worker tells the primary. */
export type WorkerMessage =
  /** It serves. */
  | { readonly listening: string }
  | { readonly retrain: { readonly force: boolean } }
  | { readonly cancelRetraining: true }

/** What the primary tells its workers. */
export type PrimaryMessage =
  /** Answer what has been asked, then end. */
  { readonly stop: true } | { readonly retraining: RetrainingStatus }

/** The variable that tells a worker its number. */
const NUMBER = 'RATIONALE_WORKER'

/** How long a worker may take to end, in ms: longer than its requests may. */
const GRACE = 20_000

/** Milliseconds before a worker is started again: at first, and at most. */
const FIRST_PAUSE = 250
const LAST_PAUSE = 30_000

/** A worker that has served for so many milliseconds did not die at its start. */
const STABLE = 10_000

/** If so many starts in a row fail, and no worker serves, the primary gives up. */
const TRIES = 5

interface Log {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

export interface WorkersOptions {
  readonly count: number
  /** The program that each worker runs, and its arguments. */
  readonly program: string
  readonly args: readonly string[]
  /** Variables that are added to the environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Told what a worker says, but for that it listens. */
  readonly onMessage: (message: Exclude<WorkerMessage, { listening: string }>) => void
  /** What a worker is told when it serves; null: nothing. */
  readonly greeting: () => PrimaryMessage | null
  readonly log: Log
}

/** One of the workers; another takes its place when it ends. */
interface Place {
  readonly number: number
  worker: Worker
  /** When it began to serve; null: it does not yet. In ms of `performance.now()`. */
  servingSince: number | null
  /** Starts that failed, in a row. */
  failures: number
}

/** The workers of a primary. */
export class Workers {
  readonly #options: WorkersOptions
  readonly #places: Place[] = []
  readonly #stop = new AbortController()
  readonly #gaveUp = Promise.withResolvers<never>()
  #isStarted = false
  #url = ''

  private constructor(options: WorkersOptions) {
    this.#options = options
    // Whoever asks for `gaveUp` later still hears of it.
    this.#gaveUp.promise.catch(() => {})
    cluster.setupPrimary({ exec: options.program, args: [...options.args] })
  }

  /**
   * Starts the workers: the first one alone, since it may import and train, and then the others, which find what it made.
   * @throws {Error} if one of them ends before it serves: the others are ended then
   * @throws the signal's reason
   */
  static async start(options: WorkersOptions, signal: AbortSignal): Promise<Workers> {
    const workers = new Workers(options)
    const aborted = Promise.withResolvers<never>()
    const abort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      signal.throwIfAborted()
      await Promise.race([workers.#begin(1), aborted.promise])
      const others = Array.from({ length: options.count - 1 }, (_, i) => workers.#begin(i + 2))
      await Promise.race([Promise.all(others), aborted.promise])
      workers.#isStarted = true
      return workers
    } catch (error) {
      await workers.close()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** The URL at which they serve. */
  get url(): string {
    return this.#url
  }

  /** Rejects when no worker serves, and none can be started. */
  get gaveUp(): Promise<never> {
    return this.#gaveUp.promise
  }

  /** Tells all workers something. */
  tell(message: PrimaryMessage): void {
    for (const { worker } of this.#places) send(worker, message)
  }

  /** Sends all workers a signal of the system. */
  signal(name: NodeJS.Signals): void {
    for (const { worker } of this.#places) worker.process.kill(name)
  }

  /** Ends the workers after their running requests. @returns whether each ended by itself */
  async close(): Promise<boolean> {
    this.#stop.abort()
    const ends = this.#places.map(({ worker }) => endOf(worker))
    this.tell({ stop: true })
    return (await Promise.all(ends)).every(Boolean)
  }

  /** Starts a worker for the first time. @throws {Error} if it ends before it serves */
  async #begin(number: number): Promise<void> {
    const place: Place = { number, worker: this.#fork(number), servingSince: null, failures: 0 }
    this.#places.push(place)
    const ended = await this.#serving(place)
    if (ended !== null)
      throw new Error(`worker ${number} ended before it served (${ended}); what it said is above`)
  }

  #fork(number: number): Worker {
    return cluster.fork({ ...this.#options.environment, [NUMBER]: String(number) })
  }

  /** Watches the worker of a place. @returns null when it serves, or how it ended before */
  #serving(place: Place): Promise<string | null> {
    const { worker } = place
    const { promise, resolve } = Promise.withResolvers<string | null>()
    worker.on('message', (message: WorkerMessage) => {
      if (!('listening' in message)) {
        this.#options.onMessage(message)
        return
      }
      this.#url = message.listening
      place.servingSince = performance.now()
      const greeting = this.#options.greeting()
      if (greeting !== null) send(worker, greeting)
      resolve(null)
    })
    // It has ended, or the channel failed: the event `exit` follows.
    worker.on('error', () => {})
    worker.once('exit', (code: number | null, name: string | null) => {
      const how = name === null ? `exit code ${code}` : `killed by ${name}`
      resolve(how)
      if (this.#isStarted && !this.#stop.signal.aborted) void this.#replace(place, code === 0, how)
    })
    return promise
  }

  /** Starts another worker in a place, at once if the former one ended as it was asked to. */
  async #replace(place: Place, isWell: boolean, how: string): Promise<void> {
    const served = place.servingSince === null ? 0 : performance.now() - place.servingSince
    const isFailure = !(isWell && place.servingSince !== null) && served < STABLE
    place.failures = isFailure ? place.failures + 1 : 0
    place.servingSince = null
    const { log } = this.#options
    if (place.failures >= TRIES && this.#places.every(({ servingSince }) => servingSince === null)) {
      this.#gaveUp.reject(new Error(`no worker serves, and ${TRIES} starts in a row failed (${how})`))
      return
    }
    const pause = isFailure ? Math.min(FIRST_PAUSE * 2 ** (place.failures - 1), LAST_PAUSE) : 0
    log.warn({ worker: place.number, ended: how, pause }, 'A worker ended: another takes its place')
    await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => {})
    if (this.#stop.signal.aborted) return
    place.worker = this.#fork(place.number)
    if ((await this.#serving(place)) === null) log.info({ worker: place.number }, 'The worker serves')
  }
}

function send(worker: Worker, message: PrimaryMessage): void {
  if (worker.isConnected()) worker.send(message, () => {})
}

/** Waits until a worker has ended, and kills it if that takes too long. @returns whether it ended by itself */
async function endOf(worker: Worker): Promise<boolean> {
  if (worker.isDead()) return true
  const killing = setTimeout(() => worker.process.kill('SIGKILL'), GRACE)
  const [, name] = (await once(worker, 'exit')) as [number | null, string | null]
  clearTimeout(killing)
  return name === null
}

/** The place of this process among workers. */
export interface WorkerRole {
  /** From 1 on. The first one does what one process alone may do. */
  readonly number: number
  /** Tells the primary something. */
  tell(message: WorkerMessage): void
  /** Calls `act` with what the primary says. */
  listen(act: (message: PrimaryMessage) => void): void
  /** Lets the process end. */
  leave(): void
}

/** The role of this process; null if it is no worker. */
export function workerRole(): WorkerRole | null {
  const { worker } = cluster
  const number = Number(process.env[NUMBER])
  if (worker === undefined || !Number.isInteger(number)) return null
  return {
    number,
    tell: (message) => void process.send?.(message),
    listen: (act) => void process.on('message', act),
    leave: () => void worker.disconnect(),
  }
}
