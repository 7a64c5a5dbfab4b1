import fc from 'fast-check'
import { idTableOf } from '../../src/data/ids.ts'
import type { RecommendationRequest } from '../../src/engine/recommendation.ts'
import type { ListRequest } from '../../src/engine/what-if.ts'
import { csrFromTriples } from '../../src/kernels/csr.ts'
import type { Csr } from '../../src/kernels/kernels.ts'
import type { BlendWeights } from '../../src/model/blend-weights.ts'
import { PRIOR_WEIGHTS } from '../../src/model/blend-weights.ts'
import type { Configuration } from '../../src/model/configuration.ts'
import { configure } from '../../src/model/configuration.ts'
import { sealModel } from '../../src/model/model-tensors.ts'
import { latestEntries, PRODUCTS_READ } from '../../src/model/partners.ts'
import { salesOf } from '../../src/model/sales.ts'
import type { Model } from '../../src/model/model.ts'

/** A model put together by hand: a row of numbers per product, null where a source knows nothing of it. */
export interface SmallModel {
  readonly factors: readonly (readonly number[] | null)[]
  /** Put to unit length. */
  readonly features: readonly (readonly number[] | null)[]
  /** Per customer, the quantity bought of each product, each unit in an order of its own. */
  readonly purchases?: readonly Readonly<Record<number, number>>[]
  /** Per product the units sold, each an order where no `orders` are given. */
  readonly popularity?: readonly number[]
  /** Per product the number of its category and of its seller, −1 unknown; absent: all unknown. */
  readonly categories?: readonly number[]
  readonly sellers?: readonly number[]
  /** The days of the purchases, customer by customer, products ascending; null unknown. Absent: all unknown. */
  readonly days?: readonly (number | null)[]
  readonly contentColumns?: Model['contentColumns']
  /** Per product the mean price paid; absent: unknown. */
  readonly price?: readonly number[]
  /** The products of each order, for what was bought together; absent: no orders. */
  readonly orders?: readonly (readonly number[])[]
  /** Of each product its weights for others in the linear item-item model; absent: none. */
  readonly itemWeights?: readonly Readonly<Record<number, number>>[]
  /** Of the default blend; default: the prior. */
  readonly blendWeights?: BlendWeights
  readonly configuration?: Partial<Configuration>
}

export const DAY = 86_400_000

export function smallModel({
  factors,
  features,
  purchases = [],
  popularity = [],
  categories = [],
  sellers = [],
  days = [],
  contentColumns = { categorical: [], numeric: [] },
  price = [],
  orders = [],
  itemWeights = [],
  blendWeights = PRIOR_WEIGHTS,
  configuration: overrides,
}: SmallModel): Model {
  const rows = factors.length
  const f = factors.find((row) => row !== null)?.length ?? 1
  const d = features.find((row) => row !== null)?.length ?? 1
  const bought = purchases.flatMap((row, customer) =>
    Object.entries(row).map(([product, quantity]) => [customer, Number(product), quantity]),
  )
  const column = (at: number) => Uint32Array.from(bought, (triple) => triple[at])
  const histories = csrFromTriples(
    purchases.length,
    rows,
    column(0),
    column(1),
    Float32Array.from(bought, ([, , r]) => r),
  )
  const shelves = (name: string, numbers: readonly number[]) => ({
    name,
    labels: Array.from({ length: Math.max(-1, ...numbers) + 1 }, (_, shelf) => `${name} ${shelf}`),
    codes: Int32Array.from(factors, (_, product) => numbers[product] ?? -1),
  })
  const sold = Float32Array.from(factors, (_, i) => popularity[i] ?? 0)
  const configuration = configure('default', {
    factors: f,
    alpha: 1,
    regularization: 1,
    observation: 'quantity',
    ...overrides,
  })
  const times = Float64Array.from(histories.indices, (_, entry) => (days[entry] ?? NaN) * DAY)
  return sealModel({
    summary: {
      configuration,
      kernelVariant: 'reference',
      dataFingerprint: '',
      interactions: bought.length,
      customers: purchases.length,
      products: rows,
      purchases: bought.length,
      loss: 0,
      lossByIteration: [0],
      ...(configuration.blend === 'learned' && { blendWeights }),
    },
    customers: idTableOf(purchases.map((_, i) => `customer ${i}`)),
    products: idTableOf(factors.map((_, i) => `product ${i}`)),
    category: shelves('category', categories),
    seller: shelves('seller', sellers),
    itemFactors: {
      rows,
      columns: f,
      data: Float32Array.from(factors.flatMap((row) => row ?? Array(f).fill(0))),
    },
    itemWeights: itemWeightsAmong(rows, itemWeights, purchases),
    contentColumns,
    content: {
      rows,
      columns: d,
      data: Float64Array.from(features.flatMap((row) => unit(row ?? Array(d).fill(0)))),
    },
    popularity: sold,
    price: Float64Array.from(factors, (_, product) => price[product] ?? NaN),
    sales: salesAlone(histories, times),
    histories,
    orderCounts: Uint32Array.from(histories.values, Math.ceil),
    firstPurchased: times,
    lastPurchased: times,
    baskets: basketsAmong(rows, orders, purchases, sold),
    partners: partnersAmong(latestEntries(histories, times, PRODUCTS_READ)),
    customerFeatures: {
      rows: purchases.length,
      columns: 7,
      data: new Float32Array(7 * purchases.length).fill(NaN),
    },
    segments: { name: 'segment', labels: [], codes: new Int32Array(purchases.length).fill(-1) },
    segmentProfiles: [],
  })
}

/** The model whose purchases were made at other times, in ms since 1970, by entry of its histories; NaN unknown. */
export function soldAt(model: Model, times: Float64Array): Model {
  const sales = salesAlone(model.histories, times)
  return { ...model, firstPurchased: times, lastPurchased: times, sales }
}

/** The sales of histories in which each unit was bought in an order of its own. */
function salesAlone(histories: Csr, times: Float64Array): Model['sales'] {
  const { columns, indices, values } = histories
  const entries = [...values].flatMap((quantity, entry) => Array(Math.ceil(quantity)).fill(entry) as number[])
  const contents = {
    rows: entries.length,
    columns,
    indptr: Uint32Array.from([...entries.keys(), entries.length]),
    indices: Uint32Array.from(entries, (entry) => indices[entry]),
    values: new Float32Array(entries.length).fill(1),
  }
  return salesOf(
    contents,
    Float64Array.from(entries, (entry) => times[entry]),
    histories,
  )
}

/** @param weights  those of a product for itself are left out */
function itemWeightsAmong(
  rows: number,
  weights: readonly Readonly<Record<number, number>>[],
  purchases: readonly Readonly<Record<number, number>>[],
): Model['itemWeights'] {
  const entries = weights.flatMap((row, from) =>
    Object.entries(row)
      .map(([to, weight]) => ({ from, to: Number(to), weight }))
      .filter(({ to }) => to !== from),
  )
  return {
    weights: csrFromTriples(
      rows,
      rows,
      Uint32Array.from(entries, ({ from }) => from),
      Uint32Array.from(entries, ({ to }) => to),
      Float32Array.from(entries, ({ weight }) => weight),
    ),
    customers: Uint32Array.from(
      entries,
      ({ from, to }) => purchases.filter((bought) => from in bought && to in bought).length,
    ),
  }
}

/** By counting every pair; partners come in the order of their indices. */
function basketsAmong(
  rows: number,
  orders: readonly (readonly number[])[],
  purchases: readonly Readonly<Record<number, number>>[],
  sold: ArrayLike<number>,
): Model['baskets'] {
  const pairs = orders.flatMap((order) =>
    order.flatMap((a) => order.filter((b) => b !== a).map((b) => [a, b] as const)),
  )
  const together = csrFromTriples(
    rows,
    rows,
    Uint32Array.from(pairs, ([a]) => a),
    Uint32Array.from(pairs, ([, b]) => b),
  )
  const { indptr, indices } = together
  return {
    together,
    customers: indices.map((b, entry) => {
      const a = indptr.findIndex((begin) => begin > entry) - 1
      return purchases.filter((bought) => a in bought && b in bought).length
    }),
    orders: Uint32Array.from({ length: rows }, (_, product) =>
      orders.length === 0 ? sold[product] : orders.filter((order) => order.includes(product)).length,
    ),
  }
}

/** By counting in a square of all products. */
export function partnersAmong({ rows, columns, indptr, indices }: Csr): Model['partners'] {
  const square = new Uint32Array(columns * columns)
  for (let customer = 0; customer < rows; customer++) {
    const bought = indices.subarray(indptr[customer], indptr[customer + 1])
    for (const a of bought) for (const b of bought) square[a * columns + b]++
  }
  const users = Uint32Array.from({ length: columns }, (_, product) => square[product * columns + product])
  const partners = Array.from(users, (own, a) =>
    Array.from(users, (others, b) => {
      const together = a === b ? 0 : square[a * columns + b]
      return { b, together, cosine: together / Math.sqrt(own * others) }
    })
      .filter(({ together }) => together > 0)
      .sort(
        (one, other) =>
          Number(other.together > 1) - Number(one.together > 1) ||
          other.cosine - one.cosine ||
          one.b - other.b,
      )
      .slice(0, 200),
  )
  const bounds = new Uint32Array(columns + 1)
  partners.forEach((row, product) => (bounds[product + 1] = bounds[product] + row.length))
  return {
    users,
    indptr: bounds,
    indices: Uint32Array.from(partners.flat(), ({ b }) => b),
    together: Uint32Array.from(partners.flat(), ({ together }) => together),
  }
}

function unit(row: readonly number[]): number[] {
  const length = Math.hypot(...row)
  return row.map((value) => (length > 0 ? value / length : 0))
}

const number = fc.integer({ min: -20, max: 20 }).map((value) => value / 8)
const rowsOf = (products: number, columns: number) =>
  fc.array(
    fc.option(
      fc
        .array(number, { minLength: columns, maxLength: columns })
        .filter((row) => row.some((value) => value !== 0)),
      { freq: 4 },
    ),
    { minLength: products, maxLength: products },
  )
const quantities = (products: number) =>
  fc.dictionary(fc.nat(products - 1).map(String), fc.integer({ min: 1, max: 5 }), { maxKeys: 6 })

/**
 * Any small model, cold and unknown products among its own, and requests to it.
 * @param day  of a purchase; none is dated by default
 */
export function modelAndRequests(
  configuration: Partial<Configuration> = {},
  most = 12,
  day: fc.Arbitrary<number | null> = fc.constant(null),
): fc.Arbitrary<{ model: Model; requests: RecommendationRequest[] }> {
  return fc.integer({ min: 1, max: most }).chain((products) =>
    fc
      .record({
        factors: rowsOf(products, 2),
        features: rowsOf(products, 3),
        purchases: fc.array(quantities(products), { minLength: 1, maxLength: 3 }),
        popularity: fc.array(fc.nat(5), { minLength: products, maxLength: products }),
        categories: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: products, maxLength: products }),
        itemWeights: fc.array(
          fc.dictionary(
            fc.nat(products - 1).map(String),
            number.filter((value) => value !== 0),
            {
              maxKeys: 4,
            },
          ),
          { minLength: products, maxLength: products },
        ),
        sellers: fc.array(fc.integer({ min: -1, max: 3 }), { minLength: products, maxLength: products }),
        days: fc.array(day, { minLength: 18, maxLength: 18 }),
      })
      .chain((parts) =>
        fc.record({
          model: fc.constant(smallModel({ ...parts, configuration })),
          requests: fc.array(requestOf(products, parts.purchases.length, day), {
            minLength: 1,
            maxLength: 4,
          }),
        }),
      ),
  )
}

/** The list that a request is about a page of. */
export function listOf(request: RecommendationRequest): ListRequest {
  const { first: _, offset: __, ...list } = request
  return list
}

function requestOf(
  products: number,
  customers: number,
  day: fc.Arbitrary<number | null>,
): fc.Arbitrary<RecommendationRequest> {
  const page = { first: fc.nat(products + 1), offset: fc.nat(3), includePurchased: fc.boolean() }
  const history = fc.tuple(quantities(products), day).map(([row, bought]) =>
    Object.entries(row).map(([product, quantity]) => ({
      product: Number(product),
      quantity,
      purchasedAt: bought === null ? null : bought * DAY,
    })),
  )
  return fc.oneof(fc.record({ customer: fc.nat(customers - 1), ...page }), fc.record({ history, ...page }))
}
