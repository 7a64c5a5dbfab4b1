/** Operations that take long for what they say, as found by trying: what is dear about each is in its name. */
export interface DearQuery {
  readonly name: string
  readonly query: string
}

/** What the operations are asked about. */
export interface Asked {
  /** Customers who bought a few products, at least twelve. */
  readonly customers: readonly string[]
  /** Customers who bought thousands. */
  readonly bulk: readonly string[]
  readonly categories: readonly string[]
}

const ofCustomer = (id: string, selection: string) =>
  `customer(externalId: ${JSON.stringify(id)}) { ... on Customer { ${selection} } }`
const list = (args: string, selection = 'rank') =>
  `recommendations(${args}) { edges { node { ${selection} } } }`
const whatIf = 'whatIf(withoutPurchases: []) { __typename }'

const times = (count: number, field: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => `a${i}: ${field(i)}`).join(' ')

const of = (name: string, field: string): DearQuery => ({ name, query: `{ ${field} }` })

/** The dearest operations that were found, each in the size of the default limits and in larger ones. */
export function expensiveQueries({ customers, bulk, categories }: Asked): DearQuery[] {
  const boosts = Array.from({ length: 5 }, (_, bit) => {
    const anyOf = JSON.stringify(categories.filter((_name, at) => (at >> bit) & 1))
    return `{ multiplier: ${1.1 + bit / 7}, filter: { categories: { anyOf: ${anyOf} } } }`
  }).join(' ')
  const [customer] = customers
  const many = (count: number, ranking: string) => {
    const ids = JSON.stringify(customers.slice(0, count))
    const selection = 'recommendations { edges { node { rank } } }'
    return `recommendations(externalIds: ${ids}, first: 100, ranking: { ${ranking} }) { ... on CustomerRecommendations { ${selection} } }`
  }
  return [
    ...[1, 22].map((n) =>
      of(
        `${n} whatIf, maxPerCategory 1`,
        ofCustomer(customer, list(`first: ${n}, ranking: { maxPerCategory: 1 }`, whatIf)),
      ),
    ),
    of(
      '15 aliased whatIf',
      ofCustomer(
        customer,
        list(
          'first: 1',
          times(15, () => whatIf),
        ),
      ),
    ),
    of('40 whatIf', ofCustomer(customer, list('first: 40', whatIf))),
    of('decisive purchases', ofCustomer(customer, list('first: 10', 'decisivePurchases { outcome }'))),
    of(
      'decisive purchases, 5 boosts, maxPerCategory',
      ofCustomer(
        customer,
        list(
          `first: 10, ranking: { maxPerCategory: 2, boosts: [${boosts}] }`,
          'decisivePurchases { outcome }',
        ),
      ),
    ),
    ...[2, 12].map((n) => of(`${n} customers, maxPerCategory 1`, many(n, 'maxPerCategory: 1'))),
    of('5 boosts', ofCustomer(customer, list(`first: 100, ranking: { boosts: [${boosts}] }`))),
    of(
      '5 boosts, diversity',
      ofCustomer(customer, list(`first: 100, ranking: { diversity: 0.5, boosts: [${boosts}] }`)),
    ),
    of(
      'diversity, maxPerCategory',
      ofCustomer(customer, list('first: 100, ranking: { diversity: 0.5, maxPerCategory: 1 }')),
    ),
    of(
      'the last page of a diverse list',
      ofCustomer(customer, list('last: 10, ranking: { diversity: 0.5 }')),
    ),
    of(
      '10 last pages',
      times(10, (i) => ofCustomer(customers[i], list('last: 10'))),
    ),
    of(
      '12 one-letter searches',
      times(12, (i) => `searchProducts(text: "${'abcdefghijkl'[i]}", first: 10) { edges { node { sku } } }`),
    ),
    of(
      '10 moments',
      times(
        10,
        (i) => `trending(at: "2018-0${1 + (i % 8)}-1${i}T00:00:00Z", first: 10) { edges { node { rank } } }`,
      ),
    ),
    of(
      'neighbours by factors',
      'products(first: 15) { edges { node { neighbours(by: FACTORS, first: 100) { edges { node { sku } } } } } }',
    ),
    of(
      'a filter of 60 conditions',
      `trending(first: 10, filter: { or: [${Array.from({ length: 60 }, (_, i) => `{ price: { min: ${i}, max: ${1e6 + i} } }`).join(' ')}] }) { edges { node { rank } } }`,
    ),
    of(
      '4,000 objects',
      times(14, () => 'products(first: 100) { edges { node { sku name category } } }'),
    ),
    ...bulk.flatMap((id) => [
      of(`the list of ${id}`, ofCustomer(id, list('first: 10'))),
      of(`reasons of ${id}`, ofCustomer(id, list('first: 6', 'reasons { amount }'))),
      of(`all reasons of ${id}`, ofCustomer(id, list('first: 100', 'reasons { amount }'))),
      of(`explanations of ${id}`, ofCustomer(id, list('first: 20', 'explanation { text }'))),
      of(`what-ifs of ${id}`, ofCustomer(id, list('first: 3', whatIf))),
      of(`decisive purchases of ${id}`, ofCustomer(id, list('first: 1', 'decisivePurchases { outcome }'))),
      of(`also bought, ${id}`, ofCustomer(id, 'alsoBought(first: 10) { edges { node { rank } } }')),
      of(`buy again, ${id}`, ofCustomer(id, 'buyAgain(first: 100) { edges { node { rank } } }')),
    ]),
  ]
}
