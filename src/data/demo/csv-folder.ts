import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { csvLine } from '../csv-line.ts'

type Fields = readonly (string | number | undefined)[]

/** CSV files that grow together: lines wait in memory until they are flushed. */
export class CsvFolder {
  readonly #folder: string
  readonly #pending = new Map<string, string>()

  constructor(folder: string) {
    this.#folder = folder
  }

  add(file: string, fields: Fields): void {
    this.#pending.set(file, `${this.#pending.get(file) ?? ''}${csvLine(fields)}\n`)
  }

  async flush(): Promise<void> {
    for (const [file, lines] of this.#pending) await appendFile(join(this.#folder, file), lines)
    this.#pending.clear()
  }
}
