/**
 * What customers bought, and what they are interested in, as of now: what the model holds, and the events of the store
 * folded onto it.
 */
import type { Model } from '../model/model.ts'
import type { HistoryEvent, InterestEvent } from '../store/event.ts'
import type { EventStore } from '../store/event-store.ts'
import { customerIdOf, type HistoryKey } from './customer-key.ts'
import { isTrainedOn as isOf, trainedCustomers } from './trained-histories.ts'
import { type FoldedHistory, foldHistory } from './fold-history.ts'
import type { HistoryEntry } from './history-entry.ts'
import type { Histories } from './history.ts'
import { type Interest, interestIn, MOST_INTEREST } from './interest.ts'

/** What histories are read for. */
type LiveModel = Pick<
  Model,
  'customers' | 'products' | 'category' | 'sales' | 'segments' | 'segmentCentroids' | 'summary'
>

/** The latest events of a customer that are read; a model that is trained again holds the earlier ones. */
export const MOST_EVENTS = 2000

/**
 * Looks the events of a batch of customers and visitors up, in one call each for histories and for interest. Folding is
 * done when a history is asked for. Of a model that was trained on this store's events, only later purchases are read; if it
 * holds no histories, the earlier ones are put together as it was trained on them.
 * @param stored  what the model holds
 * @param customers  the only ones whose histories can be asked for
 * @throws {StoreError} if the events cannot be read
 */
export async function liveHistories(
  model: LiveModel,
  stored: Histories,
  events: Pick<EventStore, 'histories' | 'interests' | 'pasts' | 'watermark'>,
  customers: readonly HistoryKey[],
): Promise<Histories> {
  const asked = [...new Map(customers.map((customer) => [keyOf(customer), customer])).values()]
  const ids = asked.map((customer) =>
    typeof customer === 'object' ? customer : customerIdOf(model, customer),
  )
  if (asked.length === 0) return stored
  const { trainedOn, withoutHistories } = model.summary
  const isTrainedOn = trainedOn !== undefined && (await isOf(events, trainedOn.store))
  const found = await events.histories(ids, MOST_EVENTS, isTrainedOn ? trainedOn.receivedThrough : undefined)
  const interests = await events.interests(ids, MOST_INTEREST)
  const past = new Map<HistoryKey, readonly HistoryEntry[]>()
  if (isTrainedOn && withoutHistories) {
    const unheld = asked.filter((customer) => typeof customer === 'string')
    const trained = await trainedCustomers(model, events, unheld)
    unheld.forEach((customer, i) => past.set(customer, trained[i].history))
  }
  const eventsOf = new Map(asked.map((customer, i) => [keyOf(customer), found[i]]))
  const interestOf = new Map(asked.map((customer, i) => [keyOf(customer), interests[i]]))
  const folded = new Map<string, FoldedHistory>()

  function read(customer: HistoryKey): readonly HistoryEvent[] {
    const own = eventsOf.get(keyOf(customer))
    if (own === undefined) throw new RangeError(`the events of ${keyOf(customer)} were not looked up`)
    return own
  }

  function foldedOf(customer: HistoryKey): FoldedHistory {
    const former = folded.get(keyOf(customer))
    if (former) return former
    const own = read(customer)
    const [entries] = typeof customer === 'number' ? stored.of([customer]) : [past.get(customer) ?? []]
    const known = own.flatMap(({ product: sku, ...event }) => {
      const product = model.products.indexOf(sku)
      return product < 0 ? [] : [{ ...event, product }]
    })
    const history =
      known.length === 0
        ? { entries, hidden: [], hiddenCategories: [] }
        : foldHistory(
            known,
            entries,
            (product) => model.category.codes[product],
            isTrainedOn ? 'NONE' : 'SOME',
          )
    folded.set(keyOf(customer), history)
    return history
  }

  return {
    size: stored.size,
    lengthOf: (customer) =>
      read(customer).length +
      (typeof customer === 'number' ? stored.lengthOf(customer) : (past.get(customer)?.length ?? 0)),
    of: (all) => all.map((customer) => foldedOf(customer).entries),
    hiddenFrom: (customer) => foldedOf(customer).hidden,
    categoriesHiddenFrom: (customer) => foldedOf(customer).hiddenCategories,
    interestOf(customer) {
      const { entries, hidden } = foldedOf(customer)
      return interestIn(inModel(model, interestOf.get(keyOf(customer))!), entries, hidden)
    },
  }
}

/** Events of the products that the model knows. */
export function inModel({ products }: Pick<Model, 'products'>, events: readonly InterestEvent[]): Interest[] {
  return events.flatMap(({ product: sku, ...event }) => {
    const product = products.indexOf(sku)
    return product < 0 ? [] : [{ ...event, product }]
  })
}

/** Tells customers of the model, customers of the store and visitors apart, whatever their ids are. */
function keyOf(customer: HistoryKey): string {
  return typeof customer === 'object' ? `visitor ${customer.visitor}` : `customer ${JSON.stringify(customer)}`
}
