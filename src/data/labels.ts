import { isBlank } from './fields.ts'

/** The distinct values of a category, numbered in the order of their first appearance. */
export class Labels {
  readonly #codes = new Map<string, number>()

  get size(): number {
    return this.#codes.size
  }

  /** The number of `label`, the next one if it is new; −1 if it is blank. */
  code(label: string): number {
    if (isBlank(label)) return -1
    const code = this.#codes.get(label) ?? this.#codes.size
    if (code === this.#codes.size) this.#codes.set(label, code)
    return code
  }

  /** The values by their number. */
  list(): string[] {
    return [...this.#codes.keys()]
  }
}
