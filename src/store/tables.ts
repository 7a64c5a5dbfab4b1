/** The tables of a store, as both engines have them. Flags are 0 or 1, times are in ms since 1970 UTC. */
import type { Generated } from 'kysely'
import type { EventKind } from './event.ts'

/** A row of the log of events. */
export interface EventRow {
  /** 1: `customer` is a visitor who was not identified. */
  is_visitor: 0 | 1
  customer: string
  at: number
  id: string
  product: string
  kind: EventKind
  received_at: number
  quantity: number | null
  price: number | null
  value: number | null
  order_id: string | null
  list_id: string | null
  placement: string | null
  seller: string | null
  review_score: number | null
  delivery_delay: number | null
  place: number | null
}

/** A row of the catalogue. */
export interface ProductRow {
  sku: string
  place: number
  name: string | null
  category: string | null
  seller: string | null
  price: number | null
  currency: string | null
  image_url: string | null
  url: string | null
  /** [name, value] of each, as JSON. */
  attributes: string
  removed: 0 | 1
  revision: number
}

/** What migrations.ts makes. */
export interface Tables {
  events: EventRow
  visitors: { visitor: string; customer: string; identified_at: number }
  log: { only: 1; store: string; received: number }
  customers: { customer: string; place: number; segment: string | null }
  imported: { only: 1; facts: string }
  products: ProductRow
  models: {
    number: Generated<number>
    version: string
    hash: string
    state: 'SERVING' | 'RETIRED' | 'REJECTED'
    added_at: number
    promoted_at: number | null
    decision: string
  }
  api_keys: {
    id: string
    name: string
    scopes: string
    hash: Uint8Array
    created: number
    last_used: number | null
    expires: number | null
    revoked: number | null
    replaced_by: string | null
  }
  signing_keys: { id: string; public_key: string }
  clock: { only: 1; latest: number }
  audit: {
    id: Generated<number>
    time: number
    kind: 'keys' | 'availability' | 'catalogue' | 'customers' | 'models'
    actor: string
    action: string
    subject: string
  }
  availability: {
    revision: Generated<number>
    sku: string
    hidden: number
    in_stock: number
    valid_from: number | null
    valid_until: number | null
  }
  explanations: { key: string; answer: string }
  spending: { day: string; tokens: number; money: number }
}
