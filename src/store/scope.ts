/**
 * What an API key allows. A set, not a ladder: a key that may write need not read.
 * - read: queries and subscriptions, of customers and products that the caller can name
 * - write: mutations
 * - admin: besides `read`, listing and searching all customers
 */
export const SCOPES = ['read', 'write', 'admin'] as const

/** One of the things that an API key may allow. */
export type Scope = (typeof SCOPES)[number]

/** What is allowed where no key is asked for. */
export const ALL_SCOPES: ReadonlySet<Scope> = new Set(SCOPES)
