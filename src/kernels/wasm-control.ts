/**
 * The signals between the threads of a job, as words in shared memory: a work counter, a barrier, whether to stop,
 * and which row could not be solved.
 */
import { KernelError } from './kernels.ts'

const CLAIMED = 0
const ARRIVED = 1
const GENERATION = 2
const CANCELLED = 3
const FAILED_SIDE = 4
const FAILED_ROW = 5

/** Bytes of the control words. */
export const CONTROL_BYTES = 64

/** How long a thread sleeps at a barrier before it looks whether it should still be there. */
const PATIENCE_MS = 20

const SIDES = ['user', 'item'] as const
export type Side = (typeof SIDES)[number]

/** Thrown inside a thread to leave a job that was cancelled or has failed elsewhere. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}

/** The control words of one job. */
export class Control {
  readonly words: Int32Array

  constructor(memory: WebAssembly.Memory, at: number) {
    this.words = new Int32Array(memory.buffer, at, CONTROL_BYTES / 4)
  }

  /** Shares out the work 0 … count − 1 among the threads and returns when all of it is done. */
  share(threads: number, count: number, work: (index: number) => void): void {
    for (let index = this.#claim(); index < count; index = this.#claim()) {
      if (this.isCancelled()) throw new Cancelled()
      work(index)
    }
    this.meet(threads)
  }

  #claim(): number {
    return Atomics.add(this.words, CLAIMED, 1)
  }

  isCancelled(): boolean {
    return Atomics.load(this.words, CANCELLED) === 1
  }

  /** Makes every thread leave the job. */
  cancel(): void {
    Atomics.store(this.words, CANCELLED, 1)
    Atomics.notify(this.words, GENERATION)
  }

  /**
   * Records the row whose system could not be solved and ends the job.
   * @throws {Cancelled} always
   */
  fail(side: Side, row: number): never {
    // Only the first failure counts: 0 means none, so sides are stored from 1.
    if (Atomics.compareExchange(this.words, FAILED_SIDE, 0, SIDES.indexOf(side) + 1) === 0) {
      Atomics.store(this.words, FAILED_ROW, row)
    }
    this.cancel()
    throw new Cancelled()
  }

  /** The row that could not be solved, if one could not. */
  failure(): { side: Side; row: number } | undefined {
    const side = SIDES[Atomics.load(this.words, FAILED_SIDE) - 1]
    return side === undefined ? undefined : { side, row: Atomics.load(this.words, FAILED_ROW) }
  }

  /** Enters the barrier; the last of `threads` to arrive opens it and resets the work count. */
  meet(threads: number): void {
    const { words } = this
    const generation = Atomics.load(words, GENERATION)
    if (Atomics.add(words, ARRIVED, 1) === threads - 1) {
      Atomics.store(words, ARRIVED, 0)
      Atomics.store(words, CLAIMED, 0)
      Atomics.add(words, GENERATION, 1)
      Atomics.notify(words, GENERATION)
      return
    }
    while (Atomics.load(words, GENERATION) === generation) {
      if (this.isCancelled()) throw new Cancelled()
      Atomics.wait(words, GENERATION, generation, PATIENCE_MS)
    }
  }
}

/** @throws {KernelError} when the signal has aborted */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new KernelError('the fit was cancelled', { cause: signal.reason })
}
