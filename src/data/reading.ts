import { CsvError, Parser } from 'csv-parse'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { OutputFile } from '../files/output-file.ts'
import { isSameFile, OutputFileError } from '../files/output-place.ts'
import { csvLine } from './csv-line.ts'
import { DataError, fileError } from './data-error.ts'
import { type ParquetPart, parquetRows } from './parquet.ts'
import { isTime } from './ranges.ts'
import { Row } from './row.ts'
import { DIALECT, type Table } from './table.ts'

/** How files are read. */
export interface ReadOptions {
  /** Default false: the first bad row is an error. True: bad rows are set aside and counted. */
  readonly lenient?: boolean
  /** Where bad rows are set aside. Default quarantine.csv in the working directory. */
  readonly quarantineFile?: string
  /**
   * `interactions` data sets only: the shop's own column names by ours, such as { customer_id: 'userId' }; and
   * `products`, the name of the products file next to the interactions.
   */
  readonly columns?: Readonly<Record<string, string>>
  /**
   * The present, in ms since 1970: rows that state a later time, by more than a day, are bad rows. Default: the clock.
   * For an archive that was current at another time.
   */
  readonly now?: number
  /**
   * Default false: cancelled orders are left out, as if nothing had been ordered. True: they count as purchases, as in
   * the notebook that the preset `notebook` follows.
   */
  readonly countCancelled?: boolean
  /** Whether the data set also holds every column of the products file as text. Default: false. */
  readonly keepColumns?: boolean
  /** Called with each of the data set's `warnings`, once it has been read. */
  readonly onWarning?: (warning: string) => void
  /** Called after every few thousand rows. */
  readonly onProgress?: (progress: ReadProgress) => void
  readonly signal?: AbortSignal
}

/** The progress of a reading. */
export interface ReadProgress {
  /** Path of the file that is being read. */
  readonly file: string
  /** Bytes of all the data set's files. */
  readonly bytesRead: number
  readonly bytesTotal: number
  /** Data rows of all files so far, bad ones included. */
  readonly rows: number
}

/** The bytes of a file that are parsed at a time: also how long an abort may take to be noticed. */
const CHUNK = 2 ** 18

/** One pass over the files of a data set: rows to their visitors, bytes to the fingerprint, bad rows aside. */
export class Reading {
  readonly #options: ReadOptions
  readonly #quarantine: Quarantine | undefined
  readonly #hash = createHash('sha256')
  #bytesTotal = 0
  #bytesRead = 0
  #rows = 0

  /** The present, in ms since 1970. */
  readonly now: number

  /** @throws {RangeError} where `now` is no time */
  constructor(options: ReadOptions) {
    this.#options = options
    this.now = options.now ?? Date.now()
    if (!isTime(this.now)) throw new RangeError(`now must be a time, not ${this.now}`)
    if (options.lenient) this.#quarantine = new Quarantine(options.quarantineFile ?? 'quarantine.csv')
  }

  /**
   * Says which tables will be read.
   * @throws {DataError} when bad rows would be set aside in one of them
   */
  expect(tables: Readonly<Record<string, Table | undefined>>): void {
    for (const table of Object.values(tables)) {
      if (table === undefined) continue
      this.#bytesTotal += table.bytes
      this.#quarantine?.expectApart(table.path)
    }
  }

  /**
   * Reads a table's rows in order. A visitor that throws a DataError must not have stored anything of that row:
   * where the reading is lenient, the row is set aside and the next one follows.
   * @throws {DataError} for a bad row, or a file that does not split into rows
   */
  async rows<Name extends string>(table: Table<Name>, visit: (row: Row<Name>) => void): Promise<void> {
    if (table.parts) return this.#partRows(table, table.parts, visit)
    const row = new Row(table, this.now)
    const take = (fields: string[]) => {
      row.advance(fields)
      if (row.isContent) this.#visit(row, visit)
    }
    const parser = new Parser(DIALECT)
    // Iterating over the parser would cost three times as much as the parsing.
    parser.on('data', (fields: string[]) => {
      if (parser.destroyed) return
      try {
        take(fields)
      } catch (error) {
        parser.destroy(error as Error)
      }
    })
    const { signal } = this.#options
    try {
      await pipeline(
        createReadStream(table.path, { highWaterMark: CHUNK }),
        (chunks) => this.#watch(table, chunks),
        (chunks) => takePlainLines(chunks, take),
        parser,
        { signal },
      )
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof CsvError) throw unsplittable(table, row.nextLine, error)
      throw fileError(table.path, error as Error)
    }
    this.#report(table)
  }

  /** The rows of a Parquet table, as texts: what is checked of a field, and what it means, is the same as in CSV. */
  async #partRows<Name extends string>(
    table: Table<Name>,
    parts: readonly ParquetPart[],
    visit: (row: Row<Name>) => void,
  ): Promise<void> {
    const { signal } = this.#options
    for (const part of parts) {
      const row = new Row({ ...table, path: part.path }, this.now)
      const bytes = createReadStream(part.path, { highWaterMark: CHUNK })
      await pipeline(
        bytes,
        (chunks) => this.#watch(part, chunks),
        async (chunks) => {
          // Read for the fingerprint alone.
          for await (const _ of chunks);
        },
        { signal },
      ).catch((error: Error) => {
        signal?.throwIfAborted()
        throw fileError(part.path, error)
      })
      for await (const rows of parquetRows(part, signal && { signal })) {
        for (const values of rows) {
          row.advance(values.map(textOf))
          this.#visit(row, visit)
        }
        this.#report(table)
      }
    }
  }

  get keepsColumns(): boolean {
    return this.#options.keepColumns === true
  }

  get countsCancelled(): boolean {
    return this.#options.countCancelled === true
  }

  /** Ends the reading: the quarantine, if any row went there, takes its place. */
  async finish(): Promise<{ quarantined: number; fingerprint: string }> {
    await this.#quarantine?.commit()
    // What counts is part of what the data says.
    if (this.countsCancelled) this.#hash.update('cancelled orders counted')
    return { quarantined: this.#quarantine?.count ?? 0, fingerprint: this.#hash.digest('hex') }
  }

  /** Ends a reading that failed: nothing is left behind. */
  discard(): void {
    this.#quarantine?.discard()
  }

  #visit<Name extends string>(row: Row<Name>, visit: (row: Row<Name>) => void): void {
    this.#rows++
    try {
      row.checkLength()
      visit(row)
    } catch (error) {
      if (this.#quarantine === undefined || !(error instanceof DataError)) throw error
      this.#quarantine.add(error, row.fields)
    }
  }

  /** Hands the bytes on to the parser, and meanwhile to the fingerprint and the progress. */
  async *#watch(table: Pick<Table, 'path' | 'bytes'>, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    this.#hash.update(`${basename(table.path)}\0${table.bytes}\0`)
    for await (const chunk of chunks) {
      this.#hash.update(chunk)
      yield chunk
      this.#bytesRead += chunk.length
      this.#report(table)
    }
  }

  #report({ path }: Pick<Table, 'path'>): void {
    const { onProgress } = this.#options
    onProgress?.({
      file: path,
      bytesRead: this.#bytesRead,
      bytesTotal: this.#bytesTotal,
      rows: this.#rows,
    })
  }
}

/** A value of Parquet as a CSV file would have it. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return value instanceof Date ? value.toISOString() : String(value)
}

const UNSPLITTABLE: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'the row that begins here opens a quote (") that is never closed',
  CSV_MAX_RECORD_SIZE: `the row that begins here is longer than ${DIALECT.max_record_size} bytes: is a quote not closed?`,
}

/** The error of a file that cannot be split into rows; not even a lenient reading knows where to go on. */
function unsplittable({ path: file }: Table, line: number, error: CsvError): DataError {
  const problem = UNSPLITTABLE[error.code] ?? `cannot be read as CSV: ${error.message}`
  return new DataError(problem, { file, line }, { cause: error })
}

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/**
 * Until its first quote, a CSV file is lines that are split at commas. This takes the records up to there by
 * splitting, at an eighth of csv-parse's cost, and yields what csv-parse is to read: everything from the piece with
 * the first quote on, or a last line that has no end.
 * @param take  is given each record; what it throws ends the stream
 */
export async function* takePlainLines(
  chunks: AsyncIterable<Buffer>,
  take: (fields: string[]) => void,
): AsyncGenerator<Buffer> {
  let plain = true
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = plain ? Buffer.concat([rest, chunk]) : chunk
    plain &&= !chunk.includes('"') && rest.length <= DIALECT.max_record_size
    if (plain) rest = takeLines(bytes, take)
    else yield bytes
  }
  if (plain) yield rest
}

/** Returns what follows the last line end. */
function takeLines(bytes: Buffer, take: (fields: string[]) => void): Buffer {
  let start = 0
  for (;;) {
    const end = bytes.indexOf(LINE_FEED, start)
    if (end < 0) return bytes.subarray(start)
    const stop = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
    take(bytes.toString('utf8', start, stop).split(','))
    start = end + 1
  }
}

const HEADER = ['file', 'line', 'column', 'value', 'problem', 'row']
const FLUSH_AT = 2 ** 16

/**
 * Bad rows set aside: a CSV file that says what is wrong where, and holds each row whole, as CSV. It is written
 * under another name and takes its own when the reading has come to its end. Without bad rows there is no file.
 */
class Quarantine {
  readonly #path: string
  #file: OutputFile | undefined
  #pending = `${csvLine(HEADER)}\n`
  #count = 0

  constructor(path: string) {
    this.#path = path
  }

  get count(): number {
    return this.#count
  }

  /** @throws {DataError} when it would take the place of a file that is read */
  expectApart(table: string): void {
    if (!isSameFile(this.#path, table)) return
    throw new DataError(`would be overwritten by its own bad rows: name another file for them`, {
      file: table,
    })
  }

  /** @throws {DataError} when the file cannot be written */
  add({ file, line, column, value, problem }: DataError, row: readonly string[]): void {
    this.#count++
    this.#pending += `${csvLine([file, line, column, value, problem, csvLine(row)])}\n`
    if (this.#pending.length > FLUSH_AT) this.#flush()
  }

  /** @throws {DataError} when the file cannot be written */
  async commit(): Promise<void> {
    if (this.#count === 0) return
    this.#flush()
    try {
      await this.#file!.commit()
    } catch (error) {
      throw this.#translated(error)
    }
  }

  /** Leaves nothing behind. */
  discard(): void {
    this.#file?.discard()
  }

  #flush(): void {
    try {
      // What was wrong with rows shows what customers bought.
      this.#file ??= new OutputFile(this.#path, { confidential: true })
      this.#file.writeNow(this.#pending)
    } catch (error) {
      throw this.#translated(error)
    }
    this.#pending = ''
  }

  #translated(error: unknown): unknown {
    if (!(error instanceof OutputFileError)) return error
    const problem = `cannot be written with the bad rows: ${error.problem}`
    return new DataError(problem, { file: this.#path }, { cause: error })
  }
}
