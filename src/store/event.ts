/** What happened between somebody and a product: the entries of the store's log, and which are valid. */
import type { InterestKind } from '../data/browsing.ts'
import { EARLIEST_TIME, LEAST_PRICE, LEAST_QUANTITY, MOST_PRICE, MOST_QUANTITY } from '../data/ranges.ts'

/** What can happen. */
export const EVENT_KINDS = [
  'PURCHASE',
  'VIEW',
  'CART',
  'RETURN',
  'RATING',
  'NOT_INTERESTED',
  'IMPRESSION',
  'CLICK',
] as const

/** One of the things that can happen. */
export type EventKind = (typeof EVENT_KINDS)[number]

/** The kinds that have a quantity. */
const COUNTED: ReadonlySet<EventKind> = new Set(['PURCHASE', 'CART', 'RETURN'])

/** An event as it is recorded. Ids are the shop's own. Fields that are null are the same as those left out. */
export interface NewEvent {
  /** Who it was: either a customer or a visitor, who is not known as a customer (yet). */
  readonly customer?: string | null | undefined
  readonly visitor?: string | null | undefined
  readonly product: string
  readonly kind: EventKind
  /** When it happened, in ms since 1970 UTC. */
  readonly at: number
  /** Units, above 0: of PURCHASE, CART and RETURN. Default: 1. */
  readonly quantity?: number | null | undefined
  /** Of one unit, in the shop's currency. */
  readonly price?: number | null | undefined
  /** The rating, on the shop's scale: of RATING, which needs it. */
  readonly value?: number | null | undefined
  /** Whether it takes an earlier NOT_INTERESTED back: of NOT_INTERESTED. Default: false. */
  readonly undo?: boolean | null | undefined
  /** Whether it is about the whole category of the product: of NOT_INTERESTED. Default: false. */
  readonly wholeCategory?: boolean | null | undefined
  /** Purchases of one order count as one order. */
  readonly orderId?: string | null | undefined
  /** The list that the product was shown in, and the place on the page. */
  readonly listId?: string | null | undefined
  readonly placement?: string | null | undefined
  /** Events with the same key are one event, whatever else they say. Default: a new id. */
  readonly idempotencyKey?: string | null | undefined
  /** Who sold it, by the shop's own id. */
  readonly seller?: string | null | undefined
  /** Of the order: its mean review score, and by how many days it was delivered later than promised. */
  readonly reviewScore?: number | null | undefined
  readonly deliveryDelayDays?: number | null | undefined
  /** The place among the purchases of a file that it was imported from: training takes them in this order. */
  readonly place?: number | null | undefined
}

/** An event in the store. */
export interface StoredEvent {
  /** Its idempotency key, or the id that it was given. */
  readonly id: string
  readonly product: string
  readonly kind: EventKind
  /** When it happened, and when it was recorded; in ms since 1970 UTC. */
  readonly at: number
  readonly receivedAt: number
  readonly quantity: number | null
  readonly price: number | null
  /**
   * Of RATING: the rating. Of NOT_INTERESTED: 1, or 0 if it takes an earlier one back; of the whole category 2, or 3.
   */
  readonly value: number | null
  readonly orderId: string | null
  readonly listId: string | null
  readonly placement: string | null
  /** Null unless it was imported with them: who sold it, and how its order was reviewed and delivered. */
  readonly seller: string | null
  readonly reviewScore: number | null
  readonly deliveryDelayDays: number | null
}

/** What histories are made of: purchases, returns, and products that a customer does not want to see. */
export type HistoryEvent = Pick<
  StoredEvent,
  'id' | 'product' | 'kind' | 'at' | 'quantity' | 'value' | 'orderId'
>

/** A view or cart entry. */
export type InterestEvent = Pick<StoredEvent, 'product' | 'at'> & { readonly kind: InterestKind }

/** One thing that is wrong with an event. */
export interface EventProblem {
  /** The place of the event among those given, from 0. */
  readonly place: number
  readonly field: keyof NewEvent
  /** What is wrong, and what to do: a sentence. */
  readonly message: string
}

/** Events of which some are invalid; none of them was recorded. */
export class InvalidEventsError extends Error {
  override readonly name = 'InvalidEventsError'
  /** The first problem of each invalid event, in their order. */
  readonly problems: readonly EventProblem[]

  constructor(problems: readonly EventProblem[]) {
    super(
      `${problems.length === 1 ? 'One event is' : `${problems.length} events are`} invalid, so none was recorded. ` +
        `Event ${problems[0].place}: ${problems[0].message}`,
    )
    this.problems = problems
  }
}

/** The longest id, in characters. */
export const LONGEST_ID = 500

/** How far the clocks of the shop's machines may be ahead of this one, in ms. */
const CLOCK_DIFFERENCE = 10_000

/** Ratings lie within ± this. */
const MOST_VALUE = 1e6

const IDS = [
  'customer',
  'visitor',
  'product',
  'orderId',
  'listId',
  'placement',
  'idempotencyKey',
  'seller',
] as const

/** Numbers that need only be finite. */
const FINITE = ['reviewScore', 'deliveryDelayDays', 'place'] as const

/**
 * Checks events. Whether their customers and products are known does not matter.
 * @param now  the time, in ms since 1970 UTC
 * @throws {InvalidEventsError} with a problem of each invalid event
 */
export function checkEvents(events: readonly NewEvent[], now: number): void {
  const problems = events.flatMap((event, place) => {
    const found = problemOf(event, now)
    return found === undefined ? [] : [{ place, field: found[0], message: found[1] }]
  })
  if (problems.length > 0) throw new InvalidEventsError(problems)
}

/** Why a text cannot be an id; undefined if it can. */
export function idProblem(id: string): string | undefined {
  if (typeof id !== 'string') return `it is a ${typeof id}, not a text`
  if (id === '') return 'it is empty'
  if (id.length > LONGEST_ID) return `it has ${id.length} characters; at most ${LONGEST_ID} are allowed`
  if (id.includes('\0')) return 'it holds a NUL character'
  return undefined
}

function problemOf(event: NewEvent, now: number): readonly [keyof NewEvent, string] | undefined {
  for (const field of IDS) {
    const problem = event[field] == null ? undefined : idProblem(event[field])
    if (problem !== undefined) return [field, `"${field}" cannot be an id: ${problem}.`]
  }
  const { customer, visitor, kind, at, quantity, price, value } = event
  // Programs without types may leave out what is needed.
  if (event.product == null) return ['product', 'Name a "product".']
  if (!EVENT_KINDS.includes(kind)) return ['kind', `"kind" is ${kind}: it must be ${EVENT_KINDS.join(', ')}.`]
  if ((customer == null) === (visitor == null))
    return ['customer', 'Name exactly one of "customer" and "visitor".']
  if (!Number.isInteger(at) || at < EARLIEST_TIME)
    return ['at', `"at" is ${timeText(at)}: it must be a time after ${timeText(EARLIEST_TIME)}.`]
  if (at > now + CLOCK_DIFFERENCE)
    return ['at', `"at" is ${timeText(at)}, which is in the future: here it is ${timeText(now)}.`]
  if (quantity != null) {
    if (!COUNTED.has(kind)) return ['quantity', `${kind} has no "quantity": leave it out.`]
    if (!(quantity >= LEAST_QUANTITY && quantity <= MOST_QUANTITY))
      return ['quantity', `"quantity" is ${quantity}: it must be ${LEAST_QUANTITY} to ${MOST_QUANTITY}.`]
  }
  if (price != null && price !== 0 && !(price >= LEAST_PRICE && price <= MOST_PRICE))
    return ['price', `"price" is ${price}: it must be 0, or ${LEAST_PRICE} to ${MOST_PRICE}.`]
  if (kind === 'RATING' && !(value != null && Math.abs(value) <= MOST_VALUE))
    return ['value', `"value" is ${value}: a RATING needs one of −${MOST_VALUE} to ${MOST_VALUE}.`]
  if (kind !== 'RATING' && value != null) return ['value', `${kind} has no "value": leave it out.`]
  for (const field of FINITE) {
    if (event[field] != null && !Number.isFinite(event[field]))
      return [field, `"${field}" is ${event[field]}: it must be a number, or left out.`]
  }
  if (kind !== 'NOT_INTERESTED' && event.undo != null)
    return ['undo', `${kind} cannot be undone: "undo" is of NOT_INTERESTED alone.`]
  if (kind !== 'NOT_INTERESTED' && event.wholeCategory != null)
    return ['wholeCategory', `${kind} is of a product: "wholeCategory" is of NOT_INTERESTED alone.`]
  return undefined
}

function timeText(time: number): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString()
}

/** The quantity that is stored: null for kinds that have none. */
export function quantityOf({ kind, quantity }: NewEvent): number | null {
  return COUNTED.has(kind) ? (quantity ?? 1) : null
}

/** The value that is stored. */
export function valueOf({ kind, value, undo, wholeCategory }: NewEvent): number | null {
  if (kind !== 'NOT_INTERESTED') return value ?? null
  return wholeCategory ? (undo ? 3 : 2) : undo ? 0 : 1
}

/** Whether a NOT_INTERESTED takes an earlier one back. @param value  as it is stored */
export function isUndone(value: number | null): boolean {
  return value === 0 || value === 3
}

/** Whether a NOT_INTERESTED is about the whole category of its product. @param value  as it is stored */
export function isAboutCategory(value: number | null): boolean {
  return value === 2 || value === 3
}
