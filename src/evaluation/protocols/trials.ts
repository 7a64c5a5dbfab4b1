import type { Dataset } from '../../data/dataset.ts'
import { type Task, type Trial, TrialError } from '../trial.ts'
import type { ProtocolName } from './description.ts'
import { basketTrials } from './basket.ts'
import { holdOutUsersTrials } from './hold-out-users.ts'
import { lastOrderTrial } from './last-order.ts'
import { notebookTrial } from './notebook.ts'
import { sessionTrials } from './session.ts'
import { temporalTrials } from './temporal.ts'

/** The protocols that split one data set; `split` is given its two. */
export const SPLITTING_PROTOCOLS = [
  'temporal',
  'last-order',
  'basket',
  'notebook',
  'hold-out-users',
  'session',
] as const
export type SplittingProtocol = (typeof SPLITTING_PROTOCOLS)[number]

/** Those under which nothing that was bought before can be found: they know no task but `discovery`. */
const DISCOVERY_ONLY: readonly SplittingProtocol[] = ['basket', 'notebook', 'hold-out-users']

/** Those that know when each order was made, and so which basket is the next. */
const OF_BASKETS: readonly ProtocolName[] = ['temporal', 'last-order']

/**
 * Whether a protocol can ask for a task.
 * @throws {TrialError} where it cannot
 */
export function checkTask(protocol: ProtocolName, task: Task): void {
  if (task === 'discovery') return
  if (DISCOVERY_ONLY.some((name) => name === protocol)) {
    throw new TrialError(`--protocol ${protocol} has only the task discovery: leave --task out`)
  }
  if (task !== 'next-basket' || OF_BASKETS.includes(protocol)) return
  throw new TrialError(
    protocol === 'split'
      ? 'a split that is given does not say which order comes next: take --task next-order, or --data with --protocol temporal or last-order'
      : `--task next-basket goes with --protocol ${OF_BASKETS.join(' or ')}`,
  )
}

/** Everybody is held out once, and never with more than a fifth of the users. */
const HELD_OUT_USERS = { share: 0.2, folds: 5 }

interface Splitting {
  readonly protocol: SplittingProtocol
  readonly task: Task
  /** The cuts of `temporal`: dates, or shares of the interactions. */
  readonly cuts: readonly string[]
  /** The seed of the protocols with random choices. */
  readonly seed: number
}

/**
 * The trials of a protocol.
 * @throws {TrialError} when the data does not lend itself to it, or nobody is left to test
 */
export function trialsOf(dataset: Dataset, { protocol, task, cuts, seed }: Splitting): Trial[] {
  switch (protocol) {
    case 'temporal':
      return temporalTrials(dataset, { task, cuts })
    case 'last-order':
      return [lastOrderTrial(dataset, { task, keepCatalogue: true })]
    case 'basket':
      return basketTrials(dataset, { seed })
    case 'notebook':
      return [notebookTrial(dataset, { seed })]
    case 'hold-out-users':
      return holdOutUsersTrials(dataset, { seed, ...HELD_OUT_USERS })
    case 'session':
      return sessionTrials(dataset, { task, cuts })
  }
}
