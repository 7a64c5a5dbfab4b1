/**
 * The weights that are served, for one kind of list: those with the highest nDCG@10 on held-out orders that took no
 * part in finding them.
 *
 * Compared are weights by conditional logit, weights climbed on nDCG@10 from there and from the best source
 * alone, and each source alone. What is fitted is fitted on two thirds of the customers and judged on the others, in turn, so
 * that many weights have no advantage over one. What was climbed to is then averaged: nDCG has many steps, and one climb
 * ends on one of them by chance (bagging, Breiman 1996, doi:10.1007/BF00058655). A source alone replaces the blend only
 * where it is better by more than the standard error of the paired difference.
 */
import { Work } from '../kernels/work.ts'
import type { HeldOutQuality, LearnedSource, ListQuality, SourceWeights } from '../model/blend-weights.ts'
import { LEARNED_SOURCES } from '../model/blend-weights.ts'
import { fitConditionalLogit } from './conditional-logit.ts'
import type { HeldOutOrder } from './coordinate-ascent.ts'
import { climb, ndcgOf, scoreSpread, spreadsOf } from './coordinate-ascent.ts'

/** λ of the prior of the conditional logit: a few dozen choices outweigh it. */
const PRECISION = 5

const FOLDS = 3

/** What popularity counts beside a source alone: it fills a list of which the source knows too little. */
const FILLING = 0.01

/**
 * @param choices  of the customers whose held-out orders hold any candidate; columns as `LEARNED_SOURCES`
 * @param asked  customers with something to find, at least as many as choices: of the others nothing is found
 * @param prior  where the logit is pulled to
 * @param work  gets a turn between two fits, so that an abort ends it within one
 * @throws {unknown} the reason of the abort
 */
export async function chooseWeights(
  choices: readonly HeldOutOrder[],
  asked: number,
  prior: SourceWeights,
  work: Work = new Work(),
): Promise<{ weights: SourceWeights; heldOut: HeldOutQuality }> {
  const centre = LEARNED_SOURCES.map((source) => prior[source])
  const spreads = spreadsOf(choices, LEARNED_SOURCES.length)
  const alone = LEARNED_SOURCES.map((_, s) => aloneWeights(s, spreads))
  const singles = alone.map((weights) => ndcgOf(choices, weights))
  const [leading] = best(singles.map(sum), 1)

  const logitOf = (some: readonly HeldOutOrder[]) => fitConditionalLogit(some, centre, PRECISION)
  /** The ways to find weights, the plainest first: of two that are as good it is taken. */
  const ways: ((some: readonly HeldOutOrder[], logit: readonly number[]) => ArrayLike<number>)[] = [
    (_, logit) => logit,
    climb,
    (some) => climb(some, alone[leading]),
  ]
  /** Of each way the weights of each fold, and the nDCG of each customer by those found without them. */
  const fitted: ArrayLike<number>[][] = ways.map(() => [])
  const found = ways.map(() => new Float64Array(choices.length))
  for (let fold = 0; fold < FOLDS; fold++) {
    const rest = choices.filter((_, c) => c % FOLDS !== fold)
    const logit = logitOf(rest)
    for (const [w, way] of ways.entries()) {
      await work.turn()
      work.signal?.throwIfAborted()
      const weights = way(rest, logit)
      fitted[w].push(weights)
      for (let c = fold; c < choices.length; c += FOLDS) found[w][c] = ndcgOf([choices[c]], weights)[0]
    }
  }
  const [way] = best(found.map(sum), 1)
  const isAlone = isBetter(singles[leading], found[way], asked)
  const weights = isAlone
    ? alone[leading]
    : way === 0
      ? logitOf(choices)
      : meanOf(fitted[way].map((one) => scaled(one, choices)))
  const mean = (values: Float64Array): ListQuality => ({
    ndcg10: rounded(sum(values) / (asked || 1)),
    hitRate10: rounded(values.filter((value) => value > 0).length / (asked || 1)),
  })
  return {
    weights: record((s) => rounded(weights[s])),
    heldOut: {
      customers: asked,
      served: isAlone ? LEARNED_SOURCES[leading] : 'blend',
      blend: mean(found[way]),
      sources: record((s) => mean(spreads[s] > 0 ? singles[s] : new Float64Array(0))),
    },
  }
}

/** Weights of which the whole score has a spread of 1: those of climbs from different starts are of different size. */
function scaled(weights: ArrayLike<number>, choices: readonly HeldOutOrder[]): number[] {
  const spread = scoreSpread(choices, weights) || 1
  return Array.from(weights, (weight) => weight / spread)
}

function meanOf(all: readonly (readonly number[])[]): number[] {
  return LEARNED_SOURCES.map((_, s) => sum(all.map((weights) => weights[s])) / all.length)
}

function record<Value>(of: (s: number) => Value): Record<LearnedSource, Value> {
  return Object.fromEntries(LEARNED_SOURCES.map((source, s) => [source, of(s)])) as Record<
    LearnedSource,
    Value
  >
}

/** JavaScript engines differ in the last bits of exp and log, and nothing is known of a weight beyond a few digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}

/** A source by itself, its scores of spread 1, and a little popularity. */
function aloneWeights(source: number, spreads: Float64Array): number[] {
  const popularity = LEARNED_SOURCES.indexOf('popularity')
  return LEARNED_SOURCES.map((_, s) => {
    const part = s === source ? 1 : s === popularity ? FILLING : 0
    return part === 0 ? 0 : part / (spreads[s] || 1)
  })
}

/** Whether a is greater than b by more than the standard error of the mean difference; `asked` values, some left out as 0. */
function isBetter(a: Float64Array, b: Float64Array, asked: number): boolean {
  const mean = (sum(a) - sum(b)) / asked
  let squares = (asked - a.length) * mean ** 2
  for (let c = 0; c < a.length; c++) squares += (a[c] - b[c] - mean) ** 2
  return mean > Math.sqrt(squares) / asked
}

/** The places of the greatest values, the greatest first, ties to the lower place. */
function best(values: readonly number[], count: number): number[] {
  return [...values.keys()].sort((a, b) => values[b] - values[a] || a - b).slice(0, count)
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]
  return total
}
