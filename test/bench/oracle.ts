import { atOnce } from '../../src/kernels/pieces.ts'
import { customersBefore, fitBlendWeights } from '../../src/engine/fit-weights.ts'
import { indexModel } from '../../src/engine/model-indexes.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { openScoring } from '../../src/engine/scoring.ts'
import { trainModel } from '../../src/engine/train.ts'
import type { HeldOut } from '../../src/engine/validation-split.ts'
import { withoutSegments } from '../../src/evaluation/baselines/engine.ts'
import { trialsOf } from '../../src/evaluation/protocols/trials.ts'
import type { Task, Trial } from '../../src/evaluation/trial.ts'
import { Work } from '../../src/kernels/work.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import type { LearnedSource } from '../../src/model/blend-weights.ts'
import { LEARNED_SOURCES } from '../../src/model/blend-weights.ts'
import { configure } from '../../src/model/configuration.ts'
import type { Model } from '../../src/model/model.ts'
import { olistIsThere, readOlist } from './matrices.ts'

/** Shares of the cases, 0 to 1. */
export interface OracleRow {
  readonly slice: string
  readonly cases: number
  /** Found among the first 10: by the default; by weights fitted on the very orders that are to be found. */
  readonly found: number
  readonly withHindsight: number
  /** Among the first 50 of each source alone, and of any. */
  readonly proposed: Readonly<Record<LearnedSource, number>>
  readonly proposedByAny: number
}

export interface Oracle {
  readonly task: Task
  readonly rows: readonly OracleRow[]
}

const FIRST = 10
const PROPOSED = 50

/** What bounds the default on Olist's last orders: what its sources propose at all, and the best linear blend of them. */
export async function benchOracle(threads: number): Promise<Oracle[]> {
  if (!olistIsThere()) return []
  const dataset = await readOlist()
  const kernels = await openKernels({ threads })
  const oracles: Oracle[] = []
  for (const task of ['discovery', 'next-order'] as const) {
    const [trial] = trialsOf(dataset, { protocol: 'last-order', task, cuts: [], seed: 1 })
    const model = await trainModel(withoutSegments(trial.train), configure('default'), kernels)
    oracles.push({ task, rows: await oracleOf(model, kernels, trial, task) })
  }
  await kernels.close()
  return oracles
}

async function oracleOf(model: Model, kernels: Kernels, trial: Trial, task: Task): Promise<OracleRow[]> {
  const found = await hits(model, kernels, trial, task, FIRST)
  const lastOrders = trial.cases.map(({ customer, at, relevant }) => ({
    customer,
    at,
    products: [...relevant],
  }))
  const hindsight = await fitBlendWeights(model, kernels, { lastOrders, baskets: [] })
  const best = { ...model, summary: { ...model.summary, blendWeights: hindsight } }
  const withHindsight = await hits(best, kernels, trial, task, FIRST)
  const proposals = await proposed(model, kernels, lastOrders)
  const slices: [string, (products: number) => boolean][] = [
    ['all', () => true],
    ['1 product bought before', (products) => products === 1],
    ['2 or 3', (products) => products === 2 || products === 3],
    ['more', (products) => products > 3],
  ]
  return slices.map(([slice, holds]) => {
    const cases = [...trial.cases.keys()].filter((c) => holds(trial.cases[c].history.length))
    const share = (is: (c: number) => boolean) => cases.filter(is).length / cases.length
    return {
      slice,
      cases: cases.length,
      found: share((c) => found[c]),
      withHindsight: share((c) => withHindsight[c]),
      proposed: Object.fromEntries(
        LEARNED_SOURCES.map((source) => [source, share((c) => proposals[c].has(source))]),
      ) as Record<LearnedSource, number>,
      proposedByAny: share((c) => proposals[c].size > 0),
    }
  })
}

/** Per case the sources that propose any of what is to be found. */
async function proposed(model: Model, kernels: Kernels, lastOrders: readonly HeldOut[]) {
  const indexes = indexModel(model, kernels)
  const scoring = atOnce(openScoring(indexes))
  const proposals = scoring.openProposals()
  const customers = customersBefore(indexes, lastOrders)
  const found: Set<LearnedSource>[] = []
  for (let begin = 0; begin < lastOrders.length; begin += 64) {
    const asked = customers.slice(begin, begin + 64)
    const scores = await Promise.all(asked.map((customer) => scoring.ask(customer, new Work())))
    const bySources = await proposals.of(scores, PROPOSED)
    bySources.forEach((bySource, i) => {
      const { products } = lastOrders[begin + i]
      found.push(
        new Set(
          LEARNED_SOURCES.filter((source) => bySource[source].some((product) => products.includes(product))),
        ),
      )
    })
  }
  proposals.close()
  return found
}

/** Per case whether any of what is to be found is among the first. */
async function hits(
  model: Model,
  kernels: Kernels,
  { cases }: Trial,
  task: Task,
  first: number,
): Promise<boolean[]> {
  const recommender = new Recommender(model, kernels)
  const found: boolean[] = []
  for (let begin = 0; begin < cases.length; begin += 256) {
    const batch = cases.slice(begin, begin + 256)
    const lists = await recommender.recommend(
      batch.map(({ customer, at }) => ({ customer, at, first, includePurchased: task === 'next-order' })),
    )
    lists.forEach(({ items }, i) =>
      found.push(items.some(({ product }) => batch[i].relevant.includes(product))),
    )
  }
  recommender.close()
  return found
}
