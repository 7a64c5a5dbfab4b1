import type { Dataset } from '../../data/dataset.ts'
import type { Task, TestCase, Trial } from '../trial.ts'
import { LEFT_OUT, type LeftOut } from './left-out.ts'
import { historiesOf } from './past-purchases.ts'
import { translation, UNKNOWN } from './translation.ts'

/** What one customer bought that training does not have. */
export interface HeldOut {
  /** Index into the customers of the data set it was held out from. */
  readonly customer: number
  /** When the lists are asked for, in ms since 1970 UTC; NaN unknown. */
  readonly at: number
  /** Indices into the interactions of that data set. */
  readonly items: readonly number[]
}

/**
 * The trial that asks for what was held out. A customer's history is what training has of them; who has none is left
 * out. So is a product that training does not know, since no list can hold it, and under `discovery` one that is in
 * the history. All of it is counted.
 * @param source  the data set that `heldOut` speaks of; its ids are those of `train` where they are known there
 * @param leftOut  what has been left out already
 */
export function trialOf(
  { name, train, task }: { name: string; train: Dataset; task: Task },
  source: Dataset,
  heldOut: readonly HeldOut[],
  leftOut: LeftOut,
): Trial {
  const customerOf = translation(source.customers, train.customers)
  const productOf = translation(source.products, train.products)
  const histories = historiesOf(train, new Set(heldOut.map(({ customer }) => customerOf[customer])))
  const cases: TestCase[] = []
  for (const { customer, at, items } of heldOut) {
    const history = histories.get(customerOf[customer])
    if (history === undefined) {
      leftOut.add(LEFT_OUT.noHistory)
      continue
    }
    const bought = new Set(items.map((item) => source.interactions.product[item]))
    const known = Uint32Array.from(bought, (product) => productOf[product]).filter((p) => p !== UNKNOWN)
    const before = new Set(task === 'discovery' ? history.map(({ product }) => product) : [])
    const relevant = known.filter((product) => !before.has(product)).sort()
    leftOut.add(LEFT_OUT.unknownProducts, bought.size - known.length)
    leftOut.add(LEFT_OUT.boughtBefore, known.length - relevant.length)
    if (relevant.length === 0) leftOut.add(LEFT_OUT.nothingToFind)
    else cases.push({ customer: customerOf[customer], history, at, relevant })
  }
  cases.sort((a, b) => a.customer - b.customer)
  return { name, train, cases, leftOut: leftOut.record() }
}
