/**
 * Every system that stands in an evaluation's table, and what each may be tuned to: the same number of settings for
 * all that have parameters, so that none wins by having been tried harder (Ferrari Dacrema, Cremonesi & Jannach 2019,
 * arXiv:1907.06902). The one with the best result on a validation split, carved from the training data, is evaluated.
 */
import type { Kernels } from '../../kernels/kernels.ts'
import type { Configuration } from '../../model/configuration.ts'
import { configure } from '../../model/configuration.ts'
import type { System } from '../system.ts'
import type { Task } from '../trial.ts'
import { als } from './als.ts'
import { buyAgain, buyAgainBy } from './buy-again.ts'
import { coPurchase, bm25, cosine, rp3beta } from './co-purchase.ts'
import { ease } from './ease.ts'
import { engine } from './engine.ts'
import { categoryPopularity, sellerPopularity } from './group-popularity.ts'
import { popularity, recentPopularity } from './popularity.ts'
import { random } from './random.ts'

/** Settings of a system's parameters, by their names. */
export type Parameters = Readonly<Record<string, number | string>>

/** A system with some setting of its parameters. */
export interface Setting {
  readonly parameters: Parameters
  readonly system: System
}

/** A system of the table. */
export interface Contender extends Setting {
  /** `SETTINGS_EACH` of them, or none where there is nothing to tune. */
  readonly grid: readonly Setting[]
}

/** The budget: how many settings of each system's parameters are tried. */
export const SETTINGS_EACH = 8

/** What our own system is called: the one that the others are compared with. */
export const DEFAULT_SYSTEM = 'default'

/** Nearest neighbours of a product, where their number is not among what is tuned. */
const NEIGHBOURS = 200

/** In days. Ten years are next to no decay, and a number that JSON can hold. */
const HALF_LIVES = [7, 14, 30, 60, 90, 180, 365, 3650]
const BUY_AGAIN_HALF_LIVES = [1, 3, 7, 14, 30, 90, 365, 3650]
const halfLife = (halfLifeDays: number) => ({ halfLifeDays })

const hkv = (factors: number, alpha: number, regularization: number) =>
  ({ confidence: 'hu-koren-volinsky', alpha, regularization, frequencyExponent: 0, factors }) as const
const ials = (factors: number, alpha: number, regularization: number) =>
  ({ confidence: 'ials', alpha, regularization, frequencyExponent: 1, factors }) as const

/** Both conventions, where they won in searches over a hundred settings on several data sets (docs/evaluation.md). */
const ALS = [
  hkv(64, 1, 10),
  hkv(256, 40, 10),
  hkv(128, 5, 30),
  hkv(128, 40, 100),
  hkv(256, 1, 30),
  hkv(256, 40, 150),
  ials(128, 0.1, 0.003),
  ials(128, 0.3, 0.01),
]

/**
 * Every system, in the order of the table, each with parameters that suit most shops and the grid to tune it by. All
 * settings of one system have its name.
 * @param kernels  stay open for as long as the systems
 * @param task  what may not be bought again needs no list of what was bought
 * @param configuration  of our own system, its seed apart; default: the preset's
 * @param leastCustomers  of the engine's lists, ours and its parts' (`RecommenderOptions`); default 1
 */
export function contenders(
  kernels: Kernels,
  task: Task,
  configuration: Configuration = configure('default'),
  leastCustomers = 1,
): Contender[] {
  const { preset } = configuration
  return [
    untuned(random()),
    untuned(popularity()),
    tuned(recentPopularity, halfLife(30), HALF_LIVES.map(halfLife)),
    tuned(categoryPopularity, halfLife(90), HALF_LIVES.map(halfLife)),
    tuned(sellerPopularity, halfLife(90), HALF_LIVES.map(halfLife)),
    ...(task === 'discovery' ? [] : [tuned(buyAgain, halfLife(30), BUY_AGAIN_HALF_LIVES.map(halfLife))]),
    ...(task === 'next-basket' ? [untuned(buyAgainBy('frequency')), untuned(buyAgainBy('recency'))] : []),
    tuned(
      ({ neighbours, shrink }) => coPurchase('co-purchase cosine', cosine({ shrink }), neighbours),
      { neighbours: 100, shrink: 10 },
      pairs('neighbours', [20, 50, 100, 200], 'shrink', [0, 10]),
    ),
    tuned(
      ({ k1, b }) => coPurchase('co-purchase BM25', bm25({ k1, b }), NEIGHBOURS),
      { k1: 1.2, b: 0.75 },
      pairs('k1', [0.3, 1.2, 10, 100], 'b', [0.25, 0.75]),
    ),
    tuned(
      ({ alpha, beta }) => coPurchase('co-purchase RP3beta', rp3beta({ alpha, beta }), NEIGHBOURS),
      { alpha: 1, beta: 0.3 },
      pairs('alpha', [0.6, 1], 'beta', [0, 0.3, 0.6, 0.9]),
    ),
    tuned(
      (parameters) => ease(parameters, kernels),
      { lambda: 100 },
      [0.1, 1, 10, 50, 100, 250, 500, 1000].map((lambda) => ({ lambda })),
    ),
    tuned((setting) => als({ ...setting, counts: 'logarithm', iterations: 16 }, kernels), ALS[0], ALS),
    untuned(content(kernels)),
    untuned(engine({ name: 'notebook', preset: 'notebook', leastCustomers }, kernels)),
    untuned(engine({ name: DEFAULT_SYSTEM, preset, overrides: configuration, leastCustomers }, kernels)),
  ]
}

/** Our own system, asked without knowing what people looked at: what it lacks is what views are worth. */
export function withoutViews(
  kernels: Kernels,
  configuration: Configuration,
  leastCustomers: number,
): Contender {
  const { preset } = configuration
  const name = `${DEFAULT_SYSTEM} without views`
  return untuned(
    engine({ name, preset, overrides: configuration, knowsInterest: false, leastCustomers }, kernels),
  )
}

/** One factor and one iteration: what is not asked need not be learnt. */
function content(kernels: Kernels): System {
  const overrides = { factors: 1, iterations: 1 }
  return engine({ name: 'content', preset: 'default', overrides, only: 'content', isRandom: false }, kernels)
}

function untuned(system: System): Contender {
  return { parameters: {}, system, grid: [] }
}

function tuned<P extends Parameters>(
  build: (parameters: P) => System,
  usual: P,
  grid: readonly P[],
): Contender {
  const setting = (parameters: P) => ({ parameters, system: build(parameters) })
  return { ...setting(usual), grid: grid.map(setting) }
}

/** Every value of one parameter with every value of another. */
function pairs<A extends string, B extends string>(
  one: A,
  values: readonly number[],
  other: B,
  others: readonly number[],
): Record<A | B, number>[] {
  return values.flatMap((a) => others.map((b) => ({ [one]: a, [other]: b }) as Record<A | B, number>))
}
