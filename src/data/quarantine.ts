import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { csvLine } from './csv-line.ts'
import { DataError } from './data-error.ts'

const HEADER = ['file', 'line', 'column', 'value', 'problem', 'row']
const FLUSH_AT = 2 ** 16

/**
 * Bad rows set aside: a CSV file that says what is wrong where, and holds each row whole, as CSV. It is written
 * under another name and takes its own when the reading has come to its end. Without bad rows there is no file.
 */
export class Quarantine {
  readonly #path: string
  readonly #partialPath: string
  #file: number | undefined
  #pending = `${csvLine(HEADER)}\n`
  #count = 0

  constructor(path: string) {
    this.#path = path
    this.#partialPath = `${path}.partial`
  }

  get count(): number {
    return this.#count
  }

  /** @throws {DataError} when the file cannot be written */
  add({ file, line, column, value, problem }: DataError, row: readonly string[]): void {
    this.#count++
    this.#pending += `${csvLine([file, line, column, value, problem, csvLine(row)])}\n`
    if (this.#pending.length > FLUSH_AT) this.#flush()
  }

  /** @throws {DataError} when the file cannot be written */
  commit(): void {
    if (this.#count === 0) return
    this.#flush()
    this.#close()
    this.#try(() => renameSync(this.#partialPath, this.#path))
  }

  /** Leaves nothing behind. */
  discard(): void {
    if (this.#file === undefined) return
    this.#close()
    rmSync(this.#partialPath, { force: true })
  }

  #flush(): void {
    this.#try(() => {
      this.#file ??= openSync(this.#partialPath, 'w')
      writeFileSync(this.#file, this.#pending)
    })
    this.#pending = ''
  }

  #try(write: () => void): void {
    try {
      write()
    } catch (error) {
      const problem = `cannot be written, to set bad rows aside: ${(error as Error).message}`
      throw new DataError(problem, { file: this.#path }, { cause: error })
    }
  }

  #close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }
}
