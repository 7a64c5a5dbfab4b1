import type { Kernels } from '../kernels/kernels.ts'
import { Work } from '../kernels/work.ts'
import type { BlendWeights } from '../model/blend-weights.ts'
import { PRIOR_WEIGHTS } from '../model/blend-weights.ts'
import type { Model } from '../model/model.ts'
import type { HeldOutOrder } from './coordinate-ascent.ts'
import { chooseWeights } from './choose-weights.ts'
import { normalEquation } from '../data/confidence.ts'
import { ANYBODY } from './buyers.ts'
import { historiesOf, productSetOf } from './history.ts'
import type { ModelIndexes } from './model-indexes.ts'
import { indexModel } from './model-indexes.ts'
import type { AllScores, Scoring } from './scoring.ts'
import { openScoring } from './scoring.ts'
import type { Customer } from './sources/source.ts'
import { tastePartsOf, tastesOf } from './taste.ts'
import type { LastOrder } from './validation-split.ts'

/** Products that each source proposes: the candidates among which the last orders have to be ranked first. */
const PROPOSED = 30

/** Last orders at a time: what the sources say to a customer takes some memory. */
const BATCH = 64

/**
 * The weights that predict last orders best, for both kinds of lists.
 * @param model  fitted without the last orders
 */
export async function fitBlendWeights(
  model: Model,
  kernels: Kernels,
  lastOrders: readonly LastOrder[],
  signal?: AbortSignal,
): Promise<BlendWeights> {
  const indexes = indexModel(model, kernels)
  const scoring = openScoring(indexes)
  const proposals = scoring.openProposals()
  const customers = customersBefore(indexes, lastOrders)
  const work = new Work(signal && { signal })
  const discovery: HeldOutOrder[] = []
  const nextOrder: HeldOutOrder[] = []
  /** Customers whose last orders hold something that they had not bought. */
  let discovering = 0
  for (let begin = 0; begin < lastOrders.length; begin += BATCH) {
    const batch = customers.slice(begin, begin + BATCH)
    const scores: AllScores[] = []
    for (const customer of batch) scores.push(await scoring.ask(customer, work))
    const proposed = await proposals.of(scores, PROPOSED)
    const candidates = proposed.map((bySource) =>
      Array.from(new Set(Object.values(bySource).flat())).sort((a, b) => a - b),
    )
    batch.forEach(({ history }, i) => {
      const own = productSetOf(history)
      const others = candidates[i].filter((product) => !own.has(product))
      const { products } = lastOrders[begin + i]
      const unbought = products.filter((product) => !own.has(product))
      if (unbought.length > 0) discovering++
      discovery.push(...choiceOf(scoring, scores[i], others, unbought))
      nextOrder.push(...choiceOf(scoring, scores[i], candidates[i], products))
    })
  }
  proposals.close()
  const forDiscovery = await chooseWeights(discovery, discovering, PRIOR_WEIGHTS.discovery, work)
  const forNextOrder = await chooseWeights(nextOrder, lastOrders.length, PRIOR_WEIGHTS.nextOrder, work)
  return {
    discovery: forDiscovery.weights,
    nextOrder: forNextOrder.weights,
    customers: lastOrders.length,
    heldOut: { discovery: forDiscovery.heldOut, nextOrder: forNextOrder.heldOut },
  }
}

/** The customers as they were before their last orders, asked about at the time of these. */
export function customersBefore(
  { model, kernels, coverage, latest }: ModelIndexes,
  lastOrders: readonly LastOrder[],
): Omit<Customer, 'ascending'>[] {
  const { confidence, alpha, regularization, frequencyExponent } = model.summary.configuration
  const equation = normalEquation(confidence, alpha, regularization, frequencyExponent)
  const histories = historiesOf(model).of(lastOrders.map(({ customer }) => customer))
  const foldIn = kernels.openFoldIn(model.itemFactors, equation)
  const tastes = tastesOf(model, foldIn, coverage, histories)
  return histories.map((history, i) => ({
    taste: tastes[i],
    parts: tastePartsOf(model, foldIn, history),
    history,
    at: Number.isNaN(lastOrders[i].at) ? latest : lastOrders[i].at,
    leastCustomers: ANYBODY,
  }))
}

/** None where nothing that was bought is on offer. */
function choiceOf(
  scoring: Scoring,
  scores: AllScores,
  offered: readonly number[],
  bought: readonly number[],
): HeldOutOrder[] {
  const chosen = [...offered.keys()].filter((row) => bought.includes(offered[row]))
  if (chosen.length === 0) return []
  const values = Float64Array.from(offered.flatMap((product) => scoring.calibrated(scores, product)))
  return [{ values, chosen, bought: bought.length }]
}
