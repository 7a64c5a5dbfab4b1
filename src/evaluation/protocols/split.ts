import type { Dataset } from '../../data/dataset.ts'
import { type ReadOptions, readDataset } from '../../data/read.ts'
import { readUserLines } from '../../data/user-lines.ts'
import type { Task, Trial } from '../trial.ts'
import { trialOf } from './held-out.ts'
import { earliest, interactionTimes } from './interaction-times.ts'
import { LeftOut, TrialError } from '../trial.ts'

/** `pairs`: a CSV file of interactions, one a row. `user-lines`: `user item item …`, one user a line. */
export type SplitFormat = 'pairs' | 'user-lines'

/**
 * One file of a published split.
 * @param options  for `pairs`
 * @throws {DataError} with the file, the line and the value, as `readDataset` and `readUserLines`
 */
export function readSplitFile(
  path: string,
  format: SplitFormat,
  options: ReadOptions = {},
): Promise<Dataset> {
  return format === 'pairs' ? readDataset(path, options) : readUserLines(path)
}

/**
 * The trial of a split made elsewhere: customers and products are the same where their ids are. A customer
 * of the test without a purchase in training is left out, and so are the products that training does not know;
 * published figures may count those as missed. Asked at the time of the customer's first purchase in the test.
 * @throws {TrialError} if no customer is left to test
 */
export function splitTrial(train: Dataset, test: Dataset, task: Task): Trial {
  const { customer } = test.interactions
  const times = interactionTimes(test)
  const heldOut = [...Map.groupBy(customer.keys(), (item) => customer[item])].map(([who, items]) => ({
    customer: who,
    at: earliest(items.map((item) => times[item])),
    items,
  }))
  const trial = trialOf({ name: 'split', train, task }, test, heldOut, new LeftOut())
  if (trial.cases.length > 0) return trial
  const ids = `training knows ${train.customers.size} customers such as ${quote(train.customers)} and ${train.products.size} products such as ${quote(train.products)}, the test names customers such as ${quote(test.customers)} and products such as ${quote(test.products)}`
  throw new TrialError(`the test asks for nothing that could be found: ${ids}; are the ids of one kind?`)
}

function quote(ids: Dataset['customers']): string {
  return JSON.stringify(ids.at(0))
}
