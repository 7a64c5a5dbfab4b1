import type { Browsing, Session } from '../../data/browsing.ts'
import type { Dataset } from '../../data/dataset.ts'
import { gather } from '../../data/column.ts'
import { keepInteractions } from '../../data/subset.ts'
import { interestIn } from '../../engine/interest.ts'
import { interestAmong, isOfNewProduct, nextEvents } from '../../engine/next-events.ts'
import { LEFT_OUT, LeftOut, type Task, type TestCase, type Trial, TrialError } from '../trial.ts'
import { historiesOf } from './held-out.ts'
import { withoutHindsight } from './hindsight.ts'
import { interactionTimes, writeTime } from './interaction-times.ts'
import { cutTimes } from './temporal.ts'

interface SessionOptions {
  /** Under `discovery` what the person has bought, or looked at lately, is not to be found. */
  readonly task: Task
  /** As for `temporalTrials`. */
  readonly cuts: readonly string[]
}

/**
 * Trains on all that was bought, looked at or put into the cart before a cut, and asks of each session after it, up to the
 * next cut, for one event by what came before that.
 * @throws {TrialError} as `cutTimes`, where there are no views, and when a cut leaves nothing to ask for
 */
export function sessionTrials(dataset: Dataset, { task, cuts }: SessionOptions): Trial[] {
  const { browsing } = dataset
  if (browsing === undefined) {
    throw new TrialError(
      'the data holds no views or cart entries: put them into events.csv beside it, or choose another protocol',
    )
  }
  const times = interactionTimes(dataset)
  const found = cutTimes(times, cuts)
  const known = withoutHindsight(dataset)
  return found.map((cut, i) => {
    const train: Dataset = Object.assign(
      keepInteractions(known, (item) => times[item] < cut),
      { browsing: browsingBefore(browsing, cut) },
    )
    const { cases, leftOut } = casesOf(browsing, train, task, cut, found[i + 1] ?? Infinity)
    if (cases.length > 0) return { name: writeTime(cut), train, cases, leftOut }
    throw new TrialError(
      `no session from ${writeTime(cut)} on has a next event of a product that training knows: choose another cut`,
    )
  })
}

/** @param train  what is known at the cut */
function casesOf(
  browsing: Browsing,
  train: Dataset,
  task: Task,
  cut: number,
  end: number,
): Pick<Trial, 'cases' | 'leftOut'> {
  const leftOut = new LeftOut()
  const histories = historiesOf(train, new Set(train.interactions.customer))
  const productOf = (event: { readonly product: number }) =>
    train.products.indexOf(browsing.products.at(event.product))
  const customerOf = (id: string | null) => (id === null ? -1 : train.customers.indexOf(id))
  const sessions = new Set<Session>()
  const asked = nextEvents(browsing, (event) => {
    const [{ at: began }] = event.session.events
    if (began < cut || began >= end) return false
    sessions.add(event.session)
    if (productOf(event.next) < 0) return false
    if (task !== 'discovery') return true
    const history = histories.get(customerOf(event.session.customer)) ?? []
    return isOfNewProduct(event) && history.every(({ product }) => product !== productOf(event.next))
  })
  const cases = asked.map(({ session, before, next }): TestCase => {
    const customer = customerOf(session.customer)
    const history = histories.get(customer) ?? []
    return {
      customer: history.length > 0 ? customer : -1,
      history,
      interest: interestIn(interestAmong(browsing, before, train.products), history),
      at: next.at,
      relevant: Uint32Array.of(productOf(next)),
    }
  })
  leftOut.add(LEFT_OUT.nothingNext, sessions.size - cases.length)
  return { cases, leftOut: leftOut.record() }
}

function browsingBefore(browsing: Browsing, cut: number): Browsing {
  const kept = Uint32Array.from(browsing.timestamp.keys()).filter((i) => browsing.timestamp[i] < cut)
  const { kind, person, isVisitor, product, timestamp, session } = browsing
  return {
    ...browsing,
    count: kept.length,
    kind: gather(kind, kept),
    person: gather(person, kept),
    isVisitor: gather(isVisitor, kept),
    product: gather(product, kept),
    timestamp: gather(timestamp, kept),
    ...(session && { session: gather(session, kept) }),
  }
}
