import { NotPositiveDefiniteError } from '../kernels/kernels.ts'
import type { Dataset } from '../data/dataset.ts'
import type { Work } from '../kernels/work.ts'
import type { Task, TestCase } from './trial.ts'

/** Something that recommends, by the name it has in the report. */
export interface System {
  readonly name: string
  /** Whether the seed changes its lists: then it is run with several. */
  readonly isRandom: boolean
  /**
   * Learns from `train`, and from nothing else.
   * @param work  asked for pauses, so that others get their turn, and Ctrl-C is heard; default: nothing can end it
   */
  fit(train: Dataset, seed: number, work?: Work): Promise<FittedSystem>
}

/** A system that has learnt. */
export interface FittedSystem {
  /**
   * A list for each case, best first, at most `first` distinct products; shorter where it has no more to say. Under
   * `discovery` none from the case's history.
   * @param work  as for the fit
   */
  recommend(cases: readonly TestCase[], task: Task, first: number, work?: Work): Promise<Uint32Array[]>
  close(): void
}

/**
 * A system cannot learn from this data, and the message says why: what is missing or too much, where, and what would
 * help. The report then says "not run" and the message, and goes on with the other systems.
 */
export class UnsuitableDataError extends Error {
  override readonly name = 'UnsuitableDataError'
}

/** Whether a system failed by the data: that it cannot learn from, or that its equations have no solution for. */
export function isUnsuitable(cause: unknown): cause is Error {
  return cause instanceof UnsuitableDataError || cause instanceof NotPositiveDefiniteError
}
