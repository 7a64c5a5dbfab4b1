/**
 * Weights of a linear ranking by coordinate ascent on nDCG@10 (Metzler & Croft 2007, doi:10.1007/s10791-006-9019-z):
 * one weight at a time is set to whichever of some values ranks the cases best, until no change gains anything.
 *
 * A likelihood is not the measure: on the cases that weights are fitted to by conditional logit, other weights have a
 * higher nDCG. nDCG is piecewise constant in the weights, so there is nothing to differentiate; values are tried.
 */
import type { Choice } from './conditional-logit.ts'
import { FIRST, gainAt, idealGain } from './ndcg.ts'

/** Values tried of a weight: so many times what gives its source the spread of the whole score; 0 leaves it out. */
const SPREADS = [0, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2]

/** And so many times what it is. */
const CHANGES = [0.7, 0.85, 1.2, 1.4]

/** What a change has to gain: less is a case or two changing places. */
const LEAST_GAIN = 1e-4

const MOST_SWEEPS = 8

/** What one customer could have been shown, and what they bought. */
export interface HeldOutOrder extends Choice {
  /** How many products there were to find, at least as many as the rows chosen: some may be no rows at all. */
  readonly bought: number
}

/** A case with its values by columns: the search for one weight reads one of them again and again. */
interface Case extends Pick<HeldOutOrder, 'chosen' | 'bought'> {
  readonly columns: readonly Float64Array[]
  readonly scores: Float64Array
}

/**
 * nDCG@10 of each case: what was chosen is relevant, ties rank by row.
 * @param weights  one for each column of the cases' values
 */
export function ndcgOf(choices: readonly HeldOutOrder[], weights: ArrayLike<number>): Float64Array {
  return Float64Array.from(choices, (choice) => ndcg(caseOf(choice, weights)))
}

/**
 * Climbs from some weights to others of at least their mean nDCG@10 over the cases. The same cases and start give the
 * same weights.
 * @param start  each ≥ 0
 * @param fixed  so many of the first weights stay as they are
 */
export function climb(choices: readonly HeldOutOrder[], start: ArrayLike<number>, fixed = 0): Float64Array {
  const weights = Float64Array.from(start)
  if (choices.length === 0) return weights
  const cases = choices.map((choice) => caseOf(choice, weights))
  const spreads = spreadsOf(choices, weights.length)
  let best = sum(cases.map((one) => ndcg(one)))

  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    const before = best
    for (let k = fixed; k < weights.length; k++) {
      if (spreads[k] === 0) continue
      const whole = mean(cases.map(({ scores }) => deviationOf(scores))) || 1
      const values = new Set([
        ...SPREADS.map((part) => (part * whole) / spreads[k]),
        ...CHANGES.map((factor) => factor * weights[k]),
      ])
      const former = weights[k]
      let [chosen, most] = [former, best + LEAST_GAIN * cases.length]
      for (const value of values) {
        let found = 0
        for (const one of cases) found += ndcg(one, k, value - former)
        if (found > most) [chosen, most] = [value, found]
      }
      if (chosen === former) continue
      weights[k] = chosen
      // Scores anew, not changed by steps: rounding would break ties another way than the weights themselves do.
      for (const one of cases) setScores(one, weights)
      const found = sum(cases.map((one) => ndcg(one)))
      if (found > best) best = found
      else {
        weights[k] = former
        for (const one of cases) setScores(one, weights)
      }
    }
    if (best - before <= LEAST_GAIN * cases.length) break
  }
  return weights
}

function caseOf({ values, chosen, bought }: HeldOutOrder, weights: ArrayLike<number>): Case {
  const K = weights.length
  const rows = values.length / K
  const columns = Array.from({ length: K }, () => new Float64Array(rows))
  for (let row = 0; row < rows; row++) for (let k = 0; k < K; k++) columns[k][row] = values[row * K + k]
  const made = { columns, scores: new Float64Array(rows), chosen, bought }
  setScores(made, weights)
  return made
}

/** Sets the scores to w·x of every row. */
function setScores({ columns, scores }: Case, weights: ArrayLike<number>): void {
  scores.fill(0)
  for (let k = 0; k < columns.length; k++)
    if (weights[k] !== 0)
      for (let row = 0; row < scores.length; row++) scores[row] += weights[k] * columns[k][row]
}

/** nDCG@10 where column k counts for `change` more than in the scores. */
function ndcg({ columns, scores, chosen, bought }: Case, k = 0, change = 0): number {
  const column = columns[k]
  let gained = 0
  for (const row of chosen) {
    const score = scores[row] + change * column[row]
    let ahead = 0
    for (let other = 0; other < scores.length && ahead < FIRST; other++) {
      const its = scores[other] + change * column[other]
      if (its > score || (its === score && other < row)) ahead++
    }
    gained += gainAt(ahead)
  }
  return gained / idealGain(bought)
}

/** Per column the mean over the cases of its standard deviation within one. */
export function spreadsOf(choices: readonly HeldOutOrder[], K: number): Float64Array {
  const cases = choices.map((choice) => caseOf(choice, new Float64Array(K)))
  return Float64Array.from({ length: K }, (_, k) => mean(cases.map(({ columns }) => deviationOf(columns[k]))))
}

/** The mean over the cases of the standard deviation of the whole score within one. */
export function scoreSpread(choices: readonly HeldOutOrder[], weights: ArrayLike<number>): number {
  return mean(choices.map((choice) => deviationOf(caseOf(choice, weights).scores)))
}

function deviationOf(values: Float64Array): number {
  const centre = mean(values)
  let squares = 0
  for (const value of values) squares += (value - centre) ** 2
  return Math.sqrt(squares / (values.length || 1))
}

function mean(values: ArrayLike<number>): number {
  return sum(values) / (values.length || 1)
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]
  return total
}
