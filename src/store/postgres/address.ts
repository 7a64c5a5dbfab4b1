/** The URL of a store on PostgreSQL. */

/** A store's URL, read. */
export interface PostgresAddress {
  /** For the driver: without what only we read. May hold a password. */
  readonly url: string
  /** For messages and logs: never with a password. */
  readonly name: string
  /** What the server is told when a connection begins: the schema, after what the URL says. */
  readonly options: string
  /** The schema of the database that holds the store's tables. */
  readonly schema: string
}

/** The schema, unless the URL names another by `?schema=`. */
const SCHEMA = 'rationale'

/** Whether a store is named by a URL of PostgreSQL. */
export function isPostgres(store: string): boolean {
  return /^postgres(ql)?:/i.test(store)
}

/**
 * Reads a URL: postgres://user:password@host:5432/database?schema=shop&sslmode=verify-full.
 * @throws {Error} if it is none; the message does not repeat it, because it may hold a password
 */
export function postgresAddress(store: string): PostgresAddress {
  const form = 'write it as postgres://user@host:5432/database, with %40 for an @ in a password'
  const url = URL.parse(store)
  if (url === null || url.host === '')
    throw new Error(`the URL of the store on PostgreSQL cannot be read: ${form}`)
  if (url.pathname.length < 2)
    throw new Error(`the URL of the store on PostgreSQL names no database: ${form}`)
  const schema = url.searchParams.get('schema') ?? SCHEMA
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema) || schema.startsWith('pg_'))
    throw new Error(
      `the schema ${JSON.stringify(schema)} in the URL of the store is not allowed: use up to 63 letters a–z, digits and _`,
    )
  url.searchParams.delete('schema')
  const options = [url.searchParams.get('options'), `-c search_path=${schema}`].filter(Boolean).join(' ')
  url.searchParams.delete('options')
  const user = url.username === '' ? '' : `${url.username}@`
  const shown = schema === SCHEMA ? '' : `?schema=${schema}`
  return { url: url.href, name: `postgres://${user}${url.host}${url.pathname}${shown}`, schema, options }
}
