/** The catalogue in a store's SQLite file. */
import { Kysely, sql } from 'kysely'
import { setImmediate as turn } from 'node:timers/promises'
import { listedSubject, record } from './audit-log.ts'
import { StoreError } from './availability.ts'
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
import { DatabaseFile } from './database.ts'
import { idProblem } from './event.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { whenFree } from './when-free.ts'

interface ProductRow {
  sku: string
  place: number
  name: string | null
  category: string | null
  seller: string | null
  price: number | null
  currency: string | null
  image_url: string | null
  url: string | null
  /** [name, value] of each, as JSON. */
  attributes: string
  removed: 0 | 1
  revision: number
}

interface Tables {
  products: ProductRow
}

/** Products that one statement reads before others have their turn: some 5 ms. */
const PAGE = 1000

/**
 * Opens the catalogue in a file that other stores and processes may use as well; it is created with the first product.
 * @param file  or IN_MEMORY
 */
export function openCatalogue(file: string): CatalogueStore {
  return new SqliteCatalogue(file)
}

class SqliteCatalogue implements CatalogueStore {
  readonly #file: DatabaseFile
  readonly #reader: Kysely<Tables>
  readonly #statements: ReturnType<typeof compiled>
  readonly #writing = new Set<Promise<unknown>>()

  constructor(file: string) {
    this.#file = new DatabaseFile(file)
    this.#reader = new Kysely<Tables>({ dialect: sqliteDialect(this.#file) })
    this.#statements = compiled(this.#reader)
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
    const found: (CatalogueProduct | undefined)[] = []
    for (let begin = 0; begin < skus.length; begin += PAGE) {
      if (begin > 0) await turn()
      this.#read(() => {
        // Asked for once a page: each time the file is looked at.
        const statement = this.#file.toRead(this.#statements.find)
        for (const sku of skus.slice(begin, begin + PAGE)) {
          const row = statement?.get(sku) as ProductRow | undefined
          found.push(row && productOf(row))
        }
      })
    }
    return found
  }

  async *all(): AsyncGenerator<readonly CatalogueProduct[]> {
    for await (const rows of this.#pages('page', 'place', -1)) yield rows.map(productOf)
  }

  async *changedSince(revision: number): AsyncGenerator<readonly PlacedProduct[]> {
    // No SKU is empty, so that all of the next revision follow.
    for await (const rows of this.#pages('changed', 'revision', revision + 1))
      yield rows.map((row) => Object.assign(productOf(row), { place: row.place }))
  }

  /** Rows by a number and their SKU, those of `first` and greater numbers. */
  async *#pages(statement: 'page' | 'changed', by: 'place' | 'revision', first: number) {
    for (let after: readonly [number, string] = [first, '']; ; ) {
      const rows = this.#read(
        () =>
          (this.#file.toRead(this.#statements[statement])?.all(...after) ?? []) as unknown as ProductRow[],
      )
      if (rows.length > 0) yield rows
      if (rows.length < PAGE) return
      const last = rows[rows.length - 1]
      after = [last[by], last.sku]
      await turn()
    }
  }

  async revision(): Promise<number> {
    return this.#read(() => Number(this.#file.toRead(this.#statements.latest)?.get()?.['revision'] ?? 0))
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#writing)
    this.#file.close()
  }

  /** Writes what becomes of products, in one transaction; who did it with it, unless nothing changes. */
  async #write(
    products: readonly ProductChange[],
    outcome: OutcomeOf,
    action: 'upsert' | 'remove',
    by: string | undefined,
  ): Promise<CatalogueChange> {
    const change = () => {
      const { changed, revision } = this.#change(products, outcome)
      if (by !== undefined && changed.size > 0) {
        const skus = [...changed].map((sku) => JSON.stringify(sku))
        const subject = listedSubject(skus, 'product', 'products')
        record(this.#file, Date.now(), { kind: 'catalogue', actor: by, action, subject })
      }
      return { changed: changed.size, revision }
    }
    const written = whenFree(() => {
      let result: CatalogueChange
      // Opens the file, which unlessBusy needs.
      this.#file.toWrite('SELECT 1').get()
      this.#file.unlessBusy(() => (result = this.#file.atOnce(change, 'KEEP')))
      return result!
    })
    this.#writing.add(written)
    try {
      return await written
    } catch (cause) {
      const { file } = this.#file
      throw new StoreError(
        `The catalogue was not changed: ${file} cannot be written (${reason(cause)}).`,
        cause,
      )
    } finally {
      this.#writing.delete(written)
    }
  }

  /** Within a transaction. Rows that stay as they are are not written. @returns the SKUs that changed */
  #change(
    products: readonly ProductChange[],
    outcome: OutcomeOf,
  ): { readonly changed: ReadonlySet<string>; readonly revision: number } {
    const [find, write] = [this.#statements.find, this.#statements.write].map((statement) =>
      this.#file.toWrite(statement),
    )
    const counters = this.#file.toWrite(this.#statements.counters).get()
    const latest = Number(counters?.['revision'] ?? 0)
    let nextPlace = Number(counters?.['place'] ?? -1) + 1
    const changed = new Set<string>()
    for (const [i, product] of products.entries()) {
      const row = find.get(product.sku) as ProductRow | undefined
      const former = row && productOf(row)
      const after = outcome(product, former ?? { ...NOTHING_SAID, removed: false }, i)
      const isChanged = former === undefined || !isSame(former, after)
      const place = after.place ?? row?.place ?? nextPlace++
      if (!isChanged && place === row?.place) continue
      if (isChanged) changed.add(product.sku)
      write.run(
        product.sku,
        place,
        after.name,
        after.category,
        after.seller,
        after.price,
        after.currency,
        after.imageUrl,
        after.url,
        attributesText(after),
        Number(after.removed),
        isChanged ? latest + 1 : former.revision,
      )
    }
    return { changed, revision: changed.size > 0 ? latest + 1 : latest }
  }

  #read<Result>(query: () => Result): Result {
    try {
      return query()
    } catch (cause) {
      throw new StoreError(`The catalogue in ${this.#file.file} cannot be read (${reason(cause)}).`, cause)
    }
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

/** The statements, compiled once; their values are given when they are run, in the order of the columns. */
function compiled(database: Kysely<Tables>) {
  const products = database.selectFrom('products')
  const pageBy = (by: 'place' | 'revision') =>
    products
      .selectAll()
      .where((where) => where(where.refTuple(by, 'sku'), '>', where.tuple(0, '')))
      .orderBy(by)
      .orderBy('sku')
      .limit(sql.lit(PAGE))
  const row: ProductRow = {
    sku: '',
    place: 0,
    name: '',
    category: '',
    seller: '',
    price: 0,
    currency: '',
    image_url: '',
    url: '',
    attributes: '',
    removed: 0,
    revision: 0,
  }
  return {
    find: products.selectAll().where('sku', '=', '').compile().sql,
    latest: products.select(({ fn }) => fn.max('revision').as('revision')).compile().sql,
    counters: products
      .select(({ fn }) => [fn.max('revision').as('revision'), fn.max('place').as('place')])
      .compile().sql,
    page: pageBy('place').compile().sql,
    changed: pageBy('revision').compile().sql,
    write: database
      .insertInto('products')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('sku').doUpdateSet(({ ref }) => {
          const fields = Object.keys(row).filter((field) => field !== 'sku')
          return Object.fromEntries(
            fields.map((field) => [field, ref(`excluded.${field}` as 'excluded.name')]),
          )
        }),
      )
      .compile().sql,
  }
}

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

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
