import type { Dataset } from '../../data/dataset.ts'
import type { RecommendationRequest } from '../../engine/recommendation.ts'
import { Recommender } from '../../engine/recommender.ts'
import type { RankedList } from '../../engine/arranged-list.ts'
import { trainModel } from '../../engine/train.ts'
import type { Kernels } from '../../kernels/kernels.ts'
import { Work } from '../../kernels/work.ts'
import type { LearnedSource } from '../../model/blend-weights.ts'
import { fixedWeights } from '../../model/blend-weights.ts'
import type { Configuration, PresetName } from '../../model/configuration.ts'
import { configure } from '../../model/configuration.ts'
import { fitModel } from '../../model/fit.ts'
import type { System } from '../system.ts'
import type { Task, TestCase } from '../trial.ts'

/** How many cases are asked about at once: what the engine holds for each of them is bounded. */
const BATCH = 256

/** The form of the engine that is evaluated. */
interface EngineVariant {
  /** Its name in the report. */
  readonly name: string
  readonly preset: PresetName
  /** Changed fields of the preset. */
  readonly overrides?: Partial<Omit<Configuration, 'preset' | 'seed'>>
  /** One source of the default blend, to be judged alone: its weight is 1, all others' 0. */
  readonly only?: LearnedSource
  /** Default true: what a case's person looked at is known where the case says so. */
  readonly knowsInterest?: boolean
  /** Default true: the factors' start depends on the seed, and the lists on the factors. */
  readonly isRandom?: boolean
  /**
   * The option of `Recommender`. Default 1: each case stands for a known customer, whether or not the model has them.
   */
  readonly leastCustomers?: number
}

/**
 * The engine itself, as it would serve: `trainModel` on the training data, and the lists of a `Recommender`; or one of
 * its sources alone, without what it can say nothing of. Whom the model knows it is asked about by name,
 * others by their history.
 * @param kernels  stay open for as long as the system and what it fits
 * @throws {ConfigurationError} when an override is not allowed
 */
export function engine(
  {
    name,
    preset,
    overrides = {},
    only,
    knowsInterest = true,
    isRandom = true,
    leastCustomers = 1,
  }: EngineVariant,
  kernels: Kernels,
): System {
  configure(preset, overrides)
  return {
    name,
    isRandom,
    async fit(train, seed, work = new Work()) {
      const configuration = configure(preset, { ...overrides, seed })
      const data = withoutSegments(train)
      const watched = work.signal ? { signal: work.signal } : {}
      const model = only
        ? await fitModel(data, configuration, kernels, {
            ...watched,
            blendWeights: fixedWeights({ [only]: 1 }),
          })
        : await trainModel(data, configuration, kernels, watched)
      const recommender = new Recommender(model, kernels, { leastCustomers })

      return {
        async recommend(cases, task, first, asked = new Work()) {
          const lists: Uint32Array[] = []
          for (let begin = 0; begin < cases.length; begin += BATCH) {
            await asked.pause()
            const batch = cases.slice(begin, begin + BATCH)
            const requests = batch.map((one) => requestOf(one, task, first, knowsInterest))
            for (const list of await recommender.rank(requests, asked)) lists.push(firstOf(list, first, only))
          }
          return lists
        },
        close: () => recommender.close(),
      }
    },
  }
}

/** @param only  the source that must have something to say of each; what it says nothing of comes last */
function firstOf({ strategy, ranking }: RankedList, first: number, only?: LearnedSource): Uint32Array {
  const products = ranking.products.slice(0, first)
  if (only === undefined || strategy === 'POPULARITY') return Uint32Array.from(products)
  const isKnown = (product: number) =>
    ranking.sources(product).some(({ source, value }) => source === only && value !== null)
  return Uint32Array.from(products.filter(isKnown))
}

function requestOf(
  { customer, history, interest, at }: TestCase,
  task: Task,
  first: number,
  knowsInterest: boolean,
): RecommendationRequest {
  const moment = Number.isNaN(at) ? {} : { at }
  const asked = {
    first,
    includePurchased: task !== 'discovery',
    ...moment,
    ...(knowsInterest && interest && { interest }),
  }
  if (customer >= 0) return { ...asked, customer }
  const purchases = history.map(({ firstPurchasedAt, purchasedAt, ...purchase }) => ({
    ...purchase,
    firstPurchasedAt: orNull(firstPurchasedAt),
    purchasedAt: orNull(purchasedAt),
  }))
  return { ...asked, history: purchases }
}

function orNull(time: number): number | null {
  return Number.isNaN(time) ? null : time
}

/** Lists do not depend on segments: none are given, so that none are looked for, which would take most of the fit. */
export function withoutSegments(train: Dataset): Dataset {
  const codes = new Int32Array(train.customers.size).fill(-1)
  return { ...train, segments: { name: 'segment', labels: [], codes } }
}
