/** What a store holds, as the data set that the readers of files make: what models are trained on. */
import { Attribute, noCategory, type ProductFacts } from '../data/catalogue.ts'
import type { Browsing } from '../data/browsing.ts'
import { Column } from '../data/column.ts'
import { contentFingerprint } from '../data/content-fingerprint.ts'
import { DataError } from '../data/data-error.ts'
import type { CategoricalColumn, Dataset, NumericColumn } from '../data/dataset.ts'
import { parseNumber } from '../data/fields.ts'
import { IdTableBuilder, StringColumnBuilder } from '../data/ids.ts'
import { Labels } from '../data/labels.ts'
import type { CatalogueProduct, CatalogueStore } from './catalogue.ts'
import { openCatalogue } from './catalogue-store.ts'
import type { Database } from './database.ts'
import { type ImportedFacts, ImportedHistory } from './imported-history.ts'
import { isThere, partOf } from './open-database.ts'
import { FIELD_COLUMNS } from './product-statements.ts'
import { type StoredInterest, storedBrowsing } from './stored-browsing.ts'
import { StoredPurchases } from './stored-purchases.ts'

/** The progress of a reading. */
export interface StoreReadOptions {
  /** Called after every few thousand events with the number of purchases and returns so far. */
  readonly onProgress?: (purchases: number) => void
  /** Reads what was recorded up to this time, in ms since 1970 UTC (`EventStore.watermark`). Default: everything. */
  readonly receivedThrough?: number
}

/**
 * The purchases of a store's customers, less what they returned, and its catalogue. Of a store into which files were
 * imported, and nothing else, it is the data set of the files: a model trained on it is the same to the last bit. Two
 * reads of the same store give the same data set. Views and cart entries are read of visitors too, in `browsing`; events of
 * other kinds are not.
 *
 * What files hold and a store does not: the names of sessions, cancelled orders (which only the design of experiments counts), purchases without a
 * time, and where a purchase stood that was returned whole before the import.
 * @param store  where it is, or a database that others share
 * @throws {DataError} if there is no store, or no purchase in it
 * @throws {StoreError} if it cannot be read
 * @throws the reason of `signal`, when that aborts
 */
export async function readStore(
  store: string | Database,
  signal?: AbortSignal,
  { onProgress, receivedThrough }: StoreReadOptions = {},
): Promise<Dataset> {
  if (typeof store === 'string' && !isThere(store))
    throw new DataError('does not exist: `rationale import` creates a store', { file: store })
  const { database, close } = partOf(store)
  const history = new ImportedHistory(database)
  const catalogue = openCatalogue(database)
  try {
    const facts = await history.facts()
    const products = await readCatalogue(catalogue, facts, signal)
    const { customers, segments } = await readCustomers(history, facts, signal)
    const purchases = new StoredPurchases()
    for await (const page of history.purchases(receivedThrough)) {
      signal?.throwIfAborted()
      for (const purchase of page) purchases.add(purchase)
      onProgress?.(purchases.count)
    }
    const sales = purchases.finish(customers, products.ids, database.name)
    const browsing = await readBrowsing(history, signal, receivedThrough)
    const dataset: Omit<Dataset, 'fingerprint'> = {
      adapter: facts?.adapter ?? 'interactions',
      ...sales,
      orders: withFacts(sales.orders, facts),
      ...products.finish(sales.products.size),
      ...(facts?.segments && {
        segments: {
          name: 'segment',
          labels: segments.labels,
          codes: Int32Array.from({ length: sales.customers.size }, (_, i) => segments.codes[i] ?? -1),
        },
      }),
      ...(browsing && { browsing }),
      quarantined: 0,
    }
    const kept = keptFingerprint(dataset)
    return { ...dataset, fingerprint: facts?.keptFingerprint === kept ? facts.fingerprint : kept }
  } finally {
    await close()
  }
}

/**
 * SHA-256 (hex) over what a store keeps of a data set. Where a store gives the same as when files were imported, it holds
 * what the files held, and the data set has the files' fingerprint.
 */
export function keptFingerprint(dataset: Omit<Dataset, 'fingerprint'> & Partial<Dataset>): string {
  const {
    cancelled: _,
    productColumns: _columns,
    unusedColumns: _unused,
    warnings: _warnings,
    // Not kept as it is: sessions are told by pauses.
    browsing: _browsing,
    ...rest
  } = dataset
  const { fingerprint: _files, ...kept } = rest
  const { interactions, orders, numeric } = kept
  const { reviewScore, deliveryDelayDays } = orders
  return contentFingerprint({
    ...kept,
    interactions: { ...interactions, price: withPlainNaN(interactions.price) },
    orders: {
      ...orders,
      timestamp: withPlainNaN(orders.timestamp),
      ...(reviewScore && { reviewScore: withPlainNaN(reviewScore) }),
      ...(deliveryDelayDays && { deliveryDelayDays: withPlainNaN(deliveryDelayDays) }),
    },
    numeric: numeric.map(({ name, values }) => ({ name, values: withPlainNaN(values) })),
    quarantined: 0,
  })
}

const isKnown = (value: number) => !Number.isNaN(value)

/** Files with reviews and deliveries have these columns even where nothing is known; others only where something is. */
function withFacts(orders: Dataset['orders'], facts: ImportedFacts | undefined): Dataset['orders'] {
  const { reviewScore, deliveryDelayDays, ...rest } = orders
  return {
    ...rest,
    ...(reviewScore && (facts?.hasReviews || reviewScore.some(isKnown)) && { reviewScore }),
    ...(deliveryDelayDays &&
      (facts?.hasDeliveries || deliveryDelayDays.some(isKnown)) && { deliveryDelayDays }),
  }
}

/** The NaN of a computation may have other bits than the literal. */
function withPlainNaN<Values extends Float32Array | Float64Array>(values: Values): Values {
  return values.map((value) => (Number.isNaN(value) ? NaN : value)) as Values
}

async function readCatalogue(
  catalogue: CatalogueStore,
  facts: ImportedFacts | undefined,
  signal: AbortSignal | undefined,
) {
  const ids = new IdTableBuilder()
  const names = new StringColumnBuilder()
  const category = new Attribute(facts?.category ?? 'category', true)
  const columns = new Map<string, ProductColumn>()
  for (const { name, use } of facts?.columns ?? []) if (use !== 'none') columns.set(name, columnOf(name, use))
  const unused = new Set(facts?.columns.filter(({ use }) => use === 'none').map(({ name }) => name))
  let isNamed = facts?.hasNames ?? false

  function add(product: CatalogueProduct): void {
    ids.add(product.sku)
    names.add(product.name ?? '')
    isNamed ||= product.name !== null
    category.add(product.category ?? '')
    const texts = new Map(product.attributes.map(({ name, value }) => [name, value]))
    for (const name of texts.keys()) {
      if (columns.has(name) || unused.has(name)) continue
      const column = columnOf(name)
      for (let i = 1; i < ids.size; i++) column.add('')
      columns.set(name, column)
    }
    for (const [name, column] of columns) {
      const field = (FIELD_COLUMNS as Readonly<Record<string, keyof CatalogueProduct>>)[name]
      const stated = field === undefined ? null : product[field]
      column.add(texts.get(name) ?? (stated === null ? '' : String(stated)))
    }
  }

  for await (const page of catalogue.all()) {
    signal?.throwIfAborted()
    page.forEach(add)
  }
  return {
    ids,
    finish(count: number): Omit<ProductFacts, 'products'> {
      while (names.size < count) names.add('')
      const found = category.finish(count)
      const label =
        found && 'codes' in found ? found : { ...noCategory(count), name: facts?.category ?? 'category' }
      const finished = [...columns.values()].flatMap((column) => column.finish(count) ?? [])
      return {
        category: { ...label, ...(facts?.untranslated && { untranslated: facts.untranslated }) },
        categorical: finished.filter((column) => 'codes' in column),
        numeric: finished.filter((column) => 'values' in column),
        ...(isNamed && { productNames: names.build() }),
      }
    },
  }
}

/** A column of products, as it is read. */
interface ProductColumn {
  add(text: string): void
  finish(count: number): NumericColumn | CategoricalColumn | undefined
}

/** @param use  what it was used as when it was imported; left out: that is found out as of a file */
function columnOf(name: string, use?: 'measure' | 'label'): ProductColumn {
  if (use === undefined) return new Attribute(name, false)
  if (use === 'label') {
    const column = new Attribute(name, true)
    return {
      add: (text) => column.add(text),
      finish: (count) => column.finish(count) ?? { ...noCategory(count), name },
    }
  }
  const values = new Column(Float64Array)
  return {
    add: (text) => values.push(parseNumber(text) ?? NaN),
    finish(count) {
      while (values.length < count) values.push(NaN)
      return { name, values: values.take() }
    },
  }
}

async function readBrowsing(
  history: ImportedHistory,
  signal: AbortSignal | undefined,
  receivedThrough: number | undefined,
): Promise<Browsing | undefined> {
  const events: StoredInterest[] = []
  for await (const page of history.interest(receivedThrough)) {
    signal?.throwIfAborted()
    events.push(...page)
  }
  return storedBrowsing(events)
}

async function readCustomers(
  history: ImportedHistory,
  facts: ImportedFacts | undefined,
  signal: AbortSignal | undefined,
) {
  const customers = new IdTableBuilder()
  const labels = new Labels()
  for (const label of facts?.segments ?? []) labels.code(label)
  const codes: number[] = []
  for await (const page of history.customers()) {
    signal?.throwIfAborted()
    for (const { customer, segment } of page) {
      customers.add(customer)
      codes.push(labels.code(segment ?? ''))
    }
  }
  return { customers, segments: { labels: labels.list(), codes } }
}
