/**
 * The search for an ALS that suits a data set, after Rendle et al. 2021 (arXiv:2110.14037): the weight of what was not
 * observed (α₀) and λ together on a grid, in few factors and with ν = 1; then the number of factors, which takes no
 * less regularization with it. Each try is one fit and one ranking of the validation split.
 */
import type { Kernels } from '../kernels/kernels.ts'
import type { Configuration } from '../model/configuration.ts'
import { engine } from './baselines/engine.ts'
import { ndcgOf, type TuningOptions } from './tuning.ts'

/** What the search decides. */
export type AlsSetting = Pick<
  Configuration,
  'confidence' | 'frequencyExponent' | 'alpha' | 'regularization' | 'factors'
>

/** A setting and what it reached. */
export interface AlsTry {
  readonly setting: AlsSetting
  /** Mean nDCG on the validation split. */
  readonly ndcg: number
}

interface AlsSearchOptions extends TuningOptions {
  /** Tries of an earlier, interrupted search on the same split: they are not made again. */
  readonly known: readonly AlsTry[]
  /** Called after each try, made or known. */
  readonly onTry: (tried: AlsTry, done: number, of: number) => void
}

const ALPHAS = [0.01, 0.03, 0.1, 0.3, 1]
const REGULARIZATIONS = [0.001, 0.003, 0.01, 0.03, 0.1]
const GRID_FACTORS = 32
const FACTORS = [64, 128, 256]

/**
 * @returns every try, in order; the best is `bestOf` them
 * @throws {EvaluationError} when a fit fails
 * @throws the signal's reason when it aborts
 */
export async function searchAls(kernels: Kernels, options: AlsSearchOptions): Promise<AlsTry[]> {
  const tries: AlsTry[] = []
  const of = ALPHAS.length * REGULARIZATIONS.length + FACTORS.length
  const attempt = async (setting: AlsSetting) => {
    const known = options.known.find((other) => isSame(other.setting, setting))
    const ndcg = known?.ndcg ?? (await reached(setting, kernels, options))
    tries.push({ setting, ndcg })
    options.onTry(tries[tries.length - 1], tries.length, of)
  }
  for (const alpha of ALPHAS) {
    for (const regularization of REGULARIZATIONS) {
      await attempt({
        confidence: 'ials',
        frequencyExponent: 1,
        alpha,
        regularization,
        factors: GRID_FACTORS,
      })
    }
  }
  const { setting } = bestOf(tries)
  for (const factors of FACTORS) await attempt({ ...setting, factors })
  return tries
}

/** The try that reached most, the earlier one among equals. */
export function bestOf(tries: readonly AlsTry[]): AlsTry {
  return tries.reduce((best, tried) => (tried.ndcg > best.ndcg ? tried : best))
}

/** Mean nDCG of ALS alone with a setting, on the trial of the options. */
export function reached(setting: AlsSetting, kernels: Kernels, options: TuningOptions): Promise<number> {
  const system = engine(
    { name: 'ALS', preset: 'default', overrides: setting, only: 'collaborative' },
    kernels,
  )
  return ndcgOf({ parameters: {}, system }, options)
}

function isSame(a: AlsSetting, b: AlsSetting): boolean {
  return (Object.keys(a) as (keyof AlsSetting)[]).every((field) => a[field] === b[field])
}
