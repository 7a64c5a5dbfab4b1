/** Reading Apache Parquet: a file, or a folder of parts as Spark and data warehouses write it. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, fileError } from './data-error.ts'

/** What tells a Parquet table by its name, of a file and of a folder alike. */
export const PARQUET = '.parquet'

/** Rows that are decoded at a time: also how long an abort may take to be noticed. */
const ROWS = 2 ** 16

/** A file of a Parquet table. */
export interface ParquetPart {
  readonly path: string
  readonly bytes: number
  /** Its columns in their order; groups of columns by the name of the group. */
  readonly columns: readonly string[]
  readonly rows: number
}

/**
 * Looks at a Parquet table: the file, or every file of the folder that is named `*.parquet`, by name.
 * @throws {DataError} when it cannot be read, is empty, or is no Parquet
 */
export async function parquetParts(path: string): Promise<ParquetPart[]> {
  const fail = (error: NodeJS.ErrnoException) => {
    throw fileError(path, error)
  }
  const found = await stat(path).catch(fail)
  if (!found.isDirectory()) return [await partOf(path, found.size)]
  // Names that begin so are those of logs, checksums and unfinished work.
  const names = (await readdir(path).catch(fail)).filter(
    (name) => name.endsWith(PARQUET) && !/^[._]/.test(name),
  )
  if (names.length === 0)
    throw new DataError(`holds no file that is named *${PARQUET}: was it written?`, { file: path })
  return Promise.all(
    names.sort().map(async (name) => {
      const file = join(path, name)
      return partOf(file, (await stat(file).catch(fail)).size)
    }),
  )
}

/**
 * The rows of a part, some at a time: an array a row, its values in the order of `columns`. Text is a string, an integer
 * of 64 bits a bigint, a time a Date in UTC, nothing null.
 * @param columns  default: all, in the file's order
 * @throws {DataError} when it is damaged, or compressed in a way that is not known
 * @throws the reason of `signal`, when that aborts
 */
export async function* parquetRows(
  part: ParquetPart,
  {
    columns = part.columns,
    signal,
  }: { readonly columns?: readonly string[]; readonly signal?: AbortSignal } = {},
): AsyncGenerator<unknown[][]> {
  const { parquetReadObjects } = await import('hyparquet')
  const { file, metadata } = await opened(part.path)
  const names = [...columns]
  for (let rowStart = 0; rowStart < part.rows; rowStart += ROWS) {
    signal?.throwIfAborted()
    const rowEnd = Math.min(part.rows, rowStart + ROWS)
    const rows = await parquetReadObjects({ file, metadata, columns: names, rowStart, rowEnd }).catch(
      (error: Error) => {
        throw notParquet(part.path, error)
      },
    )
    yield rows.map((row) => names.map((name) => row[name] as unknown))
  }
}

async function partOf(path: string, bytes: number): Promise<ParquetPart> {
  const { metadata } = await opened(path)
  const { parquetSchema } = await import('hyparquet')
  const columns = parquetSchema(metadata).children.map(({ element }) => element.name)
  return { path, bytes, columns, rows: Number(metadata.num_rows) }
}

async function opened(path: string) {
  const { asyncBufferFromFile, parquetMetadataAsync } = await import('hyparquet')
  try {
    const file = await asyncBufferFromFile(path)
    return { file, metadata: await parquetMetadataAsync(file) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw fileError(path, error as Error)
    throw notParquet(path, error as Error)
  }
}

function notParquet(file: string, cause: Error): DataError {
  const problem = `cannot be read as Parquet (${cause.message}): write it whole, with the compression snappy or none`
  return new DataError(problem, { file }, { cause })
}
