import { csvLine } from './csv-line.ts'
import { OutputFile } from '../files/output-file.ts'
import { isSameFile, OutputFileError } from '../files/output-place.ts'
import { DataError } from './data-error.ts'

const HEADER = ['file', 'line', 'column', 'value', 'problem', 'row']
const FLUSH_AT = 2 ** 16

/**
 * Bad rows set aside: a CSV file that says what is wrong where, and holds each row whole, as CSV. It is written
 * under another name and takes its own when the reading has come to its end. Without bad rows there is no file.
 */
export class Quarantine {
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
    throw new DataError(`would be replaced by its own bad rows: set them aside in another file`, {
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
    const problem = `cannot be written, to set bad rows aside: ${error.problem}`
    return new DataError(problem, { file: this.#path }, { cause: error })
  }
}
