import type { CategoricalColumn } from '../data/dataset.ts'
import { isBlank, parseNumber } from '../data/fields.ts'
import {
  type IdTable,
  IdTableBuilder,
  stringColumn,
  type StringColumn,
  StringColumnBuilder,
} from '../data/ids.ts'
import { LEAST_MEASURE, MOST_MEASURE } from '../data/ranges.ts'
import type { Csr } from '../kernels/kernels.ts'
import { atOnce, type Pieces } from '../kernels/pieces.ts'
import { standardised } from './content-columns.ts'
import { contentFeaturesInPieces } from './content.ts'
import type { ContentColumns, Model } from './model.ts'

/** What the shop says of a product now; null: nothing, and what the model says of it stands. */
export interface StatedProduct {
  readonly sku: string
  readonly name: string | null
  readonly category: string | null
  readonly seller: string | null
  readonly price: number | null
  /** By the names of the columns that the model compares content by; others do not matter here. */
  readonly attributes: readonly { readonly name: string; readonly value: string }[]
  /** Whether no list may hold it. */
  readonly removed: boolean
}

/**
 * A model with the catalogue as it is now. Products that training never saw follow its own, in their order: they have no
 * sales and no factors, and content by the columns and scales of the training, in which a category or label that it never
 * saw is an unknown one. Names, categories, sellers, prices and attributes that are stated replace those of the model.
 * Removed products are marked. Indices stay, and so does, to the bit, whatever is not about a product that changed.
 *
 * The result is for a Recommender: `summary` and `version` are those of the training, and it is not meant for a file.
 * @param model  as it was trained
 */
export function withCatalogue(model: Model, products: readonly StatedProduct[]): Model {
  return atOnce(withCatalogueInPieces(model, products))
}

/**
 * As `withCatalogue`.
 * @param former  what it gave for the same model and another catalogue: arrays that are the same are taken over, and so
 *   is what a recommender has opened over them
 */
export function* withCatalogueInPieces(
  model: Model,
  products: readonly StatedProduct[],
  former: Model = model,
): Pieces<Model> {
  const fresh = products.filter(({ sku, removed }) => !removed && model.products.indexOf(sku) < 0)
  const grown =
    fresh.length === 0
      ? model
      : isExtendedBy(former, model, fresh)
        ? { ...former, ...describedWith(model, fresh.length) }
        : withProducts(model, fresh)
  const changes = products.flatMap((product) => {
    const index = grown.products.indexOf(product.sku)
    return index < 0 ? [] : [[index, product] as const]
  })
  yield
  const columns = contentOf(grown.contentColumns, grown.category.name, changes)
  yield
  const known = [model, former].find((one) => isSameContent(one.contentColumns, columns))
  const contentColumns = known?.contentColumns ?? columns
  const removed = new Set(changes.flatMap(([index, product]) => (product.removed ? [index] : [])))
  const { removed: _, ...rest } = grown
  return {
    ...rest,
    ...namesOf(grown, changes),
    category: relabelled(grown.category, changes, ({ category }) => category),
    seller: relabelled(grown.seller, changes, ({ seller }) => seller),
    price: changed(grown.price, changes, priceOf),
    contentColumns,
    content: known?.content ?? (yield* contentFeaturesInPieces(contentColumns, grown.products.size)),
    ...(removed.size > 0 && { removed }),
  }
}

/**
 * Whether the catalogue states more of a product than a model does, so that `withCatalogue` would give another one. What
 * files say of the products of a model that was trained on them, it knows.
 */
export function statesMoreThan(model: Model): (product: StatedProduct) => boolean {
  const { products, productNames, category, seller, price, contentColumns } = model
  const readers = [
    labelReader(category, ({ category: label }) => label),
    labelReader(seller, ({ seller: label }) => label),
    { values: price, valueOf: priceOf },
    ...contentReaders(contentColumns, category.name).flat(),
  ]
  return (product) => {
    const index = products.indexOf(product.sku)
    if (index < 0 || product.removed) return !product.removed || index >= 0
    if (isOtherName(product.name, productNames?.at(index))) return true
    return readers.some(({ values, valueOf }) => {
      const value = valueOf(product)
      return value !== undefined && !Object.is(value, values[index])
    })
  }
}

/** A column of the model, and what a product states for it; undefined: nothing. */
interface Reader<Values> {
  readonly values: Values
  readonly valueOf: (product: StatedProduct) => number | undefined
}

/** Of a column of labels. A label that the column does not have is no code of any product. */
function labelReader(
  { labels, codes }: CategoricalColumn,
  labelOf: (product: StatedProduct) => string | null,
  unseen = -2,
): Reader<Int32Array> {
  const numbers = numbersOf(labels)
  return {
    values: codes,
    valueOf(product) {
      const label = labelOf(product)
      return label === null || isBlank(label) ? undefined : (numbers.get(label) ?? unseen)
    },
  }
}

const priceOf = ({ price }: StatedProduct) => price ?? undefined

const isOtherName = (stated: string | null, known = '') => stated !== null && stated !== known

/** Of the columns that content is compared by: categorical and numeric ones. */
function contentReaders(
  { categorical, numeric }: ContentColumns,
  category: string,
): [Reader<Int32Array>[], Reader<Float64Array>[]] {
  return [
    categorical.map((column, i) =>
      labelReader(
        column,
        (product) => (i === 0 && column.name === category ? product.category : textOf(product, column.name)),
        // To content, the label that training never saw.
        -1,
      ),
    ),
    numeric.map(({ values, logScale, name }) => ({
      values,
      valueOf(product) {
        // Without a scale the column is one of the preset `notebook`, where a new product is an average one.
        if (logScale === undefined) return undefined
        const value = parseNumber(textOf(product, name) ?? '') ?? NaN
        return isMeasure(value) ? standardised(value, logScale) : undefined
      },
    })),
  ]
}

type Changes = readonly (readonly [index: number, product: StatedProduct])[]

/** Whether a model is another one with these products, and no others. */
function isExtendedBy(former: Model, model: Model, fresh: readonly StatedProduct[]): boolean {
  return (
    former.summary === model.summary &&
    former.products.size === model.products.size + fresh.length &&
    fresh.every(({ sku }, i) => former.products.at(model.products.size + i) === sku)
  )
}

/** Whether all products have the same values in all columns, to the bit. */
function isSameContent(a: ContentColumns, b: ContentColumns): boolean {
  return (
    a === b ||
    (a.categorical.every(({ codes }, i) => isSameArray(codes, b.categorical[i].codes)) &&
      a.numeric.every(({ values }, i) => isSameArray(values, b.numeric[i].values)))
  )
}

function isSameArray(a: Int32Array | Float64Array, b: Int32Array | Float64Array): boolean {
  const bytesOf = ({ buffer, byteOffset, byteLength }: typeof a) =>
    new Uint8Array(buffer, byteOffset, byteLength)
  return a === b || Buffer.compare(bytesOf(a), bytesOf(b)) === 0
}

/** What describes products, with rows for new ones, of which nothing is known. */
function describedWith(
  { productNames, category, seller, contentColumns, price }: Model,
  added: number,
): Pick<Model, 'productNames' | 'category' | 'seller' | 'contentColumns' | 'price'> {
  return {
    ...(productNames && { productNames: stringsWith(productNames, added) }),
    category: withUnknown(category, added),
    seller: withUnknown(seller, added),
    contentColumns: {
      categorical: contentColumns.categorical.map((column) => withUnknown(column, added)),
      numeric: contentColumns.numeric.map((column) =>
        Object.assign({}, column, { values: extended(column.values, added, NaN) }),
      ),
    },
    price: extended(price, added, NaN),
  }
}

/** The model with rows for new products, of which nothing is known. */
function withProducts(model: Model, fresh: readonly StatedProduct[]): Model {
  const { itemFactors, itemWeights, sales, baskets, partners } = model
  const products = idsWith(model.products, fresh)
  const added = products.size - model.products.size
  const square = (csr: Csr): Csr => ({ ...withRows(csr, added), columns: products.size })
  return {
    ...model,
    ...describedWith(model, added),
    products,
    itemFactors: {
      ...itemFactors,
      rows: products.size,
      data: extended(itemFactors.data, added * itemFactors.columns, 0),
    },
    itemWeights: { ...itemWeights, weights: square(itemWeights.weights) },
    popularity: extended(model.popularity, added, 0),
    sales: {
      ...sales,
      indptr: extended(sales.indptr, added, sales.times.length),
      undated: extended(sales.undated, added, 0),
      undatedOrders: extended(sales.undatedOrders, added, 0),
      buyers: extended(sales.buyers, added, 0),
      ...(sales.faded && { faded: extended(sales.faded, added, 0) }),
    },
    histories: { ...model.histories, columns: products.size },
    baskets: {
      ...baskets,
      together: square(baskets.together),
      orders: extended(baskets.orders, added, 0),
    },
    partners: {
      ...partners,
      users: extended(partners.users, added, 0),
      indptr: extended(partners.indptr, added, partners.indices.length),
    },
  }
}

/** The values, followed by `added` times the same one. */
function extended<Values extends Int32Array | Uint32Array | Float32Array | Float64Array>(
  values: Values,
  added: number,
  value: number,
): Values {
  const Type = values.constructor as new (length: number) => Values
  const longer = new Type(values.length + added).fill(value) as Values
  longer.set(values)
  return longer
}

function withRows(csr: Csr, added: number): Csr {
  return { ...csr, rows: csr.rows + added, indptr: extended(csr.indptr, added, csr.indices.length) }
}

function withUnknown(column: CategoricalColumn, added: number): CategoricalColumn {
  return { ...column, codes: extended(column.codes, added, -1) }
}

function idsWith({ size, bytes, offsets }: IdTable, fresh: readonly StatedProduct[]): IdTable {
  const builder = new IdTableBuilder()
  for (let i = 0; i < size; i++) builder.addEncoded(bytes.subarray(offsets[i], offsets[i + 1]))
  for (const { sku } of fresh) builder.add(sku)
  return builder.build()
}

function stringsWith({ bytes, offsets, size }: StringColumn, added: number): StringColumn {
  return stringColumn(bytes, extended(offsets, added, offsets[size]))
}

function namesOf({ products, productNames }: Model, changes: Changes): Pick<Model, 'productNames'> {
  const renamed = new Map(
    changes.flatMap(([index, { name }]) =>
      isOtherName(name, productNames?.at(index)) ? [[index, name!] as const] : [],
    ),
  )
  if (renamed.size === 0) return productNames ? { productNames } : {}
  const builder = new StringColumnBuilder()
  for (let i = 0; i < products.size; i++) builder.add(renamed.get(i) ?? productNames?.at(i) ?? '')
  return { productNames: builder.build() }
}

/** A column with the labels that are stated, new ones after the others; the same object where none changes. */
function relabelled(
  column: CategoricalColumn,
  changes: Changes,
  labelOf: (product: StatedProduct) => string | null,
): CategoricalColumn {
  const numbers = numbersOf(column.labels)
  const codes = changed(column.codes, changes, (product) => {
    const label = labelOf(product)
    if (label === null || isBlank(label)) return undefined
    if (!numbers.has(label)) numbers.set(label, numbers.size)
    return numbers.get(label)
  })
  return codes === column.codes ? column : { ...column, labels: [...numbers.keys()], codes }
}

/** The columns that content is compared by, with what is stated; the same object where nothing changes. */
function contentOf(columns: ContentColumns, category: string, changes: Changes): ContentColumns {
  const [labels, measures] = contentReaders(columns, category)
  const categorical = columns.categorical.map((column, i) => {
    const codes = changed(column.codes, changes, labels[i].valueOf)
    return codes === column.codes ? column : { ...column, codes }
  })
  const numeric = columns.numeric.map((column, i) => {
    const values = changed(column.values, changes, measures[i].valueOf)
    return values === column.values ? column : { ...column, values }
  })
  const isSame =
    categorical.every((column, i) => column === columns.categorical[i]) &&
    numeric.every((column, i) => column === columns.numeric[i])
  return isSame ? columns : { categorical, numeric }
}

/** What is stated of a product under the name of a column. */
function textOf({ price, seller, attributes }: StatedProduct, column: string): string | null {
  if (column === 'price' && price !== null) return String(price)
  if ((column === 'seller' || column === 'seller_id') && seller !== null) return seller
  return attributes.find(({ name }) => name === column)?.value ?? null
}

/**
 * The values with those of products that changed; the same object where none differs.
 * @param valueOf  undefined: it stays as it is
 */
function changed<Values extends Int32Array | Float64Array>(
  values: Values,
  changes: Changes,
  valueOf: (product: StatedProduct) => number | undefined,
): Values {
  let copy: Values | undefined
  for (const [index, product] of changes) {
    const value = valueOf(product)
    if (value === undefined || Object.is(value, values[index])) continue
    copy ??= values.slice() as Values
    copy[index] = value
  }
  return copy ?? values
}

function numbersOf(labels: readonly string[]): Map<string, number> {
  return new Map(labels.map((label, code) => [label, code]))
}

/** Whether files may hold it; NaN is none. */
function isMeasure(value: number): boolean {
  const size = Math.abs(value)
  return value === 0 || (size >= LEAST_MEASURE && size <= MOST_MEASURE)
}
