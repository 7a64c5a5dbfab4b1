import { getIntrospectionQuery } from 'graphql'
import { median } from './sampling.ts'
import { olistIsThere } from './matrices.ts'
import { CUSTOMER, runLoad } from './serve-load.ts'
import { ask, startOurs } from './serve-ours.ts'
import { cpuMillisecondsPerRequest } from './serve-rounds.ts'
import { type Audience, readServedShop, writeOlistModel } from './serve-shop.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** An operation as it is priced, and as it is paid for. */
export interface PricedOperation {
  readonly name: string
  /** What the server estimates before it executes it. */
  readonly units: number
  /** Of the server's processor time, beyond that of `{ __typename }`; null where the system does not tell. */
  readonly milliseconds: number | null
}

export interface CostsOptions {
  readonly rounds: number
  readonly seconds: number
}

interface Operation {
  readonly name: string
  readonly query: string
  readonly audience?: Audience
}

const EMPTY = JSON.stringify({ query: '{ __typename }' })
const TEN = 'edges { node { rank } }'

const ofCustomer = (selection: string) =>
  `query ($customer: String!) { __typename customer(externalId: $customer) { ... on Customer { ${selection} } } }`
const list = (args: string, selection = TEN) => ofCustomer(`recommendations(${args}) { ${selection} }`)
const first = (selection: string) => list('first: 10', `edges { node { ${selection} } }`)

const at = (day: string, sku: string) =>
  `recommend(input: { history: [{ sku: "${sku}" }], at: "${day}T00:00:00Z" }, first: 10) {
    ... on RecommendationConnection { ${TEN} }
  }`

/** One of each kind that the table prices. The customer's id in a filter makes it a new one with each request. */
const operations = (sku: string): readonly Operation[] => [
  { name: 'a list of ten', query: list('first: 10') },
  { name: 'a list of 100', query: list('first: 100') },
  { name: 'the last page of a list', query: list('last: 10') },
  { name: 'a new filter', query: list(`first: 10, filter: { sellers: { noneOf: [$customer] } }`) },
  { name: 'diversity', query: list('first: 10, ranking: { diversity: 0.5 }') },
  {
    name: 'one boost',
    query: list('first: 10, ranking: { boosts: [{ multiplier: 2, filter: { minPopularity: 9 } }] }'),
  },
  { name: 'maxPerCategory', query: list('first: 10, ranking: { maxPerCategory: 2 }') },
  {
    name: 'similar to a purchase',
    query: ofCustomer(
      `purchases(first: 1) { edges { node { product { similar(first: 10) { edges { node { sku } } } } } } }`,
    ),
  },
  {
    name: 'related to a purchase',
    query: ofCustomer(
      `purchases(first: 1) { edges { node { product { recommendations(intent: RELATED, first: 10) { ${TEN} } } } } }`,
    ),
  },
  { name: 'also bought', query: ofCustomer(`alsoBought(first: 10) { ${TEN} }`) },
  { name: 'the last page of also bought', query: ofCustomer(`alsoBought(last: 10) { ${TEN} }`) },
  { name: 'buy again', query: ofCustomer(`buyAgain(first: 10) { ${TEN} }`) },
  { name: 'trending', query: `{ __typename trending(first: 10) { ${TEN} } }` },
  {
    name: 'trending at two other moments',
    query: `{ __typename trending(first: 10, at: "2018-01-01T00:00:00Z") { ${TEN} }
      other: trending(first: 10, at: "2018-02-01T00:00:00Z") { ${TEN} } }`,
  },
  { name: 'reasons of ten', query: first('reasons { amount }') },
  { name: 'explanations of ten', query: first('explanation { text }') },
  {
    name: 'decisive purchases of ten',
    query: first('decisivePurchases { purchases { product { sku } } }'),
    audience: 'repeat customers',
  },
  {
    name: 'two lists for other moments',
    query: `{ __typename ${['2018-01-01', '2018-02-01'].map((day) => `of${day.slice(5, 7)}: ${at(day, sku)}`)} }`,
  },
  {
    name: 'search of customers',
    query: `{ __typename searchCustomers(text: "ab", first: 10) { edges { node { externalId } } } }`,
  },
  { name: 'the schema', query: getIntrospectionQuery().replace('{', '{ __typename ') },
  {
    name: 'search of products',
    query: `{ __typename searchProducts(text: "bed", first: 10) { edges { node { sku } } } }`,
  },
]

/** What operations take of the server's processor beside what they are priced at; undefined without Olist's data. */
export async function benchCosts({ rounds, seconds }: CostsOptions): Promise<PricedOperation[] | undefined> {
  if (!olistIsThere()) return undefined
  const folder = temporaryFolder()
  const shop = await readServedShop(folder)
  const customer = shop.dataset.customers.at(shop.customers[0])
  console.error('  training')
  const server = await startOurs(await writeOlistModel(shop.dataset, folder), folder, customer)
  const cpuOf = async (body: string, audience: Audience, duration: number, round: number) => {
    const question = {
      url: server.url,
      body,
      expected: { at: ['data', '__typename'], length: 'Query'.length },
    }
    const settings = {
      customers: shop.audiences[audience],
      offset: round * 997,
      connections: 1,
      pid: server.pid,
    }
    const load = await runLoad({ ...question, ...settings, seconds: duration, warmUpSeconds: 0.5 })
    if (load.firstFailure !== null) throw new Error(`${body}: ${load.firstFailure}`)
    return cpuMillisecondsPerRequest(load)
  }
  const priced: PricedOperation[] = []
  for (const { name, query, audience = 'customers' } of operations(shop.dataset.products.at(0))) {
    console.error(`  ${name}`)
    const body = JSON.stringify({ query, variables: { customer: CUSTOMER } })
    const beyond: number[] = []
    for (let round = 0; round < rounds; round++) {
      const empty = await cpuOf(EMPTY, audience, seconds / 2, round)
      const whole = await cpuOf(body, audience, seconds, round)
      if (empty !== null && whole !== null) beyond.push(whole - empty)
    }
    const { extensions } = await ask(server.url, body, customer)
    priced.push({
      name,
      units: extensions.cost.requested,
      milliseconds: beyond.length === rounds ? median(beyond) : null,
    })
  }
  await server.stop()
  return priced
}

/** The results as lines for people. */
export function describeCosts(priced: readonly PricedOperation[]): string[] {
  return priced.map(({ name, units, milliseconds }) => {
    const paid = milliseconds === null ? 'not told' : `${milliseconds.toFixed(2)} ms beyond { __typename }`
    const unit = milliseconds === null ? '' : `: ${(milliseconds / units).toFixed(3)} ms a unit`
    return `${name}: ${units} units, ${paid}${unit}`
  })
}
