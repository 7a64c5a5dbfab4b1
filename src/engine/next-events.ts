/**
 * What people did next in a session, given the session so far: what weights of interest are fitted on, and what
 * `evaluate --protocol session` asks for. Of each session one event is asked about, which is never its first.
 */
import type { Browsing, Session, SessionEvent } from '../data/browsing.ts'
import { sessionsOf } from '../data/browsing.ts'
import type { IdTable } from '../data/ids.ts'
import type { Interest } from './interest.ts'
import { MOST_INTEREST } from './interest.ts'
import { mixed } from './mixed.ts'

/** So many of the latest events are read: more would take memory, and tell little more. */
const MOST_EVENTS = 1e6

/** An event of a session, and what came before it. */
export interface NextEvent {
  readonly session: Session
  /** The latest events of the same person before it, of this session and of earlier ones; by time. */
  readonly before: readonly SessionEvent[]
  readonly next: SessionEvent
}

/**
 * One event of each session, chosen as if by chance among those that are wanted; by the time of the sessions. Sessions
 * without one are left out.
 * @param isWanted  whether an event can be asked about
 */
export function nextEvents(browsing: Browsing, isWanted: (event: NextEvent) => boolean): NextEvent[] {
  const past = new Map<string, readonly SessionEvent[]>()
  return sessionsOf(browsing, MOST_EVENTS).flatMap((session, number) => {
    const { customer, visitor, events } = session
    const person = customer === null ? `visitor ${visitor}` : `customer ${customer}`
    const all = [...(past.get(person) ?? []), ...events]
    past.set(person, all.slice(-MOST_INTEREST))
    const earlier = all.length - events.length
    const found = events.slice(1).flatMap((next, i): NextEvent[] => {
      const asked = { session, next, before: all.slice(0, earlier + i + 1).slice(-MOST_INTEREST) }
      return isWanted(asked) ? [asked] : []
    })
    return found.length === 0 ? [] : [found[mixed(number) % found.length]]
  })
}

/** Whether an event is of a product that the person has not looked at or put into the cart lately. */
export function isOfNewProduct({ before, next }: Pick<NextEvent, 'before' | 'next'>): boolean {
  return before.every(({ product }) => product !== next.product)
}

/** The events of products that a table has, by their places in it. */
export function interestAmong(
  { products }: Browsing,
  events: readonly SessionEvent[],
  table: IdTable,
): readonly Interest[] {
  return events.flatMap((event) => {
    const product = table.indexOf(products.at(event.product))
    return product < 0 ? [] : [{ ...event, product }]
  })
}
