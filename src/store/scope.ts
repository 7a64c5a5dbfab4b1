/**
 * What a caller may do. Scopes are a set, not levels: a caller that may write need not be able to read.
 * - catalog: products, and lists that are not for a known customer; `read` and `customer` include it
 * - customer: everything about one customer, the one that a customer token names
 * - read: `catalog`, and every customer and visitor that the caller can name
 * - write: mutations
 * - admin: listing and searching all customers, with `read`
 */
export const SCOPES = ['catalog', 'customer', 'read', 'write', 'admin'] as const

/** One of the things that a caller may do. */
export type Scope = (typeof SCOPES)[number]

/** Everything, for every customer. */
export const ALL_SCOPES: ReadonlySet<Scope> = new Set(['catalog', 'read', 'write', 'admin'])

/**
 * What a key can be made for: a scope for requests, or `sign`, to sign customer tokens. `customer` is the scope of
 * such a token; no key has it.
 */
export const KEY_SCOPES = ['catalog', 'read', 'write', 'admin', 'sign'] as const

/** One of the things that a key can be made for. */
export type KeyScope = (typeof KEY_SCOPES)[number]
