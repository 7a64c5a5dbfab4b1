/** Finds each system's best setting on a validation split; all systems have the same number of tries. */
import { Work } from '../kernels/work.ts'
import type { Contender, Parameters, Setting } from './baselines/systems.ts'
import { metricsAt, ranksFound } from './metrics.ts'
import { EvaluationError, runSystem } from './system-run.ts'
import { type Task, type Trial, wantedOf } from './trial.ts'
import { isUnsuitable } from './system.ts'

export interface TuningOptions {
  readonly validation: Trial
  readonly task: Task
  /** K of the nDCG@K to maximise. */
  readonly first: number
  readonly seed: number
  /** Called after each setting. */
  readonly onSetting?: (done: number, of: number, tried: Tried) => void
  readonly signal?: AbortSignal
}

/** What a setting reached on the validation split. */
interface Tried {
  readonly system: string
  readonly parameters: Parameters
  /** NaN where the system cannot learn from this data. */
  readonly ndcg: number
}

interface Tuned {
  readonly setting: Setting
  /** Every setting tried, in order; none where there is nothing to tune. */
  readonly tried: readonly Tried[]
}

/**
 * The best setting of each system by mean nDCG, the earlier one among equals.
 * @throws {EvaluationError} naming the system, when one fails
 * @throws the signal's reason when it aborts
 */
export async function tune(contenders: readonly Contender[], options: TuningOptions): Promise<Tuned[]> {
  const of = contenders.reduce((sum, { grid }) => sum + grid.length, 0)
  let done = 0
  const tuned: Tuned[] = []
  for (const contender of contenders) {
    let best: { setting: Setting; ndcg: number } | undefined
    const tried: Tried[] = []
    for (const setting of contender.grid) {
      const ndcg = await ndcgOf(setting, options).catch((error: unknown) => {
        // The report will say so; there is nothing to tune.
        if (error instanceof EvaluationError && isUnsuitable(error.cause)) return Number.NaN
        throw error
      })
      const result = { system: setting.system.name, parameters: setting.parameters, ndcg }
      tried.push(result)
      if (ndcg > (best?.ndcg ?? -1)) best = { setting, ndcg }
      options.onSetting?.(++done, of, result)
    }
    tuned.push({ setting: best?.setting ?? contender, tried })
  }
  return tuned
}

/** Mean nDCG@K of a system's lists on the validation split. */
export async function ndcgOf(
  { system }: Setting,
  { validation, task, first, seed, signal }: TuningOptions,
): Promise<number> {
  const { lists } = await runSystem({
    system,
    trial: validation,
    task,
    seed,
    first,
    ...(signal && { signal }),
  })
  const work = new Work({ signal })
  let total = 0
  for (const [i, testCase] of validation.cases.entries()) {
    const turn = work.pause()
    if (turn) await turn
    total += metricsAt(ranksFound(lists[i], testCase.relevant), wantedOf(testCase), first).ndcg
  }
  return total / validation.cases.length
}
