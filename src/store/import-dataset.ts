/** Brings what files say into a store: products, customers, purchases as events. */
import { setImmediate as turn } from 'node:timers/promises'
import type { ProductFacts } from '../data/catalogue.ts'
import type { Dataset } from '../data/dataset.ts'
import type { ProductChange } from './catalogue.ts'
import type { NewEvent } from './event.ts'
import type { Recorded } from './event-store.ts'
import { type ImportedCustomer, type ImportedFacts, ImportedHistory } from './imported-history.ts'
import { productStatements } from './product-statements.ts'
import { purchaseEvents } from './purchase-events.ts'
import { keptFingerprint } from './read-store.ts'
import { openCatalogue } from './catalogue-store.ts'
import type { Database } from './database.ts'
import { partOf } from './open-database.ts'
import { openEvents } from './open-events.ts'
import { browsingEvents } from './stored-browsing.ts'

/** How an import is watched and stopped. */
export interface ImportOptions {
  /** Called with the number of purchases that have been looked at. */
  readonly onProgress?: (purchases: number) => void
  readonly signal?: AbortSignal
}

/** Events of one transaction: each writes every page that it changes, and keys lie anywhere. */
const EVENTS = 20_000

/** Products and customers of one transaction. */
const ROWS = 5000

/**
 * Imports a data set. It can be stopped and started again: nothing is recorded twice. Purchases without a time are left
 * out. Products that were removed stay removed.
 * @param dataset  read with `keepColumns`
 * @param store  where it is, or a database that others share; an SQLite file is created if there is none
 * @throws {InvalidEventsError | InvalidProductsError} for an id or a text that cannot be stored
 * @throws {StoreError} if it cannot be written; what was imported until then stays
 * @throws the reason of `signal`, when that aborts
 */
export async function importDataset(
  dataset: Dataset,
  store: string | Database,
  { onProgress, signal }: ImportOptions = {},
): Promise<Recorded> {
  const { database, close } = partOf(store)
  const history = new ImportedHistory(database)
  const log = openEvents(database)
  let [accepted, duplicates] = [0, 0]
  try {
    await writeProducts(dataset, database, true, signal)
    for await (const batch of batches(importedCustomers(dataset), ROWS, signal))
      await history.writeCustomers(batch)
    for await (const batch of batches<NewEvent>(eventsOf(dataset), EVENTS, signal)) {
      const recorded = await log.append(batch)
      // The file may have been imported before, in another order or by a version that kept less.
      if (recorded.duplicates > 0) await history.writeDetails(batch)
      accepted += recorded.accepted
      duplicates += recorded.duplicates
      onProgress?.(accepted + duplicates)
    }
    await history.writeFacts(factsOf(dataset))
    return { accepted, duplicates }
  } finally {
    await log.close()
    await close()
  }
}

function* eventsOf(dataset: Dataset): Generator<NewEvent, void> {
  yield* purchaseEvents(dataset)
  if (dataset.browsing) yield* browsingEvents(dataset.browsing)
}

/**
 * Imports a file of products. Products that were removed stay removed.
 * @param facts  read with `keepColumns`
 * @throws as `importDataset`
 */
export function importProducts(
  facts: ProductFacts,
  store: string | Database,
  signal?: AbortSignal,
): Promise<void> {
  return writeProducts(facts, store, false, signal)
}

/** @param inPlace  whether training numbers the products in this order */
async function writeProducts(
  facts: ProductFacts,
  store: string | Database,
  inPlace: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const catalogue = openCatalogue(store)
  try {
    let firstPlace = 0
    for await (const batch of batches<ProductChange>(productStatements(facts), ROWS, signal)) {
      await catalogue.upsert(batch, { keepRemoved: true, ...(inPlace && { firstPlace }) })
      firstPlace += batch.length
    }
  } finally {
    await catalogue.close()
  }
}

function* importedCustomers({ customers, segments }: Dataset): Generator<ImportedCustomer> {
  for (let place = 0; place < customers.size; place++) {
    const segment = segments?.labels[segments.codes[place]] ?? null
    yield { customer: customers.at(place), place, segment }
  }
}

/** Items in batches; between two of them others have their turn. */
async function* batches<Item>(
  items: Iterable<Item>,
  size: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item[]> {
  let batch: Item[] = []
  for (const item of items) {
    if (batch.push(item) < size) continue
    yield batch
    batch = []
    await turn()
    signal?.throwIfAborted()
  }
  if (batch.length > 0) yield batch
}

/** What a store has to know of files as a whole, beside their rows. */
function factsOf(dataset: Dataset): ImportedFacts {
  const { adapter, category, categorical, numeric, productColumns = [], productNames } = dataset
  const { orders, segments, fingerprint } = dataset
  const used = new Set([...numeric, ...categorical, category].map(({ name }) => name))
  const others = productColumns.filter(({ name }) => !used.has(name))
  return {
    adapter,
    category: category.name,
    ...(category.untranslated && { untranslated: [...category.untranslated] }),
    columns: [
      ...numeric.map(({ name }) => ({ name, use: 'measure' as const })),
      ...categorical.map(({ name }) => ({ name, use: 'label' as const })),
      ...others.map(({ name }) => ({ name, use: 'none' as const })),
    ],
    hasNames: productNames !== undefined,
    hasReviews: orders.reviewScore !== undefined,
    hasDeliveries: orders.deliveryDelayDays !== undefined,
    ...(segments && { segments: [...segments.labels] }),
    fingerprint,
    keptFingerprint: keptFingerprint(dataset),
  }
}
