import { uniformInt } from 'pure-rand/distribution/uniformInt'
import type { Dataset } from '../../data/dataset.ts'
import type { TestCase, Trial } from '../trial.ts'
import { latest } from './interaction-times.ts'
import { historiesOf } from './held-out.ts'
import { randomOf, shuffled } from './seeded-order.ts'
import { TrialError } from '../trial.ts'

interface NotebookOptions {
  /** The seed that chooses customers and held-out purchases; a whole number, 0 … 2³² − 1. */
  readonly seed: number
  /** How many are asked about, all where there are fewer; default 500, as the notebook did. */
  readonly customers?: number
}

/**
 * The procedure of the notebook that Rationale began as, kept to show what it measures: nothing. It trains on
 * everything, takes one purchase of each of 500 customers with two products or more, calls it held out, and asks for
 * products that the customer has not bought. But the purchase is still in training, so the customer has bought it,
 * and it is the one kind of product that cannot be on the list: 0 of 500 found, whatever the system. Under
 * `next-order`, where it can be, the protocol asks for a purchase that training states, and a system that only
 * repeats its training data would win.
 * @throws {TrialError} when no customer bought two products
 */
export function notebookTrial(dataset: Dataset, { seed, customers = 500 }: NotebookOptions): Trial {
  const histories = [...historiesOf(dataset, new Set(dataset.interactions.customer))]
  const eligible = histories.filter(([, { length }]) => length > 1).sort(([a], [b]) => a - b)
  if (eligible.length === 0) {
    throw new TrialError('no customer bought two products: there is nobody to test')
  }
  const random = randomOf(seed)
  const at = latest(dataset.orders.timestamp)
  const chosen = shuffled(eligible, random).slice(0, customers)
  const cases = chosen.map(([customer, history]): TestCase => {
    const { product } = history[uniformInt(random, 0, history.length - 1)]
    return { customer, history, at, relevant: Uint32Array.of(product) }
  })
  cases.sort((a, b) => a.customer - b.customer)
  return { name: 'notebook', train: dataset, cases, leftOut: {} }
}
