/**
 * The weights of what was viewed and what is in the cart: those that rank what people looked at or put into the cart next
 * best (next-events.ts), by coordinate ascent on nDCG@10. The weights of all other sources stay as they are, so that who
 * has looked at nothing gets the same lists whatever views the shop knows of.
 *
 * Lists without products bought before are judged by events of products that are new to the person as well, since a list
 * of new products prefers none that was looked at; lists that may hold them by events of any product.
 */
import { atOnce } from '../kernels/pieces.ts'
import type { Browsing } from '../data/browsing.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { Work } from '../kernels/work.ts'
import type { BlendWeights, SourceWeights } from '../model/blend-weights.ts'
import { INTEREST_SOURCES, LEARNED_SOURCES } from '../model/blend-weights.ts'
import type { Model } from '../model/model.ts'
import type { HeldOutOrder } from './coordinate-ascent.ts'
import { climb } from './coordinate-ascent.ts'
import { BATCH, choiceOf, customersOf, PROPOSED } from './fit-weights.ts'
import type { HistoryEntry } from './history-entry.ts'
import { historiesOf, productSetOf } from './history.ts'
import { fadedInterest, interestIn } from './interest.ts'
import { indexModel } from './model-indexes.ts'
import type { NextEvent } from './next-events.ts'
import { interestAmong, isOfNewProduct, nextEvents } from './next-events.ts'
import type { AllScores } from './scoring.ts'
import { openScoring } from './scoring.ts'
import { evenly } from './validation-split.ts'

/** With fewer sessions than this the prior stands. */
const LEAST_SESSIONS = 100

/** Of more sessions so many are taken, at even distances. */
const MOST_SESSIONS = 500

/** The weights are the means of those that rank two thirds of the sessions best: one climb ends on a step by chance. */
const FOLDS = 3

/** An event to be found, and what is known of the person. */
interface Asked extends NextEvent {
  readonly history: readonly HistoryEntry[]
  /** Indices of the model. */
  readonly product: number
}

/**
 * @param model  fitted without what customers bought in the sessions or after them: other sessions are left out
 * @param weights  of its other sources
 * @returns the weights with those of interest; unchanged where there are too few sessions
 */
export async function fitInterestWeights(
  model: Model,
  kernels: Kernels,
  browsing: Browsing,
  weights: BlendWeights,
  signal?: AbortSignal,
): Promise<BlendWeights> {
  const work = new Work(signal && { signal })
  const fresh = evenly(askedOf(model, browsing, false), MOST_SESSIONS)
  const all = evenly(askedOf(model, browsing, true), MOST_SESSIONS)
  if (Math.min(fresh.length, all.length) < LEAST_SESSIONS) return weights
  const indexes = indexModel(model, kernels)
  const scoring = atOnce(openScoring(indexes))
  const proposals = scoring.openProposals()

  async function choicesOf(asked: readonly Asked[], includePurchased: boolean): Promise<HeldOutOrder[]> {
    const found: HeldOutOrder[] = []
    for (let begin = 0; begin < asked.length; begin += BATCH) {
      const batch = asked.slice(begin, begin + BATCH)
      const people = customersOf(
        indexes,
        batch.map(({ history }) => history),
        batch.map(({ next }) => next.at),
      )
      const scores: AllScores[] = []
      for (const [i, person] of people.entries()) {
        const { history, before, next } = batch[i]
        const interest = fadedInterest(
          interestIn(interestAmong(browsing, before, model.products), history),
          next.at,
        )
        scores.push(await scoring.ask({ ...person, interest, includePurchased }, work))
      }
      const proposed = await proposals.of(scores, PROPOSED)
      batch.forEach(({ history, product }, i) => {
        const own = includePurchased ? new Set<number>() : productSetOf(history)
        const candidates = [...new Set(Object.values(proposed[i]).flat())].filter((one) => !own.has(one))
        found.push(
          ...choiceOf(
            scoring,
            scores[i],
            candidates.sort((a, b) => a - b),
            [product],
          ),
        )
      })
    }
    return found
  }

  const fitted = async (choices: readonly HeldOutOrder[], former: SourceWeights) => {
    await work.turn()
    signal?.throwIfAborted()
    return withInterest(choices, former)
  }
  const ofFresh = await choicesOf(fresh, false)
  const ofAll = await choicesOf(all, true)
  proposals.close()
  return {
    ...weights,
    discovery: await fitted(ofFresh, weights.discovery),
    basket: await fitted(ofFresh, weights.basket),
    nextOrder: await fitted(ofAll, weights.nextOrder),
    sessions: all.length,
  }
}

/** The weights with those of interest that rank the choices best. */
function withInterest(choices: readonly HeldOutOrder[], weights: SourceWeights): SourceWeights {
  const reduced = choices.map((choice) => ({ ...choice, values: besideInterest(choice.values, weights) }))
  const start = [1, ...INTEREST_SOURCES.map((source) => weights[source])]
  const sums = INTEREST_SOURCES.map(() => 0)
  for (let fold = 0; fold < FOLDS; fold++) {
    const found = climb(
      reduced.filter((_, c) => c % FOLDS !== fold),
      start,
      1,
    )
    sums.forEach((_, s) => (sums[s] += found[s + 1]))
  }
  const own = INTEREST_SOURCES.map((source, s) => [source, Number((sums[s] / FOLDS).toPrecision(6))])
  return { ...weights, ...(Object.fromEntries(own) as Partial<SourceWeights>) }
}

/** Of each candidate what all other sources add to its score, and the values of those of interest. */
function besideInterest(values: Float64Array, weights: SourceWeights): Float64Array {
  const width = LEARNED_SOURCES.length
  const rows = values.length / width
  const others = LEARNED_SOURCES.map((source) =>
    INTEREST_SOURCES.some((one) => one === source) ? 0 : weights[source],
  )
  const reduced = new Float64Array(rows * (1 + INTEREST_SOURCES.length))
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * width, (row + 1) * width)
    const at = row * (1 + INTEREST_SOURCES.length)
    for (let s = 0; s < width; s++) reduced[at] += others[s] * own[s]
    INTEREST_SOURCES.forEach((source, s) => (reduced[at + 1 + s] = own[LEARNED_SOURCES.indexOf(source)]))
  }
  return reduced
}

/**
 * Events to be found, of sessions that began after all that the model knows the person to have bought.
 * @param includePurchased  whether products that the person knows are to be found as well
 */
function askedOf(model: Model, browsing: Browsing, includePurchased: boolean): Asked[] {
  const histories = historiesOf(model)
  const historyOf = ({ session: { customer } }: NextEvent) => {
    const index = customer === null ? -1 : model.customers.indexOf(customer)
    return index < 0 ? [] : histories.of([index])[0]
  }
  const productOf = ({ next }: NextEvent) => model.products.indexOf(browsing.products.at(next.product))
  const isWanted = (event: NextEvent) => {
    const product = productOf(event)
    const history = historyOf(event)
    const [{ at: began }] = event.session.events
    if (product < 0 || history.some(({ purchasedAt }) => !((purchasedAt ?? NaN) < began))) return false
    return includePurchased || (isOfNewProduct(event) && history.every((entry) => entry.product !== product))
  }
  return nextEvents(browsing, isWanted).map((event) =>
    Object.assign(event, { history: historyOf(event), product: productOf(event) }),
  )
}
