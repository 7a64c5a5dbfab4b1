import type { Dataset } from '../../data/dataset.ts'
import { interactionsWhere, keepInteractions } from '../../data/subset.ts'
import type { Task, Trial } from '../trial.ts'
import { trialOf } from './held-out.ts'
import { withoutGivenSegments } from './hindsight.ts'
import { LEFT_OUT, LeftOut, TrialError } from '../trial.ts'

interface LastOrderOptions {
  readonly task: Task
  /**
   * Default false: a product that is sold in held-out orders only is unknown to training and left out of the test.
   * True: the whole catalogue stays, and such a product can be found by its content. Then a product without sales is
   * recognisable: in a shop that sold every product, only held-out products have none in training.
   */
  readonly keepCatalogue?: boolean
}

/**
 * Holds out the last order of each customer who has two or more, and trains on the rest. Of two orders at the same
 * time the one that the files name later is the last; orders of unknown time stay in training. So does what others
 * bought after that order: `temporalTrials` is the protocol that does not look ahead.
 * @throws {TrialError} when no time is known, or nobody is left to test
 */
export function lastOrderTrial(dataset: Dataset, { task, keepCatalogue = false }: LastOrderOptions): Trial {
  const { interactions, orders } = dataset
  if (orders.timestamp.every(Number.isNaN)) {
    throw new TrialError(
      'the data states no times, so no order can be told to be the last: give its interactions a timestamp, or choose a protocol that needs none',
    )
  }
  const leftOut = new LeftOut()
  const last = lastOrders(dataset, leftOut)
  const isHeldOut = (item: number) => last.has(interactions.order[item])
  const items = Map.groupBy(interactionsWhere(dataset, isHeldOut), (item) => interactions.order[item])
  const heldOut = [...items].map(([order, bought]) => ({
    customer: orders.customer[order],
    at: orders.timestamp[order],
    items: bought,
  }))
  const train = keepInteractions(withoutGivenSegments(dataset), (item) => !isHeldOut(item), { keepCatalogue })
  const trial = trialOf({ name: 'last order', train, task }, dataset, heldOut, leftOut)
  if (trial.cases.length > 0) return trial
  const news = task === 'discovery' ? 'new to them and ' : ''
  throw new TrialError(
    `no customer with two orders bought in the last what is ${news}sold in other orders, too: there is nobody to test`,
  )
}

/** The last orders, by known time, of the customers with two orders or more. */
function lastOrders({ orders }: Dataset, leftOut: LeftOut): Set<number> {
  const byCustomer = Map.groupBy(orders.customer.keys(), (order) => orders.customer[order])
  const last = new Set<number>()
  for (const theirs of byCustomer.values()) {
    if (theirs.length < 2) continue
    const known = theirs.filter((order) => !Number.isNaN(orders.timestamp[order]))
    if (known.length === 0) leftOut.add(LEFT_OUT.noKnownTime)
    else last.add(known.reduce((a, b) => (orders.timestamp[b] >= orders.timestamp[a] ? b : a)))
  }
  return last
}
