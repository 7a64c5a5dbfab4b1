/** Several trials as one: their cases one after another. */
import type { Measured } from './list-measures.ts'
import type { Trial } from './trial.ts'
import type { Users } from './user-sums.ts'
import { numberUsers } from './user-sums.ts'

/** What one system measured in all trials. What is no mean over cases becomes the mean over trials. */
export function poolTrials(trials: readonly Measured[]): Measured {
  const values = new Float64Array(trials.reduce((sum, trial) => sum + trial.values.length, 0))
  let at = 0
  for (const trial of trials) {
    values.set(trial.values, at)
    at += trial.values.length
  }
  const [{ coverage: ks }] = trials
  return {
    values,
    coverage: ks.map((_, k) => mean(trials.map(({ coverage }) => coverage[k]))),
    gini: ks.map((_, k) => mean(trials.map(({ gini }) => gini[k]))),
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length
}

/** A customer is the same user in every trial, by id; each case that training does not know is a user of its own. */
export function usersOfTrials(trials: readonly Trial[]): Users {
  return numberUsers(
    trials.flatMap(({ train, cases }) =>
      cases.map(({ customer }) => (customer < 0 ? Symbol('unknown') : train.customers.at(customer))),
    ),
  )
}

/** What the trials left out, summed by reason. */
export function sumLeftOut(trials: readonly Trial[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const { leftOut } of trials) {
    for (const [why, count] of Object.entries(leftOut)) sums.set(why, count + (sums.get(why) ?? 0))
  }
  return Object.fromEntries(sums)
}
