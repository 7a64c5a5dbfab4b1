import type { Question } from './serve-load.ts'

/** A server that recommends, running. */
export interface System {
  readonly name: string
  /** What it is made of. */
  readonly version: string
  /** What an answer holds. */
  readonly answers: string
  readonly question: Question
  /** Seconds from order history to the first answer, what is built once left out. */
  readonly secondsToReady: number
  readonly pid: number
  stop(): Promise<void>
}
