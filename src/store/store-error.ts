/** The store could not be read or written; a write has changed nothing. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** Whether the store is read-only. */
  readonly isReadOnly: boolean
  /** Whether there is no room for what was to be written: nothing of it was. */
  readonly isFull: boolean

  constructor(message: string, cause: unknown) {
    super(message, { cause })
    // SQLITE_READONLY and SQLITE_FULL, with their extended codes; read_only_sql_transaction and disk_full of PostgreSQL.
    this.isReadOnly = hasCode(cause, 8, '25006')
    this.isFull = hasCode(cause, 13, '53100')
  }
}

/** Whether an error, or what caused it, has the code of SQLite or that of PostgreSQL. */
function hasCode(error: unknown, sqlite: number, postgres: string): boolean {
  const { errcode, code, cause } = (error ?? {}) as Record<string, unknown>
  if ((Number(errcode) & 0xff) === sqlite || code === postgres) return true
  return cause !== undefined && hasCode(cause, sqlite, postgres)
}

/** The message of a cause, in words. */
export function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

/**
 * Runs something that uses a store.
 * @param otherwise  what it means if it fails, without a full stop
 * @param kept  errors that are about what was asked for, which pass as they are
 * @throws {StoreError}
 */
export async function orStoreError<Result>(
  work: () => Promise<Result>,
  otherwise: string,
  ...kept: readonly (abstract new (
    ...args: never[]
  ) => Error)[]
): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (kept.some((kind) => cause instanceof kind)) throw cause
    throw new StoreError(`${otherwise} (${reason(cause)}).`, cause)
  }
}
