/**
 * ALS that suits the data: what is counted of a purchase, the convention of confidence, α, λ and the number of factors,
 * by the nDCG@10 of the collaborative source alone on held-out last orders.
 *
 * Few factors and few iterations tell settings apart that differ much (successive halving: Jamieson & Talwalkar 2016,
 * arXiv:1502.07943): all are tried so, the better ones with more, and the best with as many as are asked for; then it
 * is tried with more factors, each time twice as many, while that finds more. What that may take is counted in
 * floating-point operations and not by the clock, so that the same data and configuration choose the same.
 *
 * The grid has both regions that win: Hu, Koren & Volinsky's convention with λ up to 200, and iALS with ν = 1 (Rendle et
 * al. 2021, arXiv:2110.14037), which reads no r.
 */
import type { Observation } from '../data/confidence.ts'
import { OBSERVATIONS } from '../data/confidence.ts'
import { csrFromTriples } from '../kernels/csr.ts'
import type { Csr, Kernels } from '../kernels/kernels.ts'
import { isRegularizedByRow } from '../kernels/regularization.ts'
import type { Configuration } from '../model/configuration.ts'
import { equationOf } from '../model/configuration.ts'
import { fitFactors, observations } from '../model/fit.ts'
import type { HistoryDetails } from '../model/history-details.ts'
import { historyDetails, orderContents } from '../model/history-details.ts'
import { FIRST, ndcgOfList } from './ndcg.ts'
import type { ValidationSplit } from './validation-split.ts'
import { evenly } from './validation-split.ts'

/**
 * How much is tried: nothing; what takes about as long as two more plain fits, the larger fits that are chosen included,
 * or a few seconds; or everything.
 */
export type Effort = (typeof EFFORTS)[number]
/** The efforts, the least first. */
export const EFFORTS = ['quick', 'normal', 'thorough'] as const

/** What is chosen. */
const FIELDS = [
  'observation',
  'confidence',
  'frequencyExponent',
  'regularizationScale',
  'alpha',
  'regularization',
  'factors',
] as const
export type AlsSetting = Pick<Configuration, (typeof FIELDS)[number]>

/** Fields that bind the search to the convention that is configured: they mean another thing in another. */
const BINDING = ['confidence', 'alpha', 'regularization', 'frequencyExponent', 'regularizationScale'] as const

/** A setting that was tried, and how it did. */
export interface AlsTry extends AlsSetting {
  readonly iterations: number
  /** Mean nDCG@10 over the customers held out. */
  readonly ndcg: number
}

export interface AlsChoice {
  /** The configuration, with what was chosen in it. */
  readonly configuration: Configuration
  /** In the order of the tries; none where nothing was. */
  readonly tried: readonly AlsTry[]
}

export interface ChooseAlsOptions {
  readonly effort: Effort
  /** Fields that stay as they are. One of `BINDING` keeps the convention too. The scale of λ is never searched. */
  readonly fixed?: ReadonlySet<keyof Configuration>
  /** Called after every try. */
  readonly onTry?: (tried: AlsTry) => void
  readonly signal?: AbortSignal
}

/** With fewer customers than this nothing is shown. */
const LEAST_CUSTOMERS = 50

/** The grid: α (α₀), and with each λ. Of iALS, the more what was not bought weighs, the less λ has to be. */
const GRID: Readonly<
  Record<'hu-koren-volinsky' | 'ials', readonly [alpha: number, lambdas: readonly number[]][]>
> = {
  'hu-koren-volinsky': [
    [1, [1, 10, 100]],
    [10, [1, 10, 100]],
    [40, [1, 10, 100]],
  ],
  ials: [
    [0.03, [0.01, 0.03]],
    [0.1, [0.003, 0.01, 0.03]],
    [0.3, [0.001, 0.003, 0.01]],
    [1, [0.001, 0.003]],
  ],
}

/** From α or λ to one nearby. */
const NEARBY = 2

/**
 * With how many factors and iterations at most settings are tried: all, and then the `BEST` of them; and by what λ is
 * multiplied where there are more factors.
 */
const ROUNDS = {
  normal: {
    first: { factors: 16, iterations: 5 },
    second: { factors: 32, iterations: 10 },
    growth: [1],
  },
  thorough: {
    first: { factors: 32, iterations: 20 },
    second: { factors: 1024, iterations: Infinity },
    growth: [1, 3],
  },
} as const
const BEST = 4

const MOST_FACTORS = 512

/** What a search may do beside so many times a plain fit: a few seconds. */
const FREE_WORK = 3e10
const PLAIN_FITS = 2

/** Customers that the first round asks about: what it costs in a large catalogue is ranking all of it for each. */
const SCREENED_BY = 300

/** What one setting reached: by customer. */
interface Outcome {
  readonly setting: AlsSetting
  readonly quality: Float64Array
  readonly ndcg: number
}

/**
 * Chooses among the settings of ALS. The same data, configuration and effort give the same choice.
 * @throws {KernelError} when factors cannot be solved for, or `signal` aborts
 */
export async function chooseAls(
  split: ValidationSplit,
  configuration: Configuration,
  kernels: Kernels,
  { effort, fixed = new Set(), onTry, signal }: ChooseAlsOptions,
): Promise<AlsChoice> {
  const trial = trialOf(split)
  if (effort === 'quick' || trial.asked.customers.length < LEAST_CUSTOMERS)
    return { configuration, tried: [] }
  const { histories, details, asked: all } = trial
  const rounds = ROUNDS[effort]
  const configured = settingOf(configuration)
  const plain = fitWork(histories, configured, configuration.iterations)
  let left = effort === 'thorough' ? Infinity : PLAIN_FITS * plain + FREE_WORK
  const tried: AlsTry[] = []

  /** Null where it would take more than is left. @param later  what choosing the setting would take after the search */
  async function attempt(
    setting: AlsSetting,
    iterations: number,
    { customers, wanted }: Asked = all,
    later = 0,
  ): Promise<Outcome | null> {
    const work =
      fitWork(histories, setting, iterations) + searchWork(histories, customers.length, setting.factors)
    if (work + later > left) return null
    left -= work
    const fitted = { ...configuration, ...setting, iterations }
    const observed = observations(histories, details, fitted)
    const { itemFactors } = await fitFactors(observed, fitted, kernels, signal && { signal })
    const quality = await qualityOf(itemFactors, fitted, rowsOf(observed, customers), wanted, kernels)
    const ndcg = quality.reduce((sum, one) => sum + one, 0) / quality.length
    tried.push({ ...setting, iterations, ndcg })
    onTry?.(tried[tried.length - 1])
    return { setting, quality, ndcg }
  }

  /** The outcomes best first, each with the factors that its setting asks for. */
  async function attemptAll(
    settings: readonly AlsSetting[],
    { factors, iterations }: { readonly factors: number; readonly iterations: number },
    asked: Asked = all,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    for (const setting of settings) {
      const small = { ...setting, factors: Math.min(factors, setting.factors) }
      const outcome = await attempt(small, Math.min(iterations, configuration.iterations), asked)
      if (outcome) outcomes.push({ ...outcome, setting })
    }
    return bestFirst(outcomes)
  }

  /** The setting with twice the factors, and so on, while that reaches more. */
  async function withMoreFactors(setting: AlsSetting): Promise<AlsSetting> {
    let best = await attempt(setting, configuration.iterations)
    for (let factors = 2 * setting.factors; best !== null && factors <= MOST_FACTORS; factors *= 2) {
      const former = best
      for (const growth of fixed.has('regularization') ? [1] : rounds.growth) {
        const larger = { ...former.setting, factors, regularization: growth * former.setting.regularization }
        // Two fits follow: the one that weights are found on, and the model's.
        const later = 2 * Math.max(0, fitWork(histories, larger, configuration.iterations) - plain)
        const outcome = await attempt(larger, configuration.iterations, all, later)
        if (outcome && outcome.ndcg > best.ndcg) best = outcome
      }
      if (best === former) break
    }
    return best?.setting ?? setting
  }

  const few = effort === 'thorough' ? all : sampleOf(all, SCREENED_BY)
  const screened = await attemptAll(gridOf(configured, fixed), rounds.first, few)
  const leader = screened.find(({ setting }) => setting.confidence !== 'ials')
  if (leader && !fixed.has('observation'))
    screened.push(...(await attemptAll(distinctObservations(trial, leader.setting), rounds.first, few)))
  const good = bestFirst(screened)
    .slice(0, BEST)
    .map(({ setting }) => setting)
  const close = good.slice(0, 1).flatMap((setting) => nearby(setting, fixed))
  const compared = await attemptAll(unique([configured, ...good, ...close]), rounds.second)
  // Where nothing is left for a second round, the first has to do.
  const outcomes = compared.length > 1 ? compared : bestFirst(screened)
  const reference = outcomes.find(({ setting }) => isSame(setting, configured))
  if (reference === undefined) return { configuration, tried }
  const { setting } = isShownBetter(outcomes[0], reference) ? outcomes[0] : reference
  const chosen = fixed.has('factors') ? setting : await withMoreFactors(setting)
  return { configuration: { ...configuration, ...chosen }, tried }
}

/** Histories of the customers held out, and what each of them went on to buy that they had not. */
interface AlsTrial {
  readonly histories: Csr
  readonly details: HistoryDetails
  readonly asked: Asked
}

interface Asked {
  readonly customers: readonly number[]
  readonly wanted: readonly ReadonlySet<number>[]
}

function trialOf({ train, lastOrders }: ValidationSplit): AlsTrial {
  const { customer, product, quantity } = train.interactions
  const histories = csrFromTriples(train.customers.size, train.products.size, customer, product, quantity)
  const { indptr, indices } = histories
  const cases = lastOrders.flatMap(({ customer: who, products }) => {
    const own = new Set(indices.subarray(indptr[who], indptr[who + 1]))
    const wanted = new Set(products.filter((one) => !own.has(one)))
    return own.size > 0 && wanted.size > 0 ? [{ who, wanted }] : []
  })
  return {
    histories,
    details: historyDetails(train, histories, orderContents(train)),
    asked: { customers: cases.map(({ who }) => who), wanted: cases.map(({ wanted }) => wanted) },
  }
}

/** At most so many, at even distances. */
function sampleOf({ customers, wanted }: Asked, most: number): Asked {
  const places = evenly([...customers.keys()], most)
  return { customers: places.map((place) => customers[place]), wanted: places.map((place) => wanted[place]) }
}

/** nDCG@10 of each customer's list: by inner product, without what they bought. */
async function qualityOf(
  itemFactors: Float32Array,
  setting: AlsSetting,
  rows: Csr,
  wanted: readonly ReadonlySet<number>[],
  kernels: Kernels,
): Promise<Float64Array> {
  const items = { rows: rows.columns, columns: setting.factors, data: itemFactors }
  const foldIn = kernels.openFoldIn(items, equationOf(setting))
  const index = kernels.openVectors(items)
  try {
    const { counts, indices } = await index.topK({ queries: foldIn.solve(rows), k: FIRST, excluded: rows })
    return Float64Array.from(wanted, (products, q) =>
      ndcgOfList(indices.subarray(q * FIRST, q * FIRST + counts[q]), products),
    )
  } finally {
    foldIn.close()
    index.close()
  }
}

/** Some rows of a matrix. */
function rowsOf({ columns, indptr, indices, values }: Csr, rows: readonly number[]): Csr {
  const bounds = new Uint32Array(rows.length + 1)
  rows.forEach((row, i) => (bounds[i + 1] = bounds[i] + indptr[row + 1] - indptr[row]))
  const some = {
    rows: rows.length,
    columns,
    indptr: bounds,
    indices: new Uint32Array(bounds[rows.length]),
    values: new Float32Array(bounds[rows.length]),
  }
  rows.forEach((row, i) => {
    some.indices.set(indices.subarray(indptr[row], indptr[row + 1]), bounds[i])
    some.values.set(values.subarray(indptr[row], indptr[row + 1]), bounds[i])
  })
  return some
}

/**
 * About how many floating-point operations a fit takes (docs/core.md): some products of f × f a row, three steps of
 * conjugate gradients an entry, a factorisation; more where each row has a λ of its own.
 */
function fitWork(histories: Csr, setting: AlsSetting, iterations: number): number {
  const { factors } = setting
  const { rows, columns, indices } = histories
  const once = 6 * (rows + columns) * factors ** 2 + 24 * indices.length * factors + 10 * factors ** 3
  return iterations * once * (isRegularizedByRow(equationOf(setting)) ? 1.4 : 1)
}

/** And folding the customers in, exactly, and ranking everything for them. */
function searchWork(histories: Csr, customers: number, factors: number): number {
  const perRow = histories.indices.length / Math.max(1, histories.rows)
  return customers * (2 * histories.columns * factors + perRow * factors ** 2 + factors ** 3 / 3)
}

function settingOf(configuration: Configuration): AlsSetting {
  const fields = FIELDS.map((field) => [field, configuration[field]])
  return Object.fromEntries(fields) as unknown as AlsSetting
}

/** All settings that are tried at first, the configured one before the others. */
function gridOf(configured: AlsSetting, fixed: ReadonlySet<keyof Configuration>): AlsSetting[] {
  const isBound = BINDING.some((field) => fixed.has(field))
  const conventions = isBound ? [configured.confidence] : (['hu-koren-volinsky', 'ials'] as const)
  const settings = conventions.flatMap((confidence) => {
    const grid = GRID[confidence === 'ials' ? 'ials' : 'hu-koren-volinsky']
    const frequencyExponent =
      fixed.has('frequencyExponent') || confidence !== 'ials' ? configured.frequencyExponent : 1
    return grid.flatMap(([alpha, lambdas]) =>
      lambdas.map(
        (lambda): AlsSetting => ({
          observation: configured.observation,
          confidence,
          frequencyExponent,
          regularizationScale: configured.regularizationScale,
          alpha: fixed.has('alpha') ? configured.alpha : alpha,
          regularization: fixed.has('regularization') ? configured.regularization : lambda,
          factors: configured.factors,
        }),
      ),
    )
  })
  return unique([configured, ...settings])
}

/** The same setting with each other observation that is another on this data. */
function distinctObservations({ histories, details }: AlsTrial, setting: AlsSetting): AlsSetting[] {
  const seen = [observations(histories, details, setting).values]
  return OBSERVATIONS.flatMap((observation: Observation) => {
    const other = { ...setting, observation }
    const { values } = observations(histories, details, other)
    if (seen.some((known) => known.every((value, entry) => value === values[entry]))) return []
    seen.push(values)
    return [other]
  })
}

/** A setting with α or λ a little smaller and larger. */
function nearby(setting: AlsSetting, fixed: ReadonlySet<keyof Configuration>): AlsSetting[] {
  const { alpha, regularization } = setting
  const alphas = fixed.has('alpha') ? [] : [alpha / NEARBY, alpha * NEARBY]
  const lambdas = fixed.has('regularization') ? [] : [regularization / NEARBY, regularization * NEARBY]
  return [
    ...alphas.map((other) => Object.assign({}, setting, { alpha: other })),
    ...lambdas.map((other) => Object.assign({}, setting, { regularization: other })),
  ]
}

function isSame(a: AlsSetting, b: AlsSetting): boolean {
  return FIELDS.every((field) => a[field] === b[field])
}

function unique(settings: readonly AlsSetting[]): AlsSetting[] {
  return settings.filter((setting, i) => settings.findIndex((other) => isSame(other, setting)) === i)
}

/** By nDCG, of equals the one tried first. */
function bestFirst(outcomes: readonly Outcome[]): Outcome[] {
  return outcomes.toSorted((a, b) => b.ndcg - a.ndcg)
}

/** Whether what one gains over another, customer by customer, is more than its standard error. */
function isShownBetter(one: Outcome, other: Outcome): boolean {
  const gains = one.quality.map((quality, i) => quality - other.quality[i])
  const gain = one.ndcg - other.ndcg
  const variance = gains.reduce((sum, value) => sum + (value - gain) ** 2, 0) / (gains.length - 1)
  return gain > Math.sqrt(variance / gains.length)
}
