/** Kysely on a store's SQLite file: Kysely writes the statements, and the file runs them. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { SQLInputValue } from 'node:sqlite'
import type { DatabaseFile } from './database.ts'

async function noTransaction(): Promise<never> {
  throw new Error('use DatabaseFile.atOnce for a transaction')
}

/**
 * A dialect for statements that read, or that are a transaction by themselves. A transaction of Kysely's would stay open while others have their turn, and all
 * other parts of the store, which use the same file in the same thread, would wait for it in vain: transactions are run
 * by `DatabaseFile.atOnce`, on compiled statements.
 * @param file  read as empty until it exists; whoever opened it closes it
 */
export function sqliteDialect(file: Pick<DatabaseFile, 'toRead'>): Dialect {
  const connection: DatabaseConnection = {
    executeQuery: async <Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => ({
      rows: (file.toRead(sql)?.all(...(parameters as SQLInputValue[])) ?? []) as Row[],
    }),
    // oxlint-disable-next-line require-yield
    async *streamQuery() {
      throw new Error('reading row by row is not supported: read in pages')
    },
  }
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: noTransaction,
    commitTransaction: noTransaction,
    rollbackTransaction: noTransaction,
    releaseConnection: async () => {},
    destroy: async () => {},
  }
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}
