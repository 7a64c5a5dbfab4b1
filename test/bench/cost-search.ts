/**
 * A seeded search over the schema for operations that are dear, to hold their prices to what they take. What may be
 * asked of lists, with customers of short and of long histories, is drawn at random; the dearest found are varied; and
 * of all that were answered the hundred that took longest are reported beside their estimates.
 */
import { encodeGlobalID } from '@pothos/plugin-relay'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { pino } from 'pino'
import { Recommender } from '../../src/engine/recommender.ts'
import { trainModel } from '../../src/engine/train.ts'
import { UNIT } from '../../src/graphql/cost.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import type { Model } from '../../src/model/model.ts'
import { createHandler, type Handler } from '../../src/server/handler.ts'
import { type Limits, limitsOf } from '../../src/server/limits.ts'
import { ALL_SCOPES } from '../../src/store/scope.ts'
import { withBulkBuyers } from './bulk.ts'
import { olistIsThere, readOlist } from './matrices.ts'

/** An operation beside what it took. */
export interface DearOperation {
  readonly query: string
  readonly units: number
  /** Of all threads of the process, in ms. */
  readonly milliseconds: number
  /** The longest that the thread was held at a stretch, by its own time, in ms. */
  readonly held: number
}

export interface CostSearchOptions {
  readonly seed: number
  /** Operations tried. */
  readonly tries: number
}

/** So many of the dearest are reported, and varied. */
const DEAREST = 100

/** What choices are made by, of a list of numbers: so that an operation can be varied by changing a few. */
type Genes = readonly number[]

/** So many choices are made for one operation at most. */
const GENES = 24

/** Customers who bought little, and who bought much. */
export const BULK = { 'bulk-40': 40, 'bulk-400': 400, 'bulk-4000': 4000, 'bulk-20000': 20_000 }

/** The dearest operations that searches find on Olist; undefined without its data. */
export async function searchCosts({
  seeds,
  tries,
}: {
  readonly seeds: readonly number[]
  readonly tries: number
}): Promise<CostSearch[] | undefined> {
  if (!olistIsThere()) return undefined
  const { model, kernels } = await searchedShop()
  const searches: CostSearch[] = []
  for (const seed of seeds) {
    const { dear } = await searchIn(model, kernels, { seed, tries })
    searches.push({ seed, dear })
  }
  await kernels.close()
  return searches
}

/** What the search with one seed found. */
export interface CostSearch {
  readonly seed: number
  /** The dearest first. */
  readonly dear: readonly DearOperation[]
}

/** Olist with customers who bought much. */
export async function searchedShop(): Promise<{ readonly model: Model; readonly kernels: Kernels }> {
  console.error('  training')
  const kernels = await openKernels()
  const dataset = withBulkBuyers(await readOlist(), BULK)
  return { model: await trainModel(dataset, configure('default'), kernels), kernels }
}

/**
 * As `searchCosts`, of a model at hand and with one seed.
 * @param limits  where they are not the default ones
 * @returns the dearest, and all that were answered, each measured once
 */
export async function searchIn(
  model: Model,
  kernels: Kernels,
  { seed, tries }: CostSearchOptions,
  limits: Partial<Limits> = {},
): Promise<{ readonly dear: DearOperation[]; readonly all: DearOperation[] }> {
  const recommender = new Recommender(model, kernels)
  const measure = await measuring(recommender, limits)
  const write = writing(model)
  const generator = xoroshiro128plus(seed)
  const draw = (most: number) => uniformInt(generator, 0, most)
  const genes = () => Array.from({ length: GENES }, () => draw(1_000_000))
  const found: { genes: Genes; operation: DearOperation }[] = []
  const asked = new Set<string>()
  const dearest = () =>
    found.toSorted((a, b) => b.operation.milliseconds - a.operation.milliseconds).slice(0, DEAREST)
  // What is compiled only when it runs often is not the operation's.
  for (let i = 0; i < 60; i++) await measure(write(genes()))
  for (let done = 0; done < tries; done++) {
    if (done % 100 === 99) console.error(`  ${done + 1} operations tried`)
    // The first third is drawn; the others are variants of the dearest so far.
    const parents = done < tries / 3 ? [] : dearest()
    const parent = parents.at(draw(Math.max(0, parents.length - 1)))
    const own = parent ? parent.genes.map((gene) => (draw(5) === 0 ? draw(1_000_000) : gene)) : genes()
    const query = write(own)
    if (asked.has(query)) continue
    asked.add(query)
    const operation = await measure(query)
    if (operation) found.push({ genes: own, operation })
  }
  const dear: DearOperation[] = []
  // Once more, since a single measurement may be somebody else's garbage: what is reported is the lesser.
  for (const { operation } of dearest()) {
    const again = await measure(operation.query)
    dear.push(again && again.milliseconds < operation.milliseconds ? again : operation)
  }
  recommender.close()
  dear.sort((a, b) => b.milliseconds - a.milliseconds)
  return { dear, all: found.map(({ operation }) => operation) }
}

/** The least and the greatest of what a unit took, over what it stands for; and the longest that the thread was held. */
export function describeCostSearch({ seed, dear }: CostSearch): string[] {
  const ratios = dear.map(({ units, milliseconds }) => milliseconds / UNIT / units).sort((a, b) => a - b)
  const within = ratios.filter((ratio) => ratio <= 3 && ratio >= 1 / 3).length
  return [
    ...dear.slice(0, 20).map(describe),
    `seed ${seed}, ${dear.length} dearest: a unit took ${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)} of what it stands for, ` +
      `${within} of them a third to three times that; the thread was held ` +
      `${Math.max(...dear.map(({ held }) => held)).toFixed(1)} ms at most`,
  ]
}

const describe = ({ query, units, milliseconds, held }: DearOperation) =>
  `${milliseconds.toFixed(1)} ms, ${units} units, ${(milliseconds / UNIT / units).toFixed(2)} × the price, held ` +
  `${held.toFixed(1)} ms: ${query.replaceAll(/\s+/g, ' ').slice(0, 300)}`

/** Of this thread, in ms. */
function threadTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

let times = 0

/** The same of other moments and prices: neither sales nor filters are at hand from before. */
function anew(query: string): string {
  times = (times + 1) % 3600
  const [minute, second] = [Math.floor(times / 60), times % 60].map((part) => String(part).padStart(2, '0'))
  return query
    .replaceAll('T00:00:00Z', `T00:${minute}:${second}Z`)
    .replaceAll(ANY_PRICE, `max: ${9_000_000 + times}`)
}

/** Of a filter that lets every product through. */
const ANY_PRICE = 'max: 9000000'

/** Asks one operation of a server in this process; undefined where it is refused or fails. */
export async function measuring(
  recommender: Recommender,
  limits: Partial<Limits> = {},
): Promise<(query: string) => Promise<DearOperation | undefined>> {
  const handler: Handler = await createHandler(
    { recommender, logger: pino({ level: 'silent' }) },
    {
      endpoint: '/graphql',
      introspection: false,
      trustProxy: 0,
      token: null,
      audience: '',
      graphiql: false,
      corsOrigins: [],
      requireKeys: false,
      keyless: ALL_SCOPES,
      limits: limitsOf({ rateLimit: null, seconds: 60, ...limits }),
    },
  )
  const ask = (query: string) =>
    handler.fetch(
      new Request('http://localhost/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      }),
    )
  return async (asked) => {
    // Asked beforehand: what is compiled when it runs often is, and what is kept of customers is at hand.
    const before = (await (await ask(anew(asked))).json()) as { errors?: unknown }
    if (before.errors !== undefined) return undefined
    const watch = { held: 0, last: threadTime(), isOver: false }
    const tick = () => {
      const now = threadTime()
      watch.held = Math.max(watch.held, now - watch.last)
      watch.last = now
      if (!watch.isOver) setImmediate(tick)
    }
    setImmediate(tick)
    const query = anew(asked)
    const began = process.cpuUsage()
    const { errors, extensions } = (await (await ask(query)).json()) as {
      errors?: unknown
      extensions?: { cost?: { requested: number } }
    }
    const { user, system } = process.cpuUsage(began)
    watch.isOver = true
    const units = extensions?.cost?.requested
    if (errors !== undefined || units === undefined) return undefined
    return { query: asked, units, milliseconds: (user + system) / 1000, held: watch.held }
  }
}

/** Writes an operation by the choices of its genes. */
function writing(model: Model): (genes: Genes) => string {
  const { customers, products, category, histories } = model
  const bought = (customer: number) => histories.indptr[customer + 1] - histories.indptr[customer]
  const repeat: string[] = []
  const others: string[] = []
  for (let customer = 0; customer < customers.size; customer++) {
    if (bought(customer) >= 4) repeat.push(customers.at(customer))
    else if (bought(customer) > 0 && others.length < 2000) others.push(customers.at(customer))
  }
  return (genes) => {
    let at = 0
    const choose = (count: number) => genes[at++ % genes.length] % count
    const oneOf = <Item>(items: readonly Item[]): Item => items[choose(items.length)]
    const customer = () => oneOf([oneOf(others), oneOf(repeat), oneOf(repeat), oneOf(Object.keys(BULK))])
    const boost = (i: number) => {
      const filter = oneOf([
        `minPopularity: ${1 + i}`,
        `categories: { anyOf: ${JSON.stringify(category.labels.filter((_, label) => (label >> i) & 1))} }`,
        `price: { min: ${10 * (i + 1)} }`,
      ])
      return `{ multiplier: ${1.1 + i / 10}, filter: { ${filter} } }`
    }
    const ranking = () => {
      const parts = [
        oneOf(['', 'diversity: 0.5', 'diversity: 1']),
        oneOf(['', 'maxPerCategory: 1', 'maxPerCategory: 3']),
        oneOf(['', '', 'explorationRate: 0.5, seed: 1']),
      ]
      const boosts = oneOf([0, 0, 1, 2, 5])
      if (boosts > 0) parts.push(`boosts: [${Array.from({ length: boosts }, (_, i) => boost(i)).join(', ')}]`)
      const given = parts.filter((part) => part !== '')
      return given.length === 0 ? '' : `, ranking: { ${given.join(', ')} }`
    }
    const page = () => oneOf(['first: 1', 'first: 10', 'first: 30', 'first: 100', 'last: 10', 'last: 100'])
    const args = () => `(${page()}${ranking()}${oneOf(['', '', `, filter: { price: { ${ANY_PRICE} } }`])})`
    const reason = '__typename amount share'
    const selection = () =>
      oneOf([
        'rank',
        'rank product { sku name category } scores { hybrid }',
        `rank reasons(first: 3) { ${reason} }`,
        `rank reasons { ${reason} }`,
        'rank explanation { text }',
        'whatIf(withoutPurchases: []) { __typename }',
        'decisivePurchases { outcome purchases { product { sku } } }',
        'decisivePurchases(first: 3) { outcome }',
      ])
    const list = () => `${args()} { edges { node { ${selection()} } } }`
    /** Without nothing, the first purchases, or all of a short history. */
    const whatIf = (id: string) => {
      const count = oneOf([0, 1, 1, 2, 50])
      const begin = histories.indptr[customers.indexOf(id)]
      const taken = Math.min(count, bought(customers.indexOf(id)))
      const ids = Array.from({ length: taken }, (_, i) =>
        encodeGlobalID('Product', products.at(histories.indices[begin + i])),
      )
      return `whatIf(withoutPurchases: ${JSON.stringify(ids)}) { __typename }`
    }
    const aliased = (field: () => string) =>
      Array.from({ length: oneOf([1, 1, 3, 8, 14]) }, (_, i) => `a${i}: ${field()}`).join(' ')
    const ofCustomer = (field: string, id = customer()) =>
      `customer(externalId: "${id}") { ... on Customer { ${field} } }`
    const sku = () => JSON.stringify(products.at(choose(products.size)))
    const moment = () => `2018-0${1 + choose(8)}-1${choose(9)}T00:00:00Z`
    const recommendations = () => ofCustomer(`recommendations${list()}`)
    const root = oneOf<() => string>([
      () => aliased(recommendations),
      () => aliased(recommendations),
      () => aliased(recommendations),
      () => {
        const id = customer()
        return ofCustomer(`recommendations${args()} { edges { node { ${aliased(() => whatIf(id))} } } }`, id)
      },
      () => {
        const ids = Array.from({ length: oneOf([3, 12, 100]) }, customer)
        return `recommendations(externalIds: ${JSON.stringify(ids)}, ${args().slice(1)} {
          ... on CustomerRecommendations { recommendations { edges { node { ${selection()} } } } } }`
      },
      () => aliased(() => ofCustomer(`${oneOf(['alsoBought', 'buyAgain'])}${list()}`)),
      () => aliased(() => `trending(at: "${moment()}", ${args().slice(1)} { edges { node { rank } } }`),
      () =>
        aliased(
          () =>
            `recommend(input: { history: [${Array.from({ length: oneOf([1, 10, 90]) }, () => `{ sku: ${sku()} }`).join(' ')}], at: "${moment()}" }, ${args().slice(1)} { ... on RecommendationConnection { edges { node { ${selection()} } } } }`,
        ),
      () =>
        aliased(
          () =>
            `searchProducts(text: "${oneOf([...'abcdefghijklmnoprstuvz'])}", ${page()}) { edges { node { sku } } }`,
        ),
      () =>
        aliased(
          () =>
            `searchCustomers(text: "${oneOf([...'0123456789abcdef'])}zz", first: 10) { edges { node { externalId } } }`,
        ),
      () =>
        `products(first: ${oneOf([10, 50, 100])}) { edges { node { sku neighbours(by: ${oneOf(['CONTENT', 'CO_PURCHASE', 'FACTORS'])}, first: ${oneOf([10, 100])}) { edges { node { sku } } } } } }`,
      () =>
        `products(first: ${oneOf([10, 50, 100])}) { edges { node { sku recommendations(intent: RELATED, first: ${oneOf([10, 100])}) { edges { node { rank reasons { amount } } } } } } }`,
      () =>
        `customers(first: ${oneOf([10, 50])}) { edges { node { externalId recommendations(first: ${oneOf([5, 30])}) { edges { node { ${selection()} } } } } } }`,
      () =>
        aliased(() => `products(first: 100) { edges { node { sku name category a: sku b: sku c: name } } }`),
    ])
    return `{ ${root()} }`
  }
}
