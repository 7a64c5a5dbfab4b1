/**
 * What a caller may do. A set, not a ladder: who may write need not read.
 * - catalog: products, and lists that are not of a known customer; `read` and `customer` hold it
 * - customer: everything about one customer, the one that a customer token names
 * - read: besides `catalog`, every customer that the caller can name
 * - write: mutations
 * - admin: besides `read`, listing and searching all customers
 */
export const SCOPES = ['catalog', 'customer', 'read', 'write', 'admin'] as const

/** One of the things that a caller may do. */
export type Scope = (typeof SCOPES)[number]

/** Everything, of every customer. */
export const ALL_SCOPES: ReadonlySet<Scope> = new Set(['catalog', 'read', 'write', 'admin'])

/**
 * What a key can be made for: a scope to ask with, or `sign`, to sign customer tokens with. `customer` is what such a
 * token allows, and no key.
 */
export const KEY_SCOPES = ['catalog', 'read', 'write', 'admin', 'sign'] as const

/** One of the things that a key can be made for. */
export type KeyScope = (typeof KEY_SCOPES)[number]
