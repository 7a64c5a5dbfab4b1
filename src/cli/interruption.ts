import { constants } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerRole } from '../service/workers.ts'

export const SIGNALS = ['SIGINT', 'SIGTERM'] as const
export type Signal = (typeof SIGNALS)[number]

/** What the thread of a command is started with (command-thread.ts). */
export interface CommandThread {
  readonly kind: 'rationale command'
  /** Whether stderr is a terminal, which a thread cannot tell. */
  readonly isTerminal: boolean
}

/** This thread, where it is that of a command. */
export const commandThread: CommandThread | undefined =
  parentPort !== null && workerData?.kind === 'rationale command' ? workerData : undefined

/** The reason of an abort after Ctrl-C or SIGTERM. */
export class Interruption extends Error {
  override readonly name = 'Interruption'
  /** 128 + the signal's number, like shells: 130 after SIGINT, 143 after SIGTERM. */
  readonly exitCode: number

  constructor(signal: Signal) {
    super(`interrupted by ${signal}`)
    this.exitCode = 128 + constants.signals[signal]
  }
}

let left = 'no partial output is left'

/** What an interruption leaves behind, for its message. */
export function leftByInterruption(): string {
  return left
}

/** For a command whose work until then is kept. @param text  what is kept, and how to go on */
export function keepPartialOutput(text: string): void {
  left = text
}

// Signals are sent to the process, so there is one controller.
const controller = new AbortController()

/**
 * For commands that have to clean up: from now on the first Ctrl-C or SIGTERM aborts the signal, so that the command can
 * end properly, and a second one ends the process at once.
 */
export function abortOnInterruption(): AbortSignal {
  if (commandThread === undefined) for (const signal of SIGNALS) process.on(signal, interrupt)
  // A thread gets no signals: the process passes them on. That it might keeps no thread alive.
  else parentPort!.on('message', interrupt).unref()
  return controller.signal
}

/** For a process that another one started with a channel to it: it ends as if it was interrupted when that one ends. */
export function endWithParent(): void {
  process.on('disconnect', () => interrupt('SIGTERM'))
  // Listening alone keeps no process alive.
  process.channel?.unref()
}

/**
 * For a worker: it is aborted by SIGTERM, or when the process that started it says so. Ctrl-C reaches all processes of a
 * terminal, and the one that started this one passes it on.
 */
export function abortOnStop(role: WorkerRole): AbortSignal {
  process.on('SIGINT', () => {})
  process.on('SIGTERM', interrupt)
  role.listen((message) => {
    if ('stop' in message && !controller.signal.aborted) interrupt('SIGTERM')
  })
  return controller.signal
}

/** Why the command was aborted, if it was. */
export function interruption(): Interruption | undefined {
  return controller.signal.reason
}

function interrupt(signal: Signal): void {
  const reason = new Interruption(signal)
  if (controller.signal.aborted) process.exit(reason.exitCode)
  controller.abort(reason)
}

/**
 * Lets the process handle a signal between two steps that hold the thread.
 * @throws {Interruption} if there was one
 */
export async function hearInterruption(signal: AbortSignal): Promise<void> {
  // Immediates run before the event loop polls for signals: the second one runs after that.
  await setImmediate()
  await setImmediate()
  signal.throwIfAborted()
}
