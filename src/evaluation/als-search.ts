/**
 * The search for an ALS that suits a data set, in both conventions that win on some: that of Rendle et al. 2021
 * (arXiv:2110.14037), with ν = 1, and that of Hu, Koren & Volinsky, whose best λ are far greater. Of each the weight (α₀,
 * α) and λ together on a grid, in few factors; then more factors for the best of each; then the most for the best of all.
 * Each try is one fit and one ranking of the validation split.
 */
import type { Kernels } from '../kernels/kernels.ts'
import type { Configuration } from '../model/configuration.ts'
import { configure } from '../model/configuration.ts'
import { als } from './baselines/als.ts'
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

type Convention = Pick<AlsSetting, 'confidence' | 'frequencyExponent'>

const GRIDS: readonly (Convention & { readonly alphas: number[]; readonly regularizations: number[] })[] = [
  {
    confidence: 'ials',
    frequencyExponent: 1,
    alphas: [0.01, 0.03, 0.1, 0.3, 1],
    regularizations: [0.001, 0.003, 0.01, 0.03],
  },
  {
    confidence: 'hu-koren-volinsky',
    frequencyExponent: 0,
    alphas: [1, 5, 40],
    regularizations: [1, 10, 30, 100],
  },
]
const GRID_FACTORS = 64
const MORE_FACTORS = [128, 256]
const MOST_FACTORS = [512]
/**
 * @returns every try, in order; the best is `bestOf` them
 * @throws {EvaluationError} when a fit fails
 * @throws the signal's reason when it aborts
 */
export async function searchAls(kernels: Kernels, options: AlsSearchOptions): Promise<AlsTry[]> {
  const tries: AlsTry[] = []
  // More factors than products learn nothing more.
  const fitting = (all: readonly number[]) =>
    all.filter((factors) => factors <= options.validation.train.products.size)
  const [more, most] = [fitting(MORE_FACTORS), fitting(MOST_FACTORS)]
  const of = GRIDS.reduce(
    (sum, { alphas, regularizations }) => sum + alphas.length * regularizations.length + more.length,
    most.length,
  )
  const attempt = async (setting: AlsSetting) => {
    const known = options.known.find((other) => isSame(other.setting, setting))
    const ndcg = known?.ndcg ?? (await reached(setting, kernels, options))
    tries.push({ setting, ndcg })
    options.onTry(tries[tries.length - 1], tries.length, of)
  }
  for (const { alphas, regularizations, ...convention } of GRIDS) {
    const begin = tries.length
    for (const alpha of alphas) {
      for (const regularization of regularizations) {
        await attempt({ ...convention, alpha, regularization, factors: GRID_FACTORS })
      }
    }
    const { setting } = bestOf(tries.slice(begin))
    for (const factors of more) await attempt({ ...setting, factors })
  }
  for (const factors of most) await attempt({ ...bestOf(tries).setting, factors })
  return tries
}

/** The try that reached most, the earlier one among equals. */
export function bestOf(tries: readonly AlsTry[]): AlsTry {
  return tries.reduce((best, tried) => (tried.ndcg > best.ndcg ? tried : best))
}

/** Mean nDCG of ALS alone with a setting, on the trial of the options. */
export function reached(setting: AlsSetting, kernels: Kernels, options: TuningOptions): Promise<number> {
  const { iterations } = configure('default')
  const system = als({ ...setting, iterations, counts: 'logarithm' }, kernels)
  return ndcgOf({ parameters: {}, system }, options)
}

function isSame(a: AlsSetting, b: AlsSetting): boolean {
  return (Object.keys(a) as (keyof AlsSetting)[]).every((field) => a[field] === b[field])
}
