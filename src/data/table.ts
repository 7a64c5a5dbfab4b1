import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CsvError, type Options } from 'csv-parse'
import { parse } from 'csv-parse/sync'
import { DataError, fileError, quoted } from './data-error.ts'
import { PARQUET, type ParquetPart, parquetParts } from './parquet.ts'

/** What an adapter reads of one table: a CSV file, or Parquet where the name ends so. */
export interface TableSchema {
  readonly file: string
  readonly required: readonly string[]
  /** Read where the header has them. */
  readonly optional: readonly string[]
  /** Whether `file` may be absent. */
  readonly mayBeMissing?: boolean
}

/** A table whose header has been read and found to have what the schema requires. */
export interface Table<Name extends string = string> {
  readonly path: string
  readonly bytes: number
  readonly header: readonly string[]
  /** The files of Parquet that it consists of. Absent: it is a CSV file. */
  readonly parts?: readonly ParquetPart[]
  /** The positions of the schema's columns in the header; optional ones that the file lacks are not in it. */
  readonly positions: ReadonlyMap<Name, number>
}

type NamesOf<S extends TableSchema> = S['required'][number] | S['optional'][number]

/** The tables that the schemas describe, under the same keys. */
type Tables<S extends Record<string, TableSchema>> = {
  readonly [K in keyof S]: Table<NamesOf<S[K]>> | (S[K] extends { mayBeMissing: boolean } ? undefined : never)
}

/**
 * How the shops' files are written: RFC 4180, UTF-8 with or without a byte-order mark, lines ending in LF or CRLF.
 * A quote within an unquoted field (12" pipe) is kept as it is. Rows of the wrong length are for the reader to
 * report. A quote that is never closed would swallow the file: rows are bounded.
 */
export const DIALECT = {
  bom: true,
  relax_column_count: true,
  relax_quotes: true,
  record_delimiter: ['\r\n', '\n'],
  max_record_size: 2 ** 20,
} satisfies Options

/** A header that is longer than this many bytes is not one. */
const LONGEST_HEADER = 2 ** 16

/**
 * Finds the files of a data set and reads their headers. The rows are left for `Reading.rows`.
 * @param columns  the files' own spelling of column names, where it differs from the schema's
 * @throws {DataError} that lists every missing or unreadable file and every missing column at once
 */
export async function openTables<const S extends Record<string, TableSchema>>(
  folder: string,
  schemas: S,
  columns: Readonly<Record<string, string>> = {},
): Promise<Tables<S>> {
  const problems: DataError[] = []
  const tables: Record<string, Table | undefined> = {}
  for (const [key, schema] of Object.entries(schemas)) {
    try {
      tables[key] = await openTable(join(folder, schema.file), schema, columns)
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      problems.push(error)
    }
  }
  if (problems.length === 1) throw problems[0]
  if (problems.length > 1) {
    const list = problems.map((problem) => `\n  ${problem.message}`).join('')
    throw new DataError(`cannot be read:${list}`, { file: folder })
  }
  return tables as Tables<S>
}

async function openTable(
  path: string,
  schema: TableSchema,
  columns: Readonly<Record<string, string>>,
): Promise<Table | undefined> {
  const read = schema.file.endsWith(PARQUET) ? readParquetHead : readHead
  const head = await read(path).catch((error: NodeJS.ErrnoException) => {
    const { code } = (error.cause ?? error) as NodeJS.ErrnoException
    if (code === 'ENOENT' && schema.mayBeMissing) return undefined
    throw fileError(path, error)
  })
  if (head === undefined) return undefined
  const expected = schema.required.map((name) => columns[name] ?? name)
  if (head.bytes === 0) {
    throw new DataError(`is empty: it needs a header line with ${expected.join(', ')}`, { file: path })
  }
  const { header, parts } = head
  const firstLine = parts ? {} : { line: 1 }
  const positions = new Map<string, number>()
  const missing: string[] = []
  for (const name of [...schema.required, ...schema.optional]) {
    const spelling = columns[name] ?? name
    const position = header.indexOf(spelling)
    if (header.includes(spelling, position + 1)) {
      throw new DataError('appears twice in the header: rename one', {
        file: path,
        ...firstLine,
        column: spelling,
      })
    }
    if (position >= 0) positions.set(name, position)
    else if (schema.required.includes(name) || name in columns) missing.push(spelling)
  }
  if (missing.length > 0) {
    const found = header.slice(0, 50).map(quoted).join(', ')
    const problem = `lacks ${missing.join(', ')}: add or rename columns; its header names ${found}`
    throw new DataError(problem, { file: path, ...firstLine })
  }
  return { path, bytes: head.bytes, header, positions, ...(parts && { parts }) }
}

interface Head extends Pick<Table, 'bytes' | 'header' | 'parts'> {}

/** @throws {DataError} where parts have other columns than the first */
async function readParquetHead(path: string): Promise<Head> {
  const parts = await parquetParts(path)
  const [{ columns: header }] = parts
  for (const { path: file, columns } of parts) {
    if (columns.join() === header.join()) continue
    const problem = `has the columns ${columns.join(', ')}, and ${parts[0].path} ${header.join(', ')}: write all parts alike`
    throw new DataError(problem, { file })
  }
  return { bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), header, parts }
}

async function readHead(path: string): Promise<Head> {
  // Before it is opened: that would wait for ever for the writer of a pipe.
  const found = await stat(path)
  if (!found.isFile()) throw new DataError('is not a file', { file: path })
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST_HEADER), 0, LONGEST_HEADER, 0)
    const text = buffer.subarray(0, bytesRead)
    return { bytes: found.size, header: bytesRead === 0 ? [] : parseHeader(path, text) }
  } finally {
    await handle.close()
  }
}

function parseHeader(path: string, text: Buffer): string[] {
  const isUtf16 = text[0] >= 0xfe && text[1] >= 0xfe
  if (isUtf16) throw new DataError('is UTF-16: save it in the encoding UTF-8', { file: path })
  try {
    return parse(text, { ...DIALECT, to: 1 })[0] ?? []
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new DataError(`has no header that can be read: ${error.message}`, { file: path, line: 1 })
  }
}
