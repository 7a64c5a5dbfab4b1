/** The catalogue in a store. */
import { sql } from 'kysely'
import { listedSubject, record } from './audit-log.ts'
import { setImmediate as turn } from 'node:timers/promises'
import {
  type CatalogueChange,
  type CatalogueProduct,
  type CatalogueStore,
  checkProducts,
  InvalidProductsError,
  NOTHING_SAID,
  type PlacedProduct,
  type ProductChange,
  type ProductStatement,
  statementAfter,
  type UpsertOptions,
} from './catalogue.ts'
import { type Database, inChunks, type Queries } from './database.ts'
import { idProblem } from './event.ts'
import { type Part, partOf } from './open-database.ts'
import { orStoreError } from './store-error.ts'
import type { ProductRow } from './tables.ts'

/** Products that one statement reads before others have their turn: some 5 ms. */
const PAGE = 1000

/**
 * Opens the catalogue of a store.
 * @param store  where it is, or a database that others share; an SQLite file is created with the first product
 */
export function openCatalogue(store: string | Database): CatalogueStore {
  return new Catalogue(partOf(store))
}

class Catalogue implements CatalogueStore {
  readonly #part: Part
  readonly #database: Database

  constructor(part: Part) {
    this.#part = part
    this.#database = part.database
  }

  async upsert(products: readonly ProductChange[], options: UpsertOptions = {}): Promise<CatalogueChange> {
    checkProducts(products)
    const { keepRemoved = false, firstPlace, by } = options
    const outcome: OutcomeOf = (product, former, place) => ({
      ...statementAfter(former, product),
      removed: keepRemoved && former.removed,
      ...(firstPlace !== undefined && { place: firstPlace + place }),
    })
    return this.#write(products, outcome, 'upsert', by)
  }

  async remove(skus: readonly string[], by?: string): Promise<CatalogueChange> {
    const problems = skus.flatMap((sku, place) => {
      const problem = idProblem(sku)
      return problem === undefined ? [] : [{ place, path: [], message: `It cannot be a SKU: ${problem}.` }]
    })
    if (problems.length > 0) throw new InvalidProductsError(problems)
    return this.#write(
      skus.map((sku) => ({ sku })),
      (_, former) => ({ ...former, removed: true }),
      'remove',
      by,
    )
  }

  async get(skus: readonly string[]): Promise<readonly (CatalogueProduct | undefined)[]> {
    const found = new Map<string, CatalogueProduct>()
    for (const [i, chunk] of [...inChunks(skus)].entries()) {
      if (i > 0) await turn()
      const rows = await this.#read((queries) => rowsOf(queries, chunk))
      for (const row of rows) found.set(row.sku, productOf(row))
    }
    return skus.map((sku) => found.get(sku))
  }

  async *all(): AsyncGenerator<readonly CatalogueProduct[]> {
    for await (const rows of this.#pages('place', -1)) yield rows.map(productOf)
  }

  async *changedSince(revision: number): AsyncGenerator<readonly PlacedProduct[]> {
    // No SKU is empty, so that all of the next revision follow.
    for await (const rows of this.#pages('revision', revision + 1))
      yield rows.map((row) => Object.assign(productOf(row), { place: row.place }))
  }

  /** Rows by a number and their SKU, those of `first` and greater numbers. */
  async *#pages(by: 'place' | 'revision', first: number): AsyncGenerator<readonly ProductRow[]> {
    for (let after: readonly [number, string] = [first, '']; ; ) {
      const [number, sku] = after
      const rows = await this.#read((queries) =>
        queries
          .selectFrom('products')
          .selectAll()
          .where((where) => where(where.refTuple(by, 'sku'), '>', where.tuple(number, sku)))
          .orderBy(by)
          .orderBy('sku')
          .limit(sql.lit(PAGE))
          .execute(),
      )
      if (rows.length > 0) yield rows
      if (rows.length < PAGE) return
      const last = rows[rows.length - 1]
      after = [last[by], last.sku]
      await turn()
    }
  }

  async revision(): Promise<number> {
    const row = await this.#read((queries) =>
      queries
        .selectFrom('products')
        .select(({ fn }) => fn.max('revision').as('revision'))
        .executeTakeFirst(),
    )
    return row?.revision ?? 0
  }

  close(): Promise<void> {
    return this.#part.close()
  }

  /** Writes what becomes of products, in one transaction; who did it with it, unless nothing changes. */
  #write(
    products: readonly ProductChange[],
    outcome: OutcomeOf,
    action: 'upsert' | 'remove',
    by: string | undefined,
  ): Promise<CatalogueChange> {
    const work = async (queries: Queries) => {
      const { changed, revision } = await change(queries, products, outcome)
      if (by !== undefined && changed.size > 0) {
        const skus = [...changed].map((sku) => JSON.stringify(sku))
        const subject = listedSubject(skus, 'product', 'products')
        await record(queries, Date.now(), { kind: 'catalogue', actor: by, action, subject })
      }
      return { changed: changed.size, revision }
    }
    return orStoreError(
      () => this.#database.write('CATALOGUE', work, { isOneOfMany: true }),
      `The catalogue was not changed: ${this.#database.name} cannot be written`,
    )
  }

  #read<Result>(query: (queries: Queries) => Promise<Result>): Promise<Result> {
    return orStoreError(
      () => this.#database.read(query),
      `The catalogue in ${this.#database.name} cannot be read`,
    )
  }
}

function rowsOf(queries: Queries, skus: readonly string[]): Promise<ProductRow[]> {
  return queries.selectFrom('products').selectAll().where('sku', 'in', skus).execute()
}

/** Within a transaction. Rows that stay as they are are not written. @returns the SKUs that changed */
async function change(
  queries: Queries,
  products: readonly ProductChange[],
  outcome: OutcomeOf,
): Promise<{ readonly changed: ReadonlySet<string>; readonly revision: number }> {
  const counters = await queries
    .selectFrom('products')
    .select(({ fn }) => [fn.max('revision').as('revision'), fn.max('place').as('place')])
    .executeTakeFirstOrThrow()
  const latest = counters.revision ?? 0
  let nextPlace = (counters.place ?? -1) + 1
  const known = new Map<string, ProductRow>()
  for (const skus of inChunks([...new Set(products.map(({ sku }) => sku))]))
    for (const row of await rowsOf(queries, skus)) known.set(row.sku, row)
  const written = new Map<string, ProductRow>()
  const changed = new Set<string>()
  for (const [i, product] of products.entries()) {
    const row = known.get(product.sku)
    const former = row && productOf(row)
    const after = outcome(product, former ?? { ...NOTHING_SAID, removed: false }, i)
    const isChanged = former === undefined || !isSame(former, after)
    const place = after.place ?? row?.place ?? nextPlace++
    if (!isChanged && place === row?.place) continue
    if (isChanged) changed.add(product.sku)
    const next = rowOf(product.sku, after, place, isChanged ? latest + 1 : former.revision)
    known.set(product.sku, next)
    written.set(product.sku, next)
  }
  for (const rows of inChunks([...written.values()])) await insert(queries, rows)
  return { changed, revision: changed.size > 0 ? latest + 1 : latest }
}

async function insert(queries: Queries, rows: readonly ProductRow[]): Promise<void> {
  const fields = Object.keys(rows[0]).filter((field) => field !== 'sku')
  await queries
    .insertInto('products')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('sku')
        .doUpdateSet(({ ref }) =>
          Object.fromEntries(fields.map((field) => [field, ref(`excluded.${field}` as 'excluded.name')])),
        ),
    )
    .execute()
}

function rowOf(sku: string, after: Stated, place: number, revision: number): ProductRow {
  const { name, category, seller, price, currency, imageUrl, url, removed } = after
  return {
    sku,
    place,
    name,
    category,
    seller,
    price,
    currency,
    image_url: imageUrl,
    url,
    attributes: attributesText(after),
    removed: removed ? 1 : 0,
    revision,
  }
}

/**
 * What becomes of a product.
 * @param place  of the change among those given
 */
type OutcomeOf = (
  product: ProductChange,
  former: Stated,
  place: number,
) => Stated & { readonly place?: number }

type Stated = ProductStatement & Pick<CatalogueProduct, 'removed'>

function productOf(row: ProductRow): CatalogueProduct {
  const { sku, name, category, seller, price, currency, url, revision } = row
  const attributes = (JSON.parse(row.attributes) as [string, string][]).map(([title, value]) => ({
    name: title,
    value,
  }))
  return {
    sku,
    name,
    category,
    seller,
    price,
    currency,
    imageUrl: row.image_url,
    url,
    attributes,
    removed: row.removed === 1,
    revision,
  }
}

function attributesText({ attributes }: ProductStatement): string {
  return JSON.stringify(attributes.map(({ name, value }) => [name, value]))
}

function isSame(former: Stated, after: Stated): boolean {
  return (
    former.removed === after.removed &&
    attributesText(former) === attributesText(after) &&
    (['name', 'category', 'seller', 'price', 'currency', 'imageUrl', 'url'] as const).every(
      (field) => former[field] === after[field],
    )
  )
}
