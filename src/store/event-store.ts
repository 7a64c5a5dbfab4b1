import type { HistoryEvent, InterestEvent, NewEvent, StoredEvent } from './event.ts'
import type { StoredPurchase } from './imported-history.ts'

/** What became of recorded events. */
export interface Recorded {
  /** How many were new. */
  readonly accepted: number
  /** How many had the key of an event that is there already, or that came before them. */
  readonly duplicates: number
}

/** Which events of which store were read: what was recorded later is not among them. */
export interface Watermark {
  /** The id of the store. */
  readonly store: string
  /** The latest time at which any of them was recorded, in ms since 1970 UTC. */
  readonly receivedThrough: number
}

/** Somebody who is not known as a customer, by any id, such as that of a session. */
export interface Visitor {
  readonly visitor: string
}

/** What training reads of a customer. */
export interface CustomerPast {
  /** Purchases and returns, by time, of one time by id. */
  readonly purchases: readonly StoredPurchase[]
  /** The segment that imported files give the customer; null: none. */
  readonly segment: string | null
}

/** A page of what the store holds about a customer. */
export interface CustomerExport {
  /** The visitors that the customer was identified as. */
  readonly visitors: readonly string[]
  /** The segment that imported files give the customer; null: none. */
  readonly segment: string | null
  /** In the order in which they happened. */
  readonly events: readonly StoredEvent[]
  /** Pass it as `after` for the next page; null: there is none. */
  readonly next: string | null
}

/**
 * The log of what happened, by the shop's own ids: events are added, and never changed but for who they belong to; only
 * erasing a customer removes any.
 *
 * All methods throw StoreError if the store cannot be read or written; a write has then changed nothing, unless stated
 * otherwise.
 */
export interface EventStore {
  /**
   * Records events, all or none. When it resolves they are on the disk, and the next read sees them.
   * @throws {InvalidEventsError} naming every invalid event
   */
  append(events: readonly NewEvent[]): Promise<Recorded>
  /**
   * For each of a batch of customers and visitors, what their history is made of: the `limit` latest purchases, returns
   * and "not interested", the latest first (of one time the greater id). Of a visitor they are among the latest 5,000
   * events; a visitor who was identified has none.
   * @param since  only purchases and returns that were recorded after this time, in ms since 1970 UTC. Default: all
   */
  histories(
    customers: readonly (string | Visitor)[],
    limit: number,
    since?: number,
  ): Promise<readonly (readonly HistoryEvent[])[]>
  /**
   * For each of a batch of customers and visitors, the `limit` latest views and cart entries, the latest first (of one time
   * the greater id).
   */
  interests(
    customers: readonly (string | Visitor)[],
    limit: number,
  ): Promise<readonly (readonly InterestEvent[])[]>
  /**
   * For each of a batch of customers, what training reads of events that were recorded up to a time.
   * @param limit  the most purchases and returns of a customer: the latest
   * @param receivedThrough  in ms since 1970 UTC
   */
  pasts(
    customers: readonly string[],
    limit: number,
    receivedThrough: number,
  ): Promise<readonly CustomerPast[]>
  /** Which events there are now; null while there is no store. The time rises with each call that records any. */
  watermark(): Promise<Watermark | null>
  /** For each of a batch of customers, a text that differs when what `histories` or `interests` gives has changed. */
  historyVersions(customers: readonly string[], limit: number): Promise<readonly string[]>
  /**
   * How many events of any kind a customer has of a time or later.
   * @param since  in ms since 1970 UTC
   * @param most  it stops counting there
   */
  countSince(customer: string, since: number, most: number): Promise<number>
  /** A text that differs whenever anybody has written to the store, in this process or another. As cheap as can be. */
  version(): Promise<string>
  /**
   * The first customers, by id, whose id begins with a text: those with any event, and those of imported files.
   * @param limit  the most of them
   */
  customersFrom(beginning: string, limit: number): Promise<readonly string[]>
  /** Which of the customers have any event, or are in imported files. */
  known(customers: readonly string[]): Promise<ReadonlySet<string>>
  /**
   * A visitor turned out to be a customer: the visitor's events become the customer's, and so do later ones. If the
   * visitor was identified before, those events stay with the former customer. A failure in the middle may have moved
   * some of the events: repeat the call.
   * @returns how many events became the customer's
   * @throws {InvalidEventsError} if one of them cannot be an id
   */
  identify(visitor: string, customer: string): Promise<number>
  /**
   * Removes a customer's events, and that visitors were identified as this customer. A failure in the middle may have
   * removed some: repeat the call.
   * @param by  who erases it, for the audit log, which does not name the customer. Default: it is not recorded
   * @returns how many events were removed
   */
  erase(customer: string, by?: string): Promise<number>
  /**
   * Removes the events that happened before a time, of everybody. A failure in the middle may have removed some.
   * @param before  in ms since 1970 UTC
   * @returns how many events were removed
   */
  removeBefore(before: number): Promise<number>
  /**
   * Makes sure that nothing of what was removed can be found in the files of the store. It rewrites them, and nothing
   * else can use the store meanwhile: seconds for a GB.
   */
  scrub(): Promise<void>
  /**
   * What the store holds about a customer, in pages.
   * @param after  `next` of the page before; left out: the first page
   * @param limit  the most events of a page
   * @param by  who it is given to, for the audit log, which does not name the customer. Default: it is not recorded
   * @throws {RangeError} if `after` is not from here
   */
  exportOf(customer: string, limit: number, after?: string | null, by?: string): Promise<CustomerExport>
  /** Waits for writes that have begun, and closes the store. */
  close(): Promise<void>
}
