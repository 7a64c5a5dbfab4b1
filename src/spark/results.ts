/** Reads what spark/train.py has written, and believes nothing of it that can be checked. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parquetParts, parquetRows } from '../data/parquet.ts'
import type { Csr, Kernels, NormalEquation, Partners } from '../kernels/kernels.ts'
import { MOST_PARTNERS } from '../model/partners.ts'
import { SparkError } from './submit.ts'

/** What a product sold on a day. */
export interface DaySales {
  readonly product: number
  /** Days since 1970-01-01, UTC; null unknown. */
  readonly day: number | null
  readonly orders: number
  readonly units: number
}

/** A customer's factors, as Spark solved them last. */
export interface Taste {
  readonly customer: string
  readonly factors: Float32Array
}

/** The results of a job: a folder, with products by number. */
export class SparkResults {
  readonly #folder: string
  readonly #products: number

  constructor(folder: string, products: number) {
    this.#folder = folder
    this.#products = products
  }

  /**
   * Products × f; zeros where Spark gives none.
   * @throws {SparkError} when a number is missing, not finite, or of a product that there is not
   */
  async factors(name: string, factors: number, signal?: AbortSignal): Promise<Float32Array> {
    const all = new Float32Array(this.#products * factors)
    for await (const [product, row] of this.#rows(`${name}-factors`, ['product', 'features'], signal)) {
      const numbers = this.#numbers(row, factors, `the factors of product ${product}`)
      all.set(numbers, this.#product(product) * factors)
    }
    return all
  }

  /** @throws {SparkError} as `factors` */
  async tastes(name: string, factors: number, signal?: AbortSignal): Promise<Taste[]> {
    const tastes: Taste[] = []
    for await (const [customer, row] of this.#rows(`${name}-tastes`, ['customer_id', 'features'], signal))
      tastes.push({
        customer: String(customer),
        factors: this.#numbers(row, factors, `the factors of customer ${customer}`),
      })
    return tastes
  }

  /**
   * Per product: how many customers bought it, in how many orders, and how many of the customers count for partners.
   * @throws {SparkError} as `factors`
   */
  async counts(signal?: AbortSignal) {
    const [buyers, orders, counted] = [0, 1, 2].map(() => new Uint32Array(this.#products))
    const names = ['product', 'buyers', 'orders', 'counted']
    for await (const [id, ...row] of this.#rows('counts', names, signal)) {
      const product = this.#product(id)
      ;[buyers[product], orders[product], counted[product]] = row.map((value) => Number(value ?? 0))
    }
    return { buyers, orders, counted }
  }

  /** @param users  how many customers of each product count @throws {SparkError} as `factors` */
  async partners(users: Uint32Array, signal?: AbortSignal): Promise<Partners> {
    const rows: { readonly place: number; readonly partner: number; readonly together: number }[][] = []
    const names = ['product', 'place', 'partner', 'together']
    for await (const [id, place, other, both] of this.#rows('partners', names, signal)) {
      const product = this.#product(id)
      const [partner, together] = [this.#product(other), Number(both)]
      if (partner === product || !(together >= 1 && together <= Math.min(users[product], users[partner])))
        throw this.#wrong(
          `${together} customers of the products ${product} and ${partner}, bought by ${users[product]} and ${users[partner]}`,
        )
      ;(rows[product] ??= []).push({ place: Number(place), partner, together })
    }
    const indptr = new Uint32Array(this.#products + 1)
    for (let product = 0; product < this.#products; product++) {
      const count = rows[product]?.length ?? 0
      if (count > MOST_PARTNERS) throw this.#wrong(`${count} partners of product ${product}`)
      indptr[product + 1] = indptr[product] + count
    }
    const [indices, together] = [0, 1].map(() => new Uint32Array(indptr[this.#products]))
    rows.forEach((row, product) =>
      row
        .sort((a, b) => a.place - b.place)
        .forEach((one, i) => {
          indices[indptr[product] + i] = one.partner
          together[indptr[product] + i] = one.together
        }),
    )
    return { users, indptr, indices, together }
  }

  /** @throws {SparkError} as `factors` */
  async sales(signal?: AbortSignal): Promise<DaySales[]> {
    const sales: DaySales[] = []
    const names = ['product', 'day', 'orders', 'units']
    for await (const [id, day, orders, units] of this.#rows('sales', names, signal))
      sales.push({
        product: this.#product(id),
        day: day === null ? null : Number(day),
        orders: Number(orders),
        units: Number(units),
      })
    return sales
  }

  async *#rows(name: string, columns: readonly string[], signal?: AbortSignal): AsyncGenerator<unknown[]> {
    const folder = join(this.#folder, `${name}.parquet`)
    // Spark writes it when all parts are there.
    if (!existsSync(join(folder, '_SUCCESS'))) throw this.#wrong(`no complete ${name}`)
    for (const part of await parquetParts(folder))
      for await (const rows of parquetRows(part, { columns, ...(signal && { signal }) })) yield* rows
  }

  #product(value: unknown): number {
    const product = Number(value)
    if (Number.isInteger(product) && product >= 0 && product < this.#products) return product
    throw this.#wrong(`the product ${value}, of ${this.#products}`)
  }

  #numbers(value: unknown, length: number, what: string): Float32Array {
    const numbers = Float32Array.from(Array.isArray(value) ? value : [])
    if (numbers.length === length && numbers.every(Number.isFinite)) return numbers
    throw this.#wrong(`${what}, which are not ${length} finite numbers`)
  }

  #wrong(what: string): SparkError {
    return new SparkError(`Spark gave back ${what}: nothing of it is used. Was its folder changed meanwhile?`)
  }
}

/** How far a customer's factors may be from those that fold in, relative to the longest: single precision and a margin. */
const APART = 1e-3

/**
 * Whether Spark solved the equation that histories are folded in by.
 * @param observed  customers × products, values r
 * @param tastes  with the row of each customer
 * @throws {SparkError} when it did not
 */
export function checkEquationOf(
  itemFactors: Float32Array,
  tastes: readonly { readonly row: number; readonly factors: Float32Array }[],
  observed: Csr,
  equation: NormalEquation,
  kernels: Kernels,
): void {
  const { columns, indptr, indices, values } = observed
  const f = itemFactors.length / columns
  const foldIn = kernels.openFoldIn({ rows: columns, columns: f, data: itemFactors }, equation)
  try {
    for (const { row, factors } of tastes) {
      const [from, to] = [indptr[row], indptr[row + 1]]
      const own = foldIn.solve({
        rows: 1,
        columns,
        indptr: Uint32Array.of(0, to - from),
        indices: indices.slice(from, to),
        values: values.slice(from, to),
      })
      const apart = Math.hypot(...own.map((value, k) => value - factors[k]))
      if (apart <= APART * Math.hypot(...factors)) continue
      throw new SparkError(
        `Spark solved another equation than histories are folded in by: the factors of a customer with ${to - from} products ` +
          `are ${apart.toPrecision(2)} apart. Is its version another than 4?`,
      )
    }
  } finally {
    foldIn.close()
  }
}
