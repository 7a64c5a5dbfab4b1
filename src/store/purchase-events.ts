/** The purchases of a data set as events, so that a shop's history can be kept in its store. */
import { createHash } from 'node:crypto'
import type { Dataset } from '../data/dataset.ts'
import type { NewEvent } from './event.ts'

/**
 * The purchases of a data set that have a time, customer by customer, these by their ids: in the order in which a store
 * keeps events, so that it writes each of its pages once or twice. Their keys depend on nothing but what they say, so
 * that the same file, or a longer one, can be imported again: what is in the store already is a duplicate.
 */
export function* purchaseEvents(dataset: Dataset): Generator<NewEvent, void> {
  const { customers, products, interactions, orders } = dataset
  const linesOf = grouped(orders.count, interactions.order)
  const ordersOf = grouped(customers.size, orders.customer)
  for (const [customer, buyer] of byId(customers)) {
    const ordersAt = new Counts<number>()
    for (const order of ordersOf(buyer)) {
      const at = orders.timestamp[order]
      if (Number.isNaN(at)) continue
      const earlier = ordersAt.next(at)
      const linesWith = new Counts<string>()
      for (const line of linesOf(order)) {
        const product = products.at(interactions.product[line])
        const seller = interactions.seller?.[line] ?? -1
        yield {
          customer,
          product,
          kind: 'PURCHASE',
          at,
          quantity: interactions.quantity[line],
          price: orNull(interactions.price[line]),
          // What a customer buys at one time is one order, unless the shop says otherwise.
          orderId: earlier === 0 ? null : importKey(customer, at, earlier),
          idempotencyKey: importKey(customer, at, earlier, product, linesWith.next(product)),
          seller: seller < 0 ? null : dataset.sellers!.at(seller),
          reviewScore: orNull(orders.reviewScore?.[order]),
          deliveryDelayDays: orNull(orders.deliveryDelayDays?.[order]),
          place: line,
        }
      }
    }
  }
}

/** How many purchases have no time: an event cannot be made of them. */
export function purchasesWithoutTime({ interactions, orders }: Dataset): number {
  return interactions.order.reduce((count, order) => count + Number(Number.isNaN(orders.timestamp[order])), 0)
}

/** Ids with their places, the ids ascending. */
function byId(ids: Dataset['customers']): [id: string, place: number][] {
  const all = Array.from({ length: ids.size }, (_, place): [string, number] => [ids.at(place), place])
  return all.sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}

/** The key of an imported event: the same for the same parts. */
export function importKey(...parts: readonly (string | number)[]): string {
  return `import ${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)}`
}

/** Numbers what is the same, from 0. */
class Counts<Key> {
  readonly #counts = new Map<Key, number>()

  next(key: Key): number {
    const count = this.#counts.get(key) ?? 0
    this.#counts.set(key, count + 1)
    return count
  }
}

/** The places of each group, ascending. @param groups  how many there are @param groupOf  the group of each place */
function grouped(groups: number, groupOf: Uint32Array): (group: number) => Uint32Array {
  const ends = new Uint32Array(groups + 1)
  for (const group of groupOf) ends[group + 1]++
  for (let group = 0; group < groups; group++) ends[group + 1] += ends[group]
  const next = ends.slice(0, groups)
  const places = new Uint32Array(groupOf.length)
  groupOf.forEach((group, place) => (places[next[group]++] = place))
  return (group) => places.subarray(ends[group], ends[group + 1])
}
