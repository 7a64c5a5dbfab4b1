/**
 * What a page may record with a customer token: what its own customer looked at, put into the cart, rated or does not
 * want to see. Who bought what is for the shop's server to say, since others' lists and the next training rest on it.
 */
import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { DAY } from '../data/ranges.ts'
import { type EventKind, InvalidEventsError, type NewEvent } from '../store/event.ts'
import type { EventStore } from '../store/event-store.ts'
import type { Caller } from './context.ts'
import { badUserInput } from './errors.ts'
import { forbidden } from './scopes.ts'

/** The most events of one call, and of one customer within a day: more than anybody looks at. */
export const MAX_OWN_EVENTS = 100
export const MAX_OWN_EVENTS_A_DAY = 5000

/** What a page may not say. */
const OF_THE_SHOP: ReadonlySet<EventKind> = new Set(['PURCHASE', 'RETURN'])

/**
 * The events as they are recorded for a caller with a customer token: of that customer, whatever customer is left out.
 * @param now  in ms since 1970 UTC
 * @throws {GraphQLError} with code FORBIDDEN for events of anybody else, or of kinds that only the shop records; with
 *   code TOO_MANY_EVENTS if there would be more than a customer may have within a day
 * @throws {InvalidInputError} if there are too many
 * @throws {InvalidEventsError} for events that are more than a day old
 * @throws {StoreError} if the events cannot be read
 */
export async function ownEvents(
  events: readonly NewEvent[],
  caller: Caller,
  store: Pick<EventStore, 'countSince'>,
  now: number,
): Promise<readonly NewEvent[]> {
  const { customer } = caller
  if (customer === null) throw forbidden('Recording events', 'write', caller)
  if (events.length > MAX_OWN_EVENTS) {
    throw badUserInput(
      `"events" holds ${events.length} events: with a customer token send at most ${MAX_OWN_EVENTS} at once.`,
      'input',
      'events',
    )
  }
  for (const event of events) {
    if (event.visitor != null || (event.customer ?? customer) !== customer)
      throw forbidden('Recording events of others', 'write', caller)
    if (OF_THE_SHOP.has(event.kind)) throw forbidden(`Recording a ${event.kind}`, 'write', caller)
  }
  expectRecent(events, now)
  if (
    (await store.countSince(customer, now - DAY, MAX_OWN_EVENTS_A_DAY)) + events.length >
    MAX_OWN_EVENTS_A_DAY
  ) {
    throw new GraphQLError(
      `A customer may have ${MAX_OWN_EVENTS_A_DAY} events within a day, and these would be more: nothing was recorded.`,
      { extensions: { code: 'TOO_MANY_EVENTS' } },
    )
  }
  return events.map(({ idempotencyKey, ...event }) =>
    Object.assign(event, {
      customer,
      ...(idempotencyKey != null && { idempotencyKey: keyOf(customer, idempotencyKey) }),
    }),
  )
}

/** So that the count of a day is a bound. */
function expectRecent(events: readonly NewEvent[], now: number): void {
  const problems = events.flatMap(({ at }, place) =>
    at >= now - DAY
      ? []
      : [
          {
            place,
            field: 'at' as const,
            message: 'It is more than a day old: with a customer token only what happened since is recorded.',
          },
        ],
  )
  if (problems.length > 0) throw new InvalidEventsError(problems)
}

/** A customer's keys are apart from those of the shop and of others: a page that guesses one must not use it up. */
function keyOf(customer: string, key: string): string {
  const hash = createHash('sha256').update(JSON.stringify([customer, key]))
  return `page ${hash.digest('base64url')}`
}
