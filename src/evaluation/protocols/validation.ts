import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Dataset } from '../../data/dataset.ts'
import { keepInteractions } from '../../data/subset.ts'
import type { Task, Trial } from '../trial.ts'
import type { ProtocolName } from './description.ts'
import { trialOf } from './held-out.ts'
import { latest } from './interaction-times.ts'
import { LeftOut, TrialError } from '../trial.ts'
import { randomOf, shuffled } from './seeded-order.ts'
import { trialsOf } from './trials.ts'

/** The share of training that comes after the validation cut of `temporal`. */
const CUT = '0.85'

/** The share of each customer's products that is held out under `split`. */
const HELD_OUT = 0.2

/**
 * The split that systems are tuned on, carved out of training as the test was out of the data: the test is not seen.
 * `split` says nothing of how it was made: a fifth of each customer's products is held out. The notebook's procedure
 * is none to tune by; the last orders stand in.
 * Of many cases some are chosen (`withFewerCases`).
 * @param train  of the trial that comes first in time
 * @throws {TrialError} when training is too small to be split once more
 */
export function validationTrial(train: Dataset, protocol: ProtocolName, task: Task, seed: number): Trial {
  return withFewerCases(wholeValidationTrial(train, protocol, task, seed), seed)
}

/** As `validationTrial`, with all its cases. */
export function wholeValidationTrial(
  train: Dataset,
  protocol: ProtocolName,
  task: Task,
  seed: number,
): Trial {
  if (protocol === 'split') return randomTrial(train, task, seed)
  const alike = protocol === 'notebook' ? 'last-order' : protocol
  return trialsOf(train, { protocol: alike, task, cuts: [CUT], seed })[0]
}

/** The most cases that are tuned on: the choice between settings does not get better by more, and takes longer. */
const MOST_CASES = 5000

/** A trial with no more cases than `most`, chosen by chance where there are more; default: as many as are tuned on. */
export function withFewerCases(trial: Trial, seed: number, most = MOST_CASES): Trial {
  if (trial.cases.length <= most) return trial
  const chosen = shuffled(trial.cases.keys(), randomOf(seed)).slice(0, most)
  return { ...trial, cases: chosen.sort((a, b) => a - b).map((i) => trial.cases[i]) }
}

function randomTrial(dataset: Dataset, task: Task, seed: number): Trial {
  const random = xoroshiro128plus(seed)
  const { customer } = dataset.interactions
  const at = latest(dataset.orders.timestamp)
  const heldOut = [...Map.groupBy(customer.keys(), (item) => customer[item])]
    .sort(([a], [b]) => a - b)
    .map(([who, items]) => ({
      customer: who,
      at,
      items: shuffled(items, random).slice(0, Math.floor(HELD_OUT * items.length)),
    }))
    .filter(({ items }) => items.length > 0)
  const hidden = new Set(heldOut.flatMap(({ items }) => items))
  const train = keepInteractions(dataset, (item) => !hidden.has(item))
  const trial = trialOf({ name: 'validation', train, task }, dataset, heldOut, new LeftOut())
  if (trial.cases.length === 0) {
    throw new TrialError(
      'no customer of the training data has five interactions to hold one of them out for tuning',
    )
  }
  return trial
}
