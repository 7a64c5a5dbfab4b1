import { Column } from './column.ts'
import type { CategoricalColumn, NumericColumn } from './dataset.ts'
import { isBlank, parseNumber } from './fields.ts'
import { Labels } from './labels.ts'

/** More distinct values than this are not categories. */
const MOST_LABELS = 1000
/** Fewer products a value than this, and the column tells products apart rather than groups them. */
const LEAST_PRODUCTS_PER_LABEL = 2

/**
 * A column of a products file of which nothing is known but its name. It is numeric when every field that is not
 * blank is a number; else categorical when it has at most 1,000 distinct values and on average two products or
 * more for each; else (a description, a link) it is not used.
 */
export class Attribute {
  readonly name: string
  readonly #isCategory: boolean
  readonly #labels = new Labels()
  #values: Column<Float64Array> | undefined = new Column(Float64Array)
  #codes: Column<Int32Array> | undefined = new Column(Int32Array)
  #stated = 0

  /** @param isCategory  known to be categorical, whatever it holds */
  constructor(name: string, isCategory: boolean) {
    this.name = name
    this.#isCategory = isCategory
  }

  add(text: string): void {
    if (!isBlank(text)) this.#stated++
    const value = parseNumber(text)
    if (value === undefined) this.#values = undefined
    else this.#values?.push(value)
    this.#codes?.push(this.#labels.code(text))
    if (!this.#isCategory && this.#labels.size > MOST_LABELS) this.#codes = undefined
  }

  /**
   * The column of `products` products, nothing known (NaN, −1) of those not added; undefined if it is of no use.
   * The attribute is used up.
   */
  finish(products: number): NumericColumn | CategoricalColumn | undefined {
    const { name } = this
    if (this.#stated === 0) return undefined
    if (this.#values !== undefined && !this.#isCategory) {
      while (this.#values.length < products) this.#values.push(Number.NaN)
      return { name, values: this.#values.take() }
    }
    const groups = this.#isCategory || this.#stated >= this.#labels.size * LEAST_PRODUCTS_PER_LABEL
    if (this.#codes === undefined || !groups) return undefined
    while (this.#codes.length < products) this.#codes.push(-1)
    return { name, labels: this.#labels.list(), codes: this.#codes.take() }
  }
}
