/**
 * The weights that are served, for one kind of list: those with the highest nDCG@10 on held-out orders that took no
 * part in finding them.
 *
 * Compared are weights by conditional logit, weights climbed on nDCG@10 from there and from the two best sources alone,
 * and each source alone. What is fitted is fitted on two thirds of the customers and judged on the others, in turn, so
 * that many weights have no advantage over one. A source alone replaces the blend only where it is better by more than
 * the standard error of the paired difference.
 */
import type { HeldOutQuality, LearnedSource, SourceWeights } from '../model/blend-weights.ts'
import { LEARNED_SOURCES } from '../model/blend-weights.ts'
import { fitConditionalLogit } from './conditional-logit.ts'
import type { HeldOutOrder } from './coordinate-ascent.ts'
import { climb, ndcgOf, spreadsOf } from './coordinate-ascent.ts'

/** λ of the prior of the conditional logit: a few dozen choices outweigh it. */
const PRECISION = 5

const FOLDS = 3

/** Sources from which alone a climb starts. */
const STARTS = 2

/** What popularity counts beside a source alone: it fills a list of which the source knows too little. */
const FILLING = 0.01

/**
 * @param choices  of the customers whose held-out orders hold any candidate; columns as `LEARNED_SOURCES`
 * @param asked  customers with something to find, at least as many as choices: of the others nothing is found
 * @param prior  where the logit is pulled to
 */
export function chooseWeights(
  choices: readonly HeldOutOrder[],
  asked: number,
  prior: SourceWeights,
): { weights: SourceWeights; heldOut: HeldOutQuality } {
  const centre = LEARNED_SOURCES.map((source) => prior[source])
  const spreads = spreadsOf(choices, LEARNED_SOURCES.length)
  const alone = LEARNED_SOURCES.map((_, s) => aloneWeights(s, spreads))
  const singles = alone.map((weights) => ndcgOf(choices, weights))
  const starts = best(singles.map(sum), STARTS).map((s) => alone[s])

  const fit = (some: readonly HeldOutOrder[]) => fitConditionalLogit(some, centre, PRECISION)
  const climbed = (some: readonly HeldOutOrder[], logit: readonly number[]) => {
    const found = [logit, ...starts].map((start) => climb(some, start))
    return found[
      best(
        found.map((weights) => sum(ndcgOf(some, weights))),
        1,
      )[0]
    ]
  }

  const byLogit = new Float64Array(choices.length)
  const byClimbing = new Float64Array(choices.length)
  for (let fold = 0; fold < FOLDS; fold++) {
    const rest = choices.filter((_, c) => c % FOLDS !== fold)
    const logit = fit(rest)
    const higher = climbed(rest, logit)
    for (let c = fold; c < choices.length; c += FOLDS) {
      byLogit[c] = ndcgOf([choices[c]], logit)[0]
      byClimbing[c] = ndcgOf([choices[c]], higher)[0]
    }
  }
  const isClimbed = sum(byClimbing) > sum(byLogit)
  const blend = isClimbed ? byClimbing : byLogit
  const [leading] = best(singles.map(sum), 1)
  const isAlone = isBetter(singles[leading], blend, asked)
  const logit = fit(choices)
  const weights = isAlone ? alone[leading] : isClimbed ? climbed(choices, logit) : logit
  const mean = (values: Float64Array) => (asked > 0 ? sum(values) / asked : 0)
  return {
    weights: record((s) => rounded(weights[s])),
    heldOut: {
      customers: asked,
      served: isAlone ? LEARNED_SOURCES[leading] : 'blend',
      blend: rounded(mean(blend)),
      sources: record((s) => rounded(mean(singles[s]))),
    },
  }
}

function record(of: (s: number) => number): Record<LearnedSource, number> {
  return Object.fromEntries(LEARNED_SOURCES.map((source, s) => [source, of(s)])) as Record<
    LearnedSource,
    number
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
