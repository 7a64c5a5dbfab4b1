import { Attribute } from './attribute.ts'
import { DataError } from './data-error.ts'
import type { CategoricalColumn, Dataset } from './dataset.ts'
import { IdTableBuilder, StringColumnBuilder } from './ids.ts'
import { PrimaryKey } from './primary-key.ts'
import type { Reading } from './reading.ts'
import type { Table } from './table.ts'

type ProductTable = Table<'product_id' | 'product_name' | 'category'>

/** Where the names of the products stand, unless `product_name` is said to be another column. */
const NAME_COLUMNS = new Set(['product_name', 'name', 'title'])

/** The products of a shop: first those that its products file lists, then those that are only ever sold. */
export class Catalogue {
  readonly #key = new PrimaryKey()
  #attributes: Attribute[] = []
  #names: StringColumnBuilder | undefined

  get ids(): IdTableBuilder {
    return this.#key.ids
  }

  /**
   * Adds the products of a file with any columns; attribute.ts says what becomes of them.
   * @throws {DataError} as `Reading.rows`, and for a column that stands twice
   */
  async read(reading: Reading, table: ProductTable): Promise<void> {
    const { path, header, positions } = table
    const twice = header.find((column, at) => column !== '' && header.indexOf(column) < at)
    if (twice !== undefined) {
      throw new DataError('stands twice in the header: rename one', { file: path, line: 1, column: twice })
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
    await reading.rows(table, (row) => {
      const name = nameAt >= 0 ? row.textAt(nameAt) : ''
      const texts = attributes.map(({ at }) => row.textAt(at))
      for (const { at } of attributes) if (at !== categoryAt) row.checkMeasureAt(at)
      this.#key.add(row, 'product_id')
      this.#names?.add(name)
      for (const [i, { attribute }] of attributes.entries()) attribute.add(texts[i])
    })
  }

  /** What is known of the products. The catalogue is used up. */
  finish(): Pick<Dataset, 'products' | 'category' | 'categorical' | 'numeric' | 'productNames'> {
    const count = this.ids.size
    const columns = this.#attributes.map((attribute) => attribute.finish(count))
    const [category, ...categorical] = columns.filter((column) => column !== undefined && 'codes' in column)
    const names = this.#names
    for (let i = names?.size ?? count; i < count; i++) names?.add('')
    return {
      products: this.ids.build(),
      category: category ?? noCategory(count),
      categorical,
      numeric: columns.filter((column) => column !== undefined && 'values' in column),
      ...(names && { productNames: names.build() }),
    }
  }
}

function noCategory(products: number): CategoricalColumn {
  return { name: 'category', labels: [], codes: new Int32Array(products).fill(-1) }
}
