import { Column } from './column.ts'
import { DataError } from './data-error.ts'
import type { CategoricalColumn, Dataset, NumericColumn, TextColumn } from './dataset.ts'
import { isBlank, parseNumber } from './fields.ts'
import { IdTableBuilder, StringColumnBuilder } from './ids.ts'
import { Labels } from './labels.ts'
import { PrimaryKey } from './primary-key.ts'
import type { Reading } from './reading.ts'
import type { Table } from './table.ts'

type ProductTable = Table<'product_id' | 'product_name' | 'category'>

/** The column of product names, unless `product_name` is mapped to another. */
const NAME_COLUMNS = new Set(['product_name', 'name', 'title'])

/** What a data set knows of its products. */
export type ProductFacts = Pick<
  Dataset,
  'products' | 'category' | 'categorical' | 'numeric' | 'productNames' | 'productColumns' | 'unusedColumns'
>

/** The products of a shop: first those that its products file lists, then those that are only ever sold. */
export class Catalogue {
  readonly #key = new PrimaryKey()
  #attributes: Attribute[] = []
  #names: StringColumnBuilder | undefined
  #texts: readonly StringColumnBuilder[] | undefined

  get ids(): IdTableBuilder {
    return this.#key.ids
  }

  /**
   * Adds the products of a file with any columns; `AttributeColumn` says what becomes of them.
   * @throws {DataError} as `Reading.rows`, and for a duplicate column
   */
  async read(reading: Reading, table: ProductTable): Promise<void> {
    const { path, header, positions } = table
    const twice = header.find((column, at) => column !== '' && header.indexOf(column) < at)
    if (twice !== undefined) {
      throw new DataError('appears twice in the header: rename one', { file: path, line: 1, column: twice })
    }
    const idAt = positions.get('product_id')
    const nameAt = positions.get('product_name') ?? header.findIndex((column) => NAME_COLUMNS.has(column))
    const categoryAt = positions.get('category')
    const attributes = header
      .map((name, at) => ({ at, attribute: new Attribute(name, at === categoryAt) }))
      .filter(({ at }) => at !== idAt && at !== nameAt)
      // The category shown to people is the first categorical column, or the one that is named so.
      .sort((a, b) => Number(b.at === categoryAt) - Number(a.at === categoryAt))
    this.#attributes = attributes.map(({ attribute }) => attribute)
    if (nameAt >= 0) this.#names = new StringColumnBuilder()
    if (reading.keepsColumns) this.#texts = attributes.map(() => new StringColumnBuilder())
    await reading.rows(table, (row) => {
      const name = nameAt >= 0 ? row.textAt(nameAt) : ''
      const texts = attributes.map(({ at }) => row.textAt(at))
      for (const { at } of attributes) if (at !== categoryAt) row.checkMeasureAt(at)
      this.#key.add(row, 'product_id')
      this.#names?.add(name)
      for (const [i, { attribute }] of attributes.entries()) attribute.add(texts[i])
      this.#texts?.forEach((column, i) => column.add(texts[i]))
    })
  }

  /** What is known of the products. The catalogue is used up. */
  finish(): ProductFacts {
    const count = this.ids.size
    const columns = this.#attributes.map((attribute) => attribute.finish(count))
    const unused = this.#attributes
      .filter(({ name, isBlank: isEmpty }, i) => columns[i] === undefined && name !== '' && !isEmpty)
      .map(({ name }) => name)
    const [category, ...categorical] = columns.filter((column) => column !== undefined && 'codes' in column)
    const names = this.#names
    for (let i = names?.size ?? count; i < count; i++) names?.add('')
    const productColumns = this.#texts?.map((texts, i) => textColumn(this.#attributes[i].name, texts, count))
    return {
      products: this.ids.build(),
      category: category ?? noCategory(count),
      categorical,
      numeric: columns.filter((column) => column !== undefined && 'values' in column),
      ...(names && { productNames: names.build() }),
      ...(productColumns && { productColumns }),
      ...(unused.length > 0 && { unusedColumns: unused }),
    }
  }
}

/** A column of texts, '' for the last of `count` products that the file does not list. */
export function textColumn(name: string, texts: StringColumnBuilder, count: number): TextColumn {
  while (texts.size < count) texts.add('')
  return { name, texts: texts.build() }
}

/** The column of a shop that says no category of any product. */
export function noCategory(products: number): CategoricalColumn {
  return { name: 'category', labels: [], codes: new Int32Array(products).fill(-1) }
}

/** More distinct values than this are not categories. */
const MOST_LABELS = 1000
/** With fewer products per value than this, a column identifies products rather than groups them. */
const LEAST_PRODUCTS_PER_LABEL = 2

/**
 * A column of a products file, with nothing known but its name. It is numeric when every field that is not
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

  /** Whether it says nothing of any product. */
  get isBlank(): boolean {
    return this.#stated === 0
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
