/**
 * The attack of Calandrino et al. 2011 (doi:10.1109/SP.2011.40) on a shop's public lists: who knows that somebody bought
 * a product asks what is bought beside it, and takes what the answers have in common with nobody else's for the rest of
 * that customer's purchases.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { mersenne } from 'pure-rand/generator/mersenne'
import type { Dataset } from '../../src/data/dataset.ts'
import { idTableOf } from '../../src/data/ids.ts'

/** Asks a server one GraphQL operation, and gives its data back. */
export type Ask = (query: string, variables: object) => Promise<any>

/** Where products bought together show: each names products, of a product that the attacker knows of. */
export interface Path {
  readonly name: string
  guess(ask: Ask, sku: string): Promise<readonly string[]>
}

/** Of lists of which only those at the top speak of the same customer: as strong as the strongest is taken. */
const AS_STRONG = 0.999

const LISTED = `... on RecommendationConnection { edges { node { product { sku } scores { hybrid collaborative { value }
  coPurchase { value } sameOrder { value } } reasons { __typename amount } } } }`

interface Listed {
  readonly product: { readonly sku: string }
  readonly scores: Readonly<
    Record<'collaborative' | 'coPurchase' | 'sameOrder', { value: number | null } | null>
  >
  readonly reasons: readonly { readonly __typename: string; readonly amount: number }[]
}

const nodeOf = ({ node }: { readonly node: Listed }) => node

const skusOf = (nodes: readonly Listed[]) => nodes.map(({ product }) => product.sku)

/** The products whose value is as great as the greatest. */
function strongest(nodes: readonly Listed[], value: (node: Listed) => number): string[] {
  const greatest = Math.max(0, ...nodes.map(value))
  return greatest > 0 ? skusOf(nodes.filter((node) => value(node) >= AS_STRONG * greatest)) : []
}

function basketPath(list: string, guess: (nodes: readonly Listed[]) => string[], name = list): Path {
  const query = `query ($sku: String!) { recommend(first: 100, input: { list: ${list}, includePurchased: false,
    history: [{ sku: $sku, quantity: 1 }] }) { ${LISTED} } }`
  return {
    name: `basket ${name}`,
    guess: async (ask, sku) => guess((await ask(query, { sku })).recommend.edges.map(nodeOf)),
  }
}

function productPath(intent: string): Path {
  const query = `query ($sku: String!) { product(sku: $sku) { ... on Product {
    recommendations(first: 100, intent: ${intent}) { edges { node { product { sku } } } } } } }`
  return {
    name: `product ${intent}`,
    guess: async (ask, sku) => skusOf((await ask(query, { sku })).product.recommendations.edges.map(nodeOf)),
  }
}

function neighbourPath(by: string): Path {
  const query = `query ($sku: String!) { product(sku: $sku) { ... on Product {
    neighbours(first: 100, by: ${by}) { edges { similarity node { sku } } } } } }`
  return {
    name: `neighbours ${by}`,
    guess: async (ask, sku) => {
      const { edges } = (await ask(query, { sku })).product.neighbours
      const near: { similarity: number; node: { sku: string } }[] = edges
      return near
        .filter(({ similarity }) => by !== 'FACTORS' || similarity >= AS_STRONG)
        .map(({ node }) => node.sku)
    },
  }
}

/** Every way to ask what goes with a product, without a known customer. */
export const PATHS: readonly Path[] = [
  basketPath('ALSO_BOUGHT', skusOf),
  basketPath('COMPLEMENTARY', skusOf),
  basketPath(
    'FOR_YOU',
    (nodes) =>
      skusOf(nodes.filter(({ reasons }) => reasons.some((r) => r.__typename === 'BoughtTogetherReason'))),
    'FOR_YOU by reasons',
  ),
  basketPath(
    'FOR_YOU',
    (nodes) => strongest(nodes, (n) => n.scores.collaborative?.value ?? 0),
    'FOR_YOU by factors',
  ),
  basketPath(
    'FOR_YOU',
    (nodes) => skusOf(nodes.filter(({ scores }) => (scores.coPurchase?.value ?? 0) > 0)),
    'FOR_YOU by co-purchase',
  ),
  productPath('COMPLEMENTARY'),
  neighbourPath('CO_PURCHASE'),
  neighbourPath('FACTORS'),
]

/** What an attack along one path got. */
export interface Taken {
  readonly path: string
  /** Customers whose whole history was named, and nothing beside it. */
  readonly whole: number
  /** Products named that only the one customer who bought the known product bought beside it. */
  readonly named: number
  /** Of how many customers, and products of theirs. */
  readonly customers: number
  readonly products: number
}

/**
 * Attacks customers who bought something that nobody else did, and something beside it.
 * @param most  so many customers at most
 */
export async function attackBaskets(dataset: Dataset, ask: Ask, most = 300): Promise<Taken[]> {
  const victims = victimsOf(dataset).slice(0, most)
  const taken: Taken[] = []
  for (const path of PATHS) {
    let whole = 0
    let named = 0
    let products = 0
    for (const { known, others } of victims) {
      const guess = new Set(await path.guess(ask, known))
      const hits = others.filter((sku) => guess.has(sku)).length
      named += hits
      products += others.length
      if (hits === others.length && guess.size === others.length) whole++
    }
    taken.push({ path: path.name, whole, named, customers: victims.length, products })
  }
  return taken
}

/** A customer to find out: a product that they alone bought, and what else they bought. */
interface Victim {
  readonly known: string
  readonly others: readonly string[]
}

function victimsOf({ customers, products, interactions }: Dataset): Victim[] {
  const bought = Array.from({ length: customers.size }, () => new Set<number>())
  const buyers = Array.from({ length: products.size }, () => new Set<number>())
  for (let line = 0; line < interactions.count; line++) {
    bought[interactions.customer[line]].add(interactions.product[line])
    buyers[interactions.product[line]].add(interactions.customer[line])
  }
  return bought.flatMap((history) => {
    const known = [...history].find((product) => buyers[product].size === 1)
    if (known === undefined || history.size < 3) return []
    const others = [...history].filter((product) => product !== known)
    return [{ known: products.at(known), others: others.map((product) => products.at(product)) }]
  })
}

/**
 * A shop like most: a few products sell to many, most to one or two. Each customer bought 3 to 6 products in one or two
 * orders, a third of them what sells well.
 */
export function longTailedShop(customerCount = 400, seed = 1): Dataset {
  const random = mersenne(seed)
  const draw = (below: number) => uniformInt(random, 0, below - 1)
  const popular = 40
  const productCount = popular + customerCount * 3
  const lines: { customer: number; product: number; order: number }[] = []
  let orders = 0
  const customersOfOrders: number[] = []
  for (let customer = 0; customer < customerCount; customer++) {
    const history = new Set<number>()
    const size = 3 + draw(4)
    while (history.size < size)
      history.add(draw(3) === 0 ? draw(popular) : popular + draw(productCount - popular))
    let place = 0
    for (const product of history) {
      if (place === 0 || place === 2) {
        orders++
        customersOfOrders.push(customer)
      }
      lines.push({ customer, product, order: orders - 1 })
      place++
    }
  }
  const products = Array.from({ length: productCount }, (_, product) => `p${product}`)
  const labels = Array.from({ length: 12 }, (_, category) => `category ${category}`)
  return {
    adapter: 'interactions',
    customers: idTableOf(Array.from({ length: customerCount }, (_, customer) => `c${customer}`)),
    products: idTableOf(products),
    interactions: {
      count: lines.length,
      customer: Uint32Array.from(lines, ({ customer }) => customer),
      product: Uint32Array.from(lines, ({ product }) => product),
      order: Uint32Array.from(lines, ({ order }) => order),
      quantity: new Float32Array(lines.length).fill(1),
      price: Float64Array.from(lines, ({ product }) => 5 + (product % 50)),
    },
    orders: {
      count: orders,
      customer: Uint32Array.from(customersOfOrders),
      timestamp: Float64Array.from(customersOfOrders, (_, order) => Date.UTC(2018, 0, 1) + order * 3_600_000),
    },
    category: {
      name: 'category',
      labels,
      codes: Int32Array.from(products, (_, product) => product % labels.length),
    },
    categorical: [],
    numeric: [],
    quarantined: 0,
    fingerprint: 'b'.repeat(64),
  }
}
