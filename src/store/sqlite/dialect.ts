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
import type { DatabaseFile } from './database-file.ts'

async function noTransaction(): Promise<never> {
  throw new Error('use SqliteDatabase.write for a transaction')
}

/**
 * A dialect for single statements. A transaction of Kysely's would wait for nobody who has the file open: transactions
 * are run by `SqliteDatabase.write`.
 * @param file  read as empty until it exists; whoever opened it closes it
 * @param use  READ: statements that read; WRITE: within a transaction, or statements that are one by themselves
 */
export function sqliteDialect(
  file: Pick<DatabaseFile, 'toRead' | 'toWrite'>,
  use: 'READ' | 'WRITE',
): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      const statement = use === 'READ' ? file.toRead(sql) : file.toWrite(sql)
      const values = parameters as SQLInputValue[]
      if (statement === undefined) return { rows: [] }
      if (statement.columns().length > 0) return { rows: statement.all(...values) as Row[] }
      return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) }
    },
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
