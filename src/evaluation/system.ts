import type { Dataset } from '../data/dataset.ts'
import type { Task, TestCase } from './trial.ts'

/** Something that recommends, by the name it has in the report. */
export interface System {
  readonly name: string
  /** Whether the seed changes its lists: then it is run with several. */
  readonly isRandom: boolean
  /** Learns from `train`, and from nothing else. */
  fit(train: Dataset, seed: number): Promise<FittedSystem>
}

/** A system that has learnt. */
export interface FittedSystem {
  /**
   * A list for each case, best first, at most `first` distinct products; shorter where it has no more to say. Under
   * `discovery` none from the case's history.
   */
  recommend(cases: readonly TestCase[], task: Task, first: number): Promise<Uint32Array[]>
  close(): void
}
