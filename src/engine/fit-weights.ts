import { normalEquation } from '../data/confidence.ts'
import type { Kernels, VectorIndex } from '../kernels/kernels.ts'
import type { BlendWeights, LearnedSource, SourceWeights } from '../model/blend-weights.ts'
import { LEARNED_SOURCES, PRIOR_WEIGHTS } from '../model/blend-weights.ts'
import type { Model } from '../model/model.ts'
import type { Choice } from './conditional-logit.ts'
import { fitConditionalLogit } from './conditional-logit.ts'
import { coverageOf } from './coverage.ts'
import { historyOf, momentOf } from './history.ts'
import type { Hearing, LearnedSources, Listener } from './learned-sources.ts'
import { learnedSources } from './learned-sources.ts'
import { tastesOf } from './taste.ts'
import type { LastOrder } from './validation-split.ts'

/** So many products are proposed by each source: what a last order is told from. */
const PROPOSED = 50

/** λ of the prior about PRIOR_WEIGHTS: a few dozen choices outweigh it. */
const PRECISION = 5

/** Last orders at a time: what the sources say to a customer takes some memory. */
const BATCH = 64

const SILENCE = Object.fromEntries(LEARNED_SOURCES.map((source) => [source, 0])) as Record<
  LearnedSource,
  number
>

/** What only the collaborative source, and only content, would rank by. */
const ALONE: readonly SourceWeights[] = [
  { ...SILENCE, collaborative: 1 },
  { ...SILENCE, content: 1 },
]

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
  const discovery: Choice[] = []
  const nextOrder: Choice[] = []
  for (let begin = 0; begin < lastOrders.length; begin += BATCH) {
    const batch = listeners.slice(begin, begin + BATCH)
    const hearings = batch.map((listener) => sources.hear(listener))
    const candidates = await candidatesOf(index, sources, hearings)
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

/** The customers as they were before their last orders, asked about at the time of these. */
function listenersOf(
  model: Model,
  kernels: Kernels,
  coverage: ReturnType<typeof coverageOf>,
  lastOrders: readonly LastOrder[],
): Listener[] {
  const { confidence, alpha, regularization, frequencyExponent } = model.summary.configuration
  const equation = normalEquation(confidence, alpha, regularization, frequencyExponent)
  const histories = lastOrders.map(({ customer }) => historyOf(model, { customer, first: 0 }))
  const foldIn = kernels.openFoldIn(model.itemFactors, equation)
  const tastes = tastesOf(model, foldIn, coverage, histories)
  foldIn.close()
  const latest = momentOf(model)
  return histories.map((history, i) => ({
    taste: tastes[i],
    history,
    at: Number.isNaN(lastOrders[i].at) ? latest : lastOrders[i].at,
  }))
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

/** Per customer the products that any source alone would propose, each once. */
async function candidatesOf(
  index: VectorIndex,
  sources: LearnedSources,
  hearings: readonly Hearing[],
): Promise<number[][]> {
  const { columns } = sources.vectors
  const queries = new Float32Array(hearings.length * ALONE.length * columns)
  hearings.forEach((hearing, h) =>
    ALONE.forEach((weights, a) =>
      queries.set(sources.query(hearing, weights), (h * ALONE.length + a) * columns),
    ),
  )
  const { indices, counts } = await index.topK({ queries, k: PROPOSED })
  return hearings.map(({ sparse }, h) => {
    const dense = ALONE.flatMap((_, a) => {
      const row = h * ALONE.length + a
      return Array.from(indices.subarray(row * PROPOSED, row * PROPOSED + counts[row]))
    })
    const proposed = Object.values(sparse).flatMap((heard) => heard.best(PROPOSED))
    return [...new Set([...dense, ...proposed])]
  })
}
