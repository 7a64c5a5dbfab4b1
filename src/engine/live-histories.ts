/**
 * What customers bought, and what they are interested in, as of now: what the model holds, and the events of the store
 * folded onto it.
 */
import type { Model } from '../model/model.ts'
import type { HistoryEvent, InterestEvent } from '../store/event.ts'
import type { EventStore } from '../store/event-store.ts'
import { type CustomerKey, customerIdOf } from './customer-key.ts'
import { type FoldedHistory, foldHistory } from './fold-history.ts'
import type { Histories } from './history.ts'
import { type Interest, interestIn, MOST_INTEREST } from './interest.ts'

/** The latest events of a customer that are read; a model that is trained again holds the earlier ones. */
export const MOST_EVENTS = 2000

/**
 * Looks the events of a batch of customers up, in one call each for histories and for interest. Folding is done when a history is asked for.
 * @param stored  what the model holds
 * @param customers  the only ones whose histories can be asked for
 * @throws {StoreError} if the events cannot be read
 */
export async function liveHistories(
  model: Model,
  stored: Histories,
  events: Pick<EventStore, 'histories' | 'interests'>,
  customers: readonly CustomerKey[],
): Promise<Histories> {
  const asked = [...new Set(customers)]
  const ids = asked.map((customer) => customerIdOf(model, customer))
  const found = asked.length === 0 ? [] : await events.histories(ids, MOST_EVENTS)
  const people = ids.map((id) => ({ id, isVisitor: false }))
  const interests = asked.length === 0 ? [] : await events.interests(people, MOST_INTEREST)
  const eventsOf = new Map(asked.map((customer, i) => [customer, found[i]]))
  const interestOf = new Map(asked.map((customer, i) => [customer, interests[i]]))
  const folded = new Map<CustomerKey, FoldedHistory>()

  function read(customer: CustomerKey): readonly HistoryEvent[] {
    const own = eventsOf.get(customer)
    if (own === undefined) throw new RangeError(`the events of customer ${customer} were not looked up`)
    return own
  }

  function foldedOf(customer: CustomerKey): FoldedHistory {
    const former = folded.get(customer)
    if (former) return former
    const own = read(customer)
    const [entries] = typeof customer === 'string' ? [[]] : stored.of([customer])
    const known = own.flatMap(({ product: sku, ...event }) => {
      const product = model.products.indexOf(sku)
      return product < 0 ? [] : [{ ...event, product }]
    })
    const history = known.length === 0 ? { entries, hidden: [] } : foldHistory(known, entries)
    folded.set(customer, history)
    return history
  }

  return {
    size: stored.size,
    lengthOf: (customer) =>
      read(customer).length + (typeof customer === 'string' ? 0 : stored.lengthOf(customer)),
    of: (all) => all.map((customer) => foldedOf(customer).entries),
    hiddenFrom: (customer) => foldedOf(customer).hidden,
    interestOf(customer) {
      read(customer)
      const { entries, hidden } = foldedOf(customer)
      return interestIn(inModel(model, interestOf.get(customer)!), entries, hidden)
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
