import type { Dataset } from '../data/dataset.ts'
import type { Configuration } from '../model/configuration.ts'
import type { FittedItems } from '../model/fit.ts'
import type { ValidationSplit } from './validation-split.ts'

/** What an engine fits. */
export interface EngineInput {
  readonly dataset: Dataset
  /** What weights are found on. Present: an engine fits what `train` holds, too. */
  readonly split?: ValidationSplit
  readonly configuration: Configuration
  /** Called with iterations, of all that it fits. */
  readonly onIteration?: (done: number, of: number) => void
  readonly signal?: AbortSignal
}

/** Fits factors of items and finds their partners elsewhere than in this process. */
export interface TrainingEngine {
  /**
   * @returns what it learned of the whole data set; and of `split.train`, by the same numbers of products
   * @throws {ConfigurationError} for a configuration that it cannot fit
   */
  fit(input: EngineInput): Promise<{ readonly whole: FittedItems; readonly train?: FittedItems }>
}
