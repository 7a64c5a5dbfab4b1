import { atOnce } from '../kernels/pieces.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { Work } from '../kernels/work.ts'
import type { BlendWeights, SourceWeights } from '../model/blend-weights.ts'
import { PRIOR_WEIGHTS } from '../model/blend-weights.ts'
import type { Model } from '../model/model.ts'
import type { HeldOutOrder } from './coordinate-ascent.ts'
import { chooseWeights } from './choose-weights.ts'
import { normalEquation } from '../data/confidence.ts'
import { ANYBODY } from './buyers.ts'
import { historiesOf, historyOf, productSetOf } from './history.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { ModelIndexes } from './model-indexes.ts'
import { indexModel } from './model-indexes.ts'
import type { AllScores, Scoring } from './scoring.ts'
import { openScoring } from './scoring.ts'
import type { Customer } from './sources/source.ts'
import { tastePartsOf, tastesOf } from './taste.ts'
import type { HeldOut, HeldOutBasket, ValidationSplit } from './validation-split.ts'

/** Products that each source proposes: the candidates among which the last orders have to be ranked first. */
export const PROPOSED = 30

/** Customers at a time: what the sources say to a customer takes some memory. */
export const BATCH = 64

/**
 * The weights that predict best what was held out, for each kind of list.
 * @param model  fitted without what was held out
 */
export async function fitBlendWeights(
  model: Model,
  kernels: Kernels,
  { lastOrders, baskets }: Pick<ValidationSplit, 'lastOrders' | 'baskets'>,
  signal?: AbortSignal,
): Promise<BlendWeights> {
  const indexes = indexModel(model, kernels)
  const scoring = atOnce(openScoring(indexes))
  const proposals = scoring.openProposals()
  const work = new Work(signal && { signal })
  const open = { indexes, scoring, proposals, work }
  const last = await casesOf(open, lastOrders)
  const ofBaskets = await casesOf(open, baskets)
  proposals.close()
  const discovery = await chooseWeights(last.others, last.asked, PRIOR_WEIGHTS.discovery, work)
  const basket =
    ofBaskets.asked > 0
      ? await chooseWeights(ofBaskets.others, ofBaskets.asked, PRIOR_WEIGHTS.basket, work)
      : null
  const nextOrder = await chooseWeights(last.all, lastOrders.length, PRIOR_WEIGHTS.nextOrder, work)
  return {
    discovery: withPriorInterest(discovery.weights, PRIOR_WEIGHTS.discovery),
    basket: withPriorInterest((basket ?? discovery).weights, PRIOR_WEIGHTS.basket),
    nextOrder: withPriorInterest(nextOrder.weights, PRIOR_WEIGHTS.nextOrder),
    customers: lastOrders.length,
    heldOut: {
      discovery: discovery.heldOut,
      basket: basket?.heldOut ?? null,
      nextOrder: nextOrder.heldOut,
    },
  }
}

/** Orders say nothing of what views and cart entries count for: the prior stands until sessions do (fit-interest.ts). */
function withPriorInterest(weights: SourceWeights, { viewed, cart }: SourceWeights): SourceWeights {
  return { ...weights, viewed, cart }
}

interface Open {
  readonly indexes: ModelIndexes<Model>
  readonly scoring: Scoring
  readonly proposals: ReturnType<Scoring['openProposals']>
  readonly work: Work
}

/** What held-out purchases have to be found among: what the sources propose. */
async function casesOf(
  { indexes, scoring, proposals, work }: Open,
  heldOut: readonly (HeldOut | HeldOutBasket)[],
): Promise<{ all: HeldOutOrder[]; others: HeldOutOrder[]; asked: number }> {
  const customers = customersBefore(indexes, heldOut)
  /** Of each customer, among all candidates, and among those that had not been bought. */
  const all: HeldOutOrder[][] = []
  const others: HeldOutOrder[][] = []
  /** Customers whose held-out products include one that they had not bought before. */
  let asked = 0
  // From one moment to the next few sales are added (recent-sales.ts).
  const order = [...customers.keys()].sort((a, b) => customers[a].at - customers[b].at)
  for (let begin = 0; begin < order.length; begin += BATCH) {
    const batch = order.slice(begin, begin + BATCH)
    const scores: AllScores[] = []
    for (const c of batch) scores.push(await scoring.ask(customers[c], work))
    const proposed = await proposals.of(scores, PROPOSED)
    const candidates = proposed.map((bySource) =>
      Array.from(new Set(Object.values(bySource).flat())).sort((a, b) => a - b),
    )
    batch.forEach((c, i) => {
      const own = productSetOf(customers[c].history)
      const isNew = (product: number) => !own.has(product)
      const { products } = heldOut[c]
      const unbought = products.filter(isNew)
      if (unbought.length > 0) asked++
      others[c] = choiceOf(scoring, scores[i], candidates[i].filter(isNew), unbought)
      all[c] = choiceOf(scoring, scores[i], candidates[i], products)
    })
  }
  return { all: all.flat(), others: others.flat(), asked }
}

/** The customers without what was held out, asked about at its time. */
export function customersBefore(
  indexes: ModelIndexes<Model>,
  heldOut: readonly (HeldOut | HeldOutBasket)[],
): Omit<Customer, 'ascending'>[] {
  const { model } = indexes
  const stored = historiesOf(model).of(heldOut.map(({ customer }) => customer))
  const histories = stored.map((history, i) => withGiven(model, history, heldOut[i]))
  return customersOf(
    indexes,
    histories,
    heldOut.map(({ at }) => at),
  )
}

/** Customers of these histories, each asked about at a moment: in ms since 1970 UTC; NaN: the latest purchase. */
export function customersOf(
  { model, kernels, coverage, latest }: ModelIndexes<Model>,
  histories: readonly (readonly HistoryEntry[])[],
  moments: readonly number[],
): Omit<Customer, 'ascending'>[] {
  const { confidence, alpha, regularization, frequencyExponent } = model.summary.configuration
  const equation = normalEquation(confidence, alpha, regularization, frequencyExponent)
  const foldIn = kernels.openFoldIn(model.itemFactors, equation)
  const tastes = tastesOf(model, foldIn, coverage, histories)
  return histories.map((history, i) => ({
    taste: tastes[i],
    parts: tastePartsOf(model, foldIn, history),
    history,
    at: Number.isNaN(moments[i]) ? latest : moments[i],
    leastCustomers: ANYBODY,
  }))
}

/** A history with what is in a basket besides, one of each, bought at the moment asked about. */
function withGiven(
  model: Model,
  history: readonly HistoryEntry[],
  heldOut: HeldOut | HeldOutBasket,
): readonly HistoryEntry[] {
  if (!('given' in heldOut) || heldOut.given.length === 0) return history
  const purchasedAt = Number.isNaN(heldOut.at) ? null : heldOut.at
  const given = heldOut.given.map((product) => ({ product, quantity: 1, purchasedAt }))
  return historyOf(model, { history: [...history, ...given] })
}

/** None where nothing that was bought is on offer. */
export function choiceOf(
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
