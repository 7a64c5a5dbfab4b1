import type { Dataset } from '../../data/dataset.ts'
import type { RecommendationRequest } from '../../engine/recommendation.ts'
import { Recommender } from '../../engine/recommender.ts'
import { trainModel } from '../../engine/train.ts'
import type { Kernels } from '../../kernels/kernels.ts'
import { Work } from '../../kernels/work.ts'
import type { Configuration, PresetName } from '../../model/configuration.ts'
import { configure } from '../../model/configuration.ts'
import type { System } from '../system.ts'
import type { Task, TestCase } from '../trial.ts'

/** How many cases are asked about at once: what the engine holds for each of them is bounded. */
const BATCH = 256

/** What the engine is to be judged as. */
interface EngineVariant {
  /** In the report. */
  readonly name: string
  readonly preset: PresetName
  /** Of the preset's fields. */
  readonly overrides?: Partial<Omit<Configuration, 'preset' | 'seed'>>
  /** Default true: the factors' start depends on the seed, and the lists on the factors. */
  readonly isRandom?: boolean
  /** Of a `Recommender`. Default 1: whoever is asked about stands for a known customer, whether or not the model has them. */
  readonly leastCustomers?: number
}

/**
 * The engine itself, as it would serve: `trainModel` on the training data, and the lists of a `Recommender`. Whom the
 * model knows it is asked about by name, others by their history.
 * @param kernels  stay open for as long as the system and what it fits
 * @throws {ConfigurationError} when an override is not allowed
 */
export function engine(
  { name, preset, overrides = {}, isRandom = true, leastCustomers = 1 }: EngineVariant,
  kernels: Kernels,
): System {
  configure(preset, overrides)
  return {
    name,
    isRandom,
    async fit(train, seed, work = new Work()) {
      const configuration = configure(preset, { ...overrides, seed })
      const { signal } = work
      const model = await trainModel(withoutSegments(train), configuration, kernels, {
        ...(signal && { signal }),
      })
      const recommender = new Recommender(model, kernels, { leastCustomers })
      return {
        async recommend(cases, task, first, asked = new Work()) {
          const lists: Uint32Array[] = []
          for (let begin = 0; begin < cases.length; begin += BATCH) {
            await asked.pause()
            const batch = cases.slice(begin, begin + BATCH)
            const answers = await recommender.recommend(
              batch.map((one) => requestOf(one, task, first)),
              asked,
            )
            for (const { items } of answers) lists.push(Uint32Array.from(items, ({ product }) => product))
          }
          return lists
        },
        close: () => recommender.close(),
      }
    },
  }
}

function requestOf({ customer, history, at }: TestCase, task: Task, first: number): RecommendationRequest {
  const moment = Number.isNaN(at) ? {} : { at }
  const asked = { first, includePurchased: task === 'next-order', ...moment }
  if (customer >= 0) return { ...asked, customer }
  const purchases = history.map(({ product, quantity, purchasedAt }) => ({
    product,
    quantity,
    purchasedAt: Number.isNaN(purchasedAt) ? null : purchasedAt,
  }))
  return { ...asked, history: purchases }
}

/** Lists do not depend on segments: none are given, so that none are looked for, which would take most of the fit. */
export function withoutSegments(train: Dataset): Dataset {
  const codes = new Int32Array(train.customers.size).fill(-1)
  return { ...train, segments: { name: 'segment', labels: [], codes } }
}
