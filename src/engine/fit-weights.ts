import type { Kernels } from '../kernels/kernels.ts'
import { Work } from '../kernels/work.ts'
import type { BlendWeights, LearnedSource, SourceWeights } from '../model/blend-weights.ts'
import { LEARNED_SOURCES, PRIOR_WEIGHTS } from '../model/blend-weights.ts'
import type { Model } from '../model/model.ts'
import type { Choice } from './conditional-logit.ts'
import { fitConditionalLogit } from './conditional-logit.ts'
import { coverageOf } from './coverage.ts'
import type { Hearing, LearnedSources } from './learned-sources.ts'
import { learnedSources } from './learned-sources.ts'
import { listenersOf, proposalsOf } from './proposals.ts'
import type { LastOrder } from './validation-split.ts'

/** So many products are proposed by each source: what a last order is told from. */
const PROPOSED = 50

/** λ of the prior about PRIOR_WEIGHTS: a few dozen choices outweigh it. */
const PRECISION = 5

/** Last orders at a time: what the sources say to a customer takes some memory. */
const BATCH = 64

/**
 * The weights that foresee last orders best, for both kinds of lists.
 * @param model  fitted without the last orders
 */
export async function fitBlendWeights(
  model: Model,
  kernels: Kernels,
  lastOrders: readonly LastOrder[],
): Promise<BlendWeights> {
  const coverage = coverageOf(model)
  const sources = learnedSources(model, kernels, coverage)
  const index = kernels.openVectors(sources.vectors)
  const listeners = listenersOf(model, kernels, coverage, lastOrders)
  const work = new Work()
  const discovery: Choice[] = []
  const nextOrder: Choice[] = []
  for (let begin = 0; begin < lastOrders.length; begin += BATCH) {
    const batch = listeners.slice(begin, begin + BATCH)
    const hearings: Hearing[] = []
    for (const listener of batch) hearings.push(await sources.hear(listener, work))
    const proposals = await proposalsOf(index, sources, hearings, PROPOSED)
    const candidates = proposals.map((bySource) => Array.from(new Set(Object.values(bySource).flat())))
    batch.forEach(({ history }, i) => {
      const own = new Set(history.map(({ product }) => product))
      const others = candidates[i].filter((product) => !own.has(product))
      const { products } = lastOrders[begin + i]
      discovery.push(...choiceOf(sources, hearings[i], others, products))
      nextOrder.push(...choiceOf(sources, hearings[i], candidates[i], products))
    })
  }
  index.close()
  return {
    discovery: weightsOf(discovery, PRIOR_WEIGHTS.discovery),
    nextOrder: weightsOf(nextOrder, PRIOR_WEIGHTS.nextOrder),
    customers: lastOrders.length,
  }
}

function weightsOf(choices: readonly Choice[], prior: SourceWeights): SourceWeights {
  const centre = LEARNED_SOURCES.map((source) => prior[source])
  const weights = fitConditionalLogit(choices, centre, PRECISION)
  // JavaScript engines differ in the last bits of exp and log, and nothing is known of a weight beyond a few digits.
  const rounded = LEARNED_SOURCES.map((source, s) => [source, Number(weights[s].toPrecision(6))])
  return Object.fromEntries(rounded) as Record<LearnedSource, number>
}

/** None where nothing that was bought is on offer. */
function choiceOf(
  sources: LearnedSources,
  hearing: Hearing,
  offered: readonly number[],
  bought: readonly number[],
): Choice[] {
  const chosen = [...offered.keys()].filter((row) => bought.includes(offered[row]))
  if (chosen.length === 0) return []
  const values = Float64Array.from(offered.flatMap((product) => sources.calibrated(hearing, product)))
  return [{ values, chosen }]
}
