import {
  getIntrospectionQuery,
  getOperationAST,
  getVariableValues,
  Kind,
  legacyExecuteIncrementally,
  parse,
} from 'graphql'
import {
  buildSchema,
  GraphQLDeferDirective,
  GraphQLSchema,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'
import type { ExecutionArgs, GraphQLOutputType } from 'graphql'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Around,
  type CostTable,
  costTable,
  EXPLANATION_COST,
  INTROSPECTION_COST,
  type CostInputs,
} from '../../src/graphql/cost.ts'
import { PRICES } from '../../src/graphql/prices.ts'
import { setsTried } from '../../src/engine/decisive-purchases.ts'
import { schema } from '../../src/graphql/schema.ts'
import { operationCost } from '../../src/server/operation-cost.ts'

/** Customers "long" and "endless" bought 100 and 20,000 products; cursors are of the place that they say. */
const inputs: CostInputs = {
  bought: (id) => ({ long: 100, endless: 20_000 })[id] ?? 0,
  position: (cursor) => Number(/^place (\d+)$/.exec(cursor)?.[1] ?? 0),
  own: 100,
}

function costIn(of: GraphQLSchema, table: CostTable, query: string, variables: Record<string, unknown> = {}) {
  const document = parse(query)
  const operation = getOperationAST(document)!
  const values = getVariableValues(of, operation.variableDefinitions ?? [], variables)
  if (values.variableValues === undefined) throw values.errors[0]
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return operationCost(operation, {
    schema: of,
    table,
    shop: inputs,
    variables: values.variableValues,
    fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])),
  })
}

/** Boxes hold boxes; a toy or a book is a thing. */
const boxes = buildSchema(`
  type Query { box(first: Int): BoxConnection  one: Box  thing: Thing  three: [Box] }
  type BoxConnection { edges: [BoxEdge]  pageInfo: PageInfo }
  type BoxEdge { node: Box  cursor: String }
  type PageInfo { hasNextPage: Boolean }
  type Box { name: String  inner(first: Int = 4, last: Int): BoxConnection  lid: Lid  search: Lid }
  type Lid { colour: String }
  union Thing = Toy | Book
  type Toy { name: String  lid: Lid }
  type Book { name: String  box: Box }
`)
const table: CostTable = {
  'Query.three': { cost: () => 7, size: () => 3 },
  'Box.search': { perList: () => 100 },
  Lid: { cost: () => 2 },
  '__Schema.types': { size: () => 32 },
  '__Type.fields': { size: () => 8 },
}
const cost = (query: string, variables?: Record<string, unknown>) => costIn(boxes, table, query, variables)

const withFragment = (fragments: string) => `query ($no: Boolean = false) { one { name ${fragments} } }
  fragment F on Box { lid { colour } }`

describe('an operation is estimated, by hand:', () => {
  test.each([
    // The root alone; scalars are free.
    ['{ __typename }', 1, 1],
    // The root, and a box.
    ['{ one { name } }', 2, 2],
    // A lid costs 2 besides the 1.
    ['{ one { lid { colour } } }', 1 + 1 + 3, 3],
    // What wraps a list costs nothing, but is an object: connection, pageInfo, 5 edges, 5 boxes.
    [
      '{ box(first: 5) { pageInfo { hasNextPage } edges { cursor node { name } } } }',
      1 + 5,
      1 + 1 + 1 + 5 + 5,
    ],
    // Pages multiply: 2 boxes of 4 by default, or of the last 3.
    [
      '{ box(first: 2) { edges { node { inner { edges { cursor } } } } } }',
      1 + 2,
      1 + 1 + 2 * (1 + 1 + 1 + 4),
    ],
    [
      '{ box(first: 2) { edges { node { inner(first: null, last: 3) { edges { node { name } } } } } } }',
      1 + 2 + 2 * 3,
      1 + 1 + 2 * (2 + 1 + 3 * 2),
    ],
    // Ten where nothing is said; none of a page that is empty or cannot be; at most a hundred.
    ['{ box { edges { node { name } } } }', 1 + 10, 1 + 1 + 20],
    ['{ box(first: 0) { edges { node { name } } } }', 1, 2],
    ['{ box(first: -5) { edges { node { name } } } }', 1, 2],
    ['{ box(first: 2000000000) { edges { node { name } } } }', 1 + 100, 1 + 1 + 200],
    // As the table says.
    ['{ three { name } }', 1 + 7 + 3, 1 + 3],
    // What the entries of a list share is counted once for each list: here for 1 and for 2.
    ['{ box(first: 5) { edges { node { search { colour } } } } }', 1 + 5 + 100 + 5 * 3, 1 + 1 + 5 * 3],
    [
      '{ box(first: 2) { edges { node { inner { edges { node { search { colour } } } } } } } }',
      1 + 2 * (1 + 4 + 100 + 4 * 3),
      1 + 1 + 2 * (2 + 1 + 4 * 3),
    ],
    // The dearer of two types: a book with its box, or a toy with its lid.
    ['{ thing { ... on Toy { lid { colour } } ... on Book { box { name } } } }', 1 + 1 + 3, 3],
    ['{ thing { __typename } }', 2, 2],
  ])('%s', (query, expected, nodes) => {
    expect(cost(query)).toEqual({ cost: expected, nodes })
  })

  test('fields of one name are one, and a fragment that is spread twice is spread once', () => {
    const twice =
      'query { one { lid { colour } ...F } one { ...F lid { colour } } } fragment F on Box { lid { colour } }'
    expect(cost(twice)).toEqual(cost('{ one { lid { colour } } }'))
  })

  test('aliases are fields of their own', () => {
    expect(cost('{ a: one { name } b: one { name } }')).toEqual({ cost: 3, nodes: 3 })
  })

  test('a deferred fragment counts by itself, as often as it is spread', () => {
    const deferred = '...F @defer '
    // The root and the box; a lid costs 3, each time.
    expect(cost(withFragment(deferred))).toEqual({ cost: 2 + 3, nodes: 2 + 1 })
    expect(cost(withFragment(deferred.repeat(5)))).toEqual({ cost: 2 + 5 * 3, nodes: 2 + 5 })
    expect(cost(withFragment(`... @defer { ...F } ${deferred} @include(if: true)`))).toEqual({
      cost: 8,
      nodes: 4,
    })
    expect(cost(withFragment('...F @defer(if: false) ...F @defer(if: $no)'))).toEqual({ cost: 5, nodes: 3 })
    // What is there already is not asked for again.
    expect(cost(withFragment(`...F ${deferred.repeat(5)}`))).toEqual({ cost: 5, nodes: 3 })
    // What is spread inside of a deferred parent is deferred with it, and asked for again by a part of its own.
    expect(cost(withFragment('... @defer { ...F ...F @defer }'))).toEqual({ cost: 2 + 2 * 3, nodes: 2 + 2 })
    const inside = '... @defer { inner(first: 2) { edges { node { ...F ...F @defer } } } }'
    expect(cost(withFragment(inside)).nodes).toBe(2 + 1 + 2 + 2 + 2 * 2)
    // Entries share no search across fragments.
    const search = '... @defer { search { colour } } '
    expect(cost(`{ one { ${search.repeat(3)} } }`).cost).toBe(2 + 3 * (3 + 100))
  })

  test('what is skipped costs nothing', () => {
    const query = 'query ($yes: Boolean!) { one @skip(if: $yes) { name } three @include(if: $yes) { name } }'
    expect(cost(query, { yes: true })).toEqual({ cost: 11, nodes: 4 })
    expect(cost(query, { yes: false })).toEqual({ cost: 2, nodes: 2 })
  })

  test('variables give the length of a page, or their defaults do', () => {
    const query = 'query ($n: Int = 3) { box(first: $n) { edges { node { name } } } }'
    expect(cost(query, { n: 7 }).cost).toBe(1 + 7)
    expect(cost(query).cost).toBe(1 + 3)
  })

  test('questions about the schema cost a little for each object of it, and count as none', () => {
    // A schema, its 32 types, and 8 fields of each; at a 32nd.
    expect(cost('{ __schema { types { name fields { name } } } }')).toEqual({
      cost: Math.ceil(1 + (1 + 32 + 32 * 8) / 32),
      nodes: 1,
    })
    expect(cost('{ __type(name: "Box") { name } }').cost).toBe(2)
  })
})

test('an operation never returns more objects than were estimated', async () => {
  const box: unknown = {
    name: 'box',
    get lid() {
      return { colour: 'red' }
    },
    get search() {
      return { colour: 'blue' }
    },
    inner: (args: { first: number | null; last?: number }) => page(args.first ?? args.last ?? 10),
  }
  const page = (size: number) => ({
    pageInfo: { hasNextPage: true },
    edges: Array.from({ length: size }, () => ({ cursor: 'c', node: box })),
  })
  const rootValue = {
    one: box,
    three: [box, box, box],
    box: ({ first }: { first?: number }) => page(first ?? 10),
  }
  const boxed = fc.letrec<{ set: string; field: string; connection: string }>((tie) => ({
    set: fc.array(tie('field'), { minLength: 1, maxLength: 3 }).map((fields) => `{ ${fields.join(' ')} }`),
    field: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(
        'name',
        'lid { colour }',
        'search { colour }',
        '... @skip(if: true) { lid { colour } }',
      ),
      fc
        .tuple(fc.integer({ min: 0, max: 3 }), tie('connection'))
        .map(([n, set]) => `i${n}: inner(first: ${n}) ${set}`),
      tie('set').map((set) => `... on Box ${set}`),
      fc
        .tuple(fc.constantFrom('', '(if: false)', '(if: true)'), fc.oneof(tie('set'), fc.constant(null)))
        .map(([condition, set]) => (set ? `... @defer${condition} ${set}` : `...Lid @defer${condition}`)),
      fc.constantFrom('...Lid', '...Both', '...Later', '...Both @defer', '...Later @defer(if: true)'),
    ),
    connection: tie('set').map((set) => `{ pageInfo { hasNextPage } edges { node ${set} } }`),
  }))
  const queries = fc.tuple(boxed.set, boxed.connection, boxed.set, fc.nat(4)).map(
    ([one, connection, three, n]) => `{ one ${one} box(first: ${n}) ${connection} three ${three} }
        fragment Lid on Box { lid { colour } search { colour } }
        fragment Both on Box { ...Lid ...Lid @defer lid { colour } }
        fragment Later on Box { ... @defer { ...Both inner(first: 1) { edges { node { ...Lid @defer ...Lid } } } } }`,
  )
  await fc.assert(
    fc.asyncProperty(queries, async (query) => {
      // The older format, which works out each deferred fragment by itself.
      const returned = await objectsReturned({ schema: deferring, document: parse(query), rootValue })
      // All lists are full here, so that the estimate is exact.
      expect(cost(query).nodes).toBe(returned)
    }),
    // `RUNS=100000 npx vitest run test/server/operation-cost.test.ts` tries as many.
    { numRuns: Number(process.env['RUNS'] ?? 300) },
  )
})

const deferring = new GraphQLSchema({
  ...boxes.toConfig(),
  directives: [...boxes.getDirectives(), GraphQLDeferDirective],
})

async function objectsReturned(args: ExecutionArgs): Promise<number> {
  const result = await legacyExecuteIncrementally(args)
  if (!('initialResult' in result)) {
    expect(result.errors).toBeUndefined()
    return objectsIn(result.data)
  }
  expect(result.initialResult.errors).toBeUndefined()
  let objects = objectsIn(result.initialResult.data)
  for await (const { incremental = [] } of result.subsequentResults) {
    for (const part of incremental) {
      expect(part.errors).toBeUndefined()
      // More of an object that has been counted.
      if ('data' in part) objects += objectsIn(part.data) - 1
    }
  }
  return objects
}

function objectsIn(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0
  const held = Object.values(value).reduce((sum: number, one) => sum + objectsIn(one), 0)
  return Array.isArray(value) ? held : 1 + held
}

const EVERYTHING = {
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
}

const shop = costTable(EXPLANATION_COST.TEMPLATE)
const shopCost = (query: string) => costIn(schema, shop, query).cost
const trending = (args: string) => shopCost(`{ trending(first: 1${args}) { edges { cursor } } }`)

const stated = (size: number, more = '') =>
  `(input: { ${more} history: [${'{ sku: "a" } '.repeat(size)}] }, first: 1)`
const recommend = (args: string) =>
  shopCost(`{ recommend${args} { ... on RecommendationConnection { edges { cursor } } } }`)
const stream = (args: string) => shopCost(`subscription { explanationStream${args} { __typename } }`)
const last = (field: string) => shopCost(`{ ${field} { edges { cursor } } }`)
const ofCustomer = (args: string) =>
  shopCost(
    `{ customer(externalId: "a") { ... on Customer { recommendations(${args}) { edges { cursor } } } } }`,
  )
const ofMany = (args: string) =>
  shopCost(`{ recommendations(externalIds: ["a", "b"], ${args}) { __typename } }`)

const listOfCustomer = (list: string, args: string) =>
  shopCost(
    `{ customer(externalId: "x") { ... on Customer { ${list}(first: 1${args}) { edges { cursor } } } } }`,
  )

const boosted = (count: number) =>
  `, ranking: { boosts: [${'{ multiplier: 2, filter: { minPopularity: 1 } } '.repeat(count)}] }`

const reasonsOf = (id: string, args = '') =>
  costIn(
    schema,
    shop,
    `{ customer(externalId: "${id}") { ... on Customer { recommendations(first: 1) { edges { node {
          reasons${args} { amount } } } } } } }`,
  ).nodes

const costOf = (ranking: string, field: string, id = 'short') =>
  shopCost(`{ customer(externalId: "${id}") { ... on Customer {
        recommendations(first: 1${ranking}) { edges { node { rank ${field} } } } } } }`)

/** Prices are summed exactly and rounded up once. */
const units = (...parts: readonly number[]) => Math.ceil(parts.reduce((sum, part) => sum + part, 0) - 1e-9)

/** The root, and what sells down to the first place. */
const trendingOne = 1 + PRICES.trending + PRICES.rankedPlace

const nowhere: Around = { page: 0, bought: 2, interest: 2, list: () => 0, ranking: null, shop: inputs }

describe('the table of costs', () => {
  const objects = Object.values(schema.getTypeMap()).filter(isObjectType)
  const fields = objects.flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })),
  )

  test('names what the schema has', () => {
    const names = new Set([...objects.map(({ name }) => name), ...fields.map(({ name }) => name)])
    expect(Object.keys(shop).filter((name) => !names.has(name))).toEqual([])
  })

  test('has a length for each list of objects that is not a page', () => {
    const lists = fields.filter(
      ({ field }) => isCompositeType(getNamedType(field.type)) && holdsList(field.type),
    )
    const unsaid = lists.filter(
      ({ name }) => !name.endsWith('Connection.edges') && shop[name]?.size === undefined,
    )
    expect(unsaid.map(({ name }) => name)).toEqual([])
  })

  test('has each list of recommendations', () => {
    const lists = fields.filter(({ field }) => {
      const type = getNamedType(field.type)
      const possible = isCompositeType(type) && !isObjectType(type) ? schema.getPossibleTypes(type) : [type]
      return possible.some(({ name }) => name === 'RecommendationConnection')
    })
    expect(lists.map(({ name }) => name).filter((name) => shop[name] === undefined)).toEqual([])
  })

  test('counts each purchase of a history that is stated, and the moment that it is for', () => {
    const { list, place, stated: each, moment, rankedMoment } = PRICES
    // The root, a list with one place, and the purchases; an error in its place, or an event of the stream.
    const expected = [1, 10, 100].map((size) => units(1, list, place, size * each, 1))
    expect([1, 10, 100].map((size) => recommend(stated(size)))).toEqual(expected)
    expect([1, 10, 100].map((size) => stream(stated(size)))).toEqual(expected)
    expect(recommend(stated(1, 'at: "2018-01-01T00:00:00Z"'))).toBe(units(2, list, place, each, moment))
    expect(trending(', at: "2018-01-01T00:00:00Z"')).toBe(units(trendingOne, rankedMoment))
    expect(stream('(externalId: "a", first: 1)')).toBe(units(1, list, place, 1))
  })

  test('counts the last page of a list as the thousand that have to be ranked for it', () => {
    const { trending: own, rankedPlace, lastRanked, place, lastPage } = PRICES
    expect(last('trending(last: 5)')).toBe(units(1, own, 1001 * rankedPlace, lastRanked))
    // What stands before a cursor is a page like any other.
    expect(last('trending(last: 5, before: "c")')).toBe(units(1, own))
    expect(last('customers(last: 5)')).toBe(1)
    // The places of 1,001, and to make them all.
    expect(ofCustomer('last: 5')).toBe(units(2, PRICES.list, 1001 * place, lastPage))
    expect(ofMany('last: 5')).toBe(units(1, 2 * (PRICES.listOfMany + 1001 * place + lastPage), 2))
  })

  test('counts it for every ranked list, whose length is not known', () => {
    const paged = fields.filter(({ field }) => field.args.some(({ name }) => name === 'last'))
    const dearer = paged.filter(({ name }) => {
      const price = shop[name]?.cost
      const asked = { customerIds: ['a'] }
      return (
        price !== undefined && price({ ...asked, last: 1 }, nowhere) > price({ ...asked, first: 1 }, nowhere)
      )
    })
    const sized = new Set(['Customer.purchases', 'Query.categories', 'Query.customers', 'Query.products'])
    expect(dearer.map(({ name }) => name)).toEqual(
      paged.map(({ name }) => name).filter((name) => !sized.has(name)),
    )
  })

  test('lets a batch of a hundred customers with ten products each pass, and not one of boosts besides', () => {
    const ids = JSON.stringify(Array.from({ length: 100 }, (_, i) => `customer-${i}`))
    const batch = (args: string) => `{ recommendations(externalIds: ${ids}, first: 10${args}) {
      ... on CustomerRecommendations { recommendations { edges { node { product { sku } } } } }
    } }`
    const { listOfMany, place, recommendation, product } = PRICES
    // The root; for each of 100 a list of ten places, the customer's entry, and 10 recommendations with their products.
    expect(shopCost(batch(''))).toBe(
      units(1, 100 * (listOfMany + 10 * place + 1 + 10 * recommendation + 10 * product)),
    )
    expect(shopCost(batch(''))).toBeLessThan(5000)
    expect(shopCost(batch(', ranking: { diversity: 0.5, maxPerCategory: 2 }'))).toBeGreaterThan(5000)
  })

  test('lets a batch of a hundred customers pass with ten products each, their scores and three reasons', () => {
    const ids = JSON.stringify(Array.from({ length: 100 }, (_, i) => `customer-${i}`))
    const query = `{ recommendations(externalIds: ${ids}, first: 10) { ... on CustomerRecommendations {
      customer { externalId }
      recommendations { edges { cursor node {
        rank product { sku name category } scores { hybrid final }
        reasons(first: 3) { __typename amount share }
      } } pageInfo { hasNextPage endCursor } } } } }`
    expect(shopCost(query)).toBeLessThan(5000)
    expect(costIn(schema, shop, query).nodes).toBeLessThan(10_000)
  })

  test('does not let the decisive purchases of 100 recommendations of 50 customers pass', () => {
    const each = 'recommendations(first: 100) { edges { node { decisivePurchases { outcome } } } }'
    expect(shopCost(`{ customers(first: 50) { edges { node { ${each} } } } }`)).toBeGreaterThan(5000)
    // One search is shared by all the products of a list.
    expect(shopCost(`{ customer(externalId: "a") { ... on Customer { ${each} } } }`)).toBe(
      // Two purchases have four subsets.
      units(
        2,
        PRICES.list + 100 * PRICES.place,
        PRICES.decisive + 4 * PRICES.decisiveSet * (PRICES.list + 10 * PRICES.place),
        100 * (PRICES.recommendation + 1),
      ),
    )
  })

  test('counts the purchases of a customer, in every field that names one', () => {
    const list = '{ ... on Customer { recommendations(first: 1) { edges { cursor } } } }'
    const of = (id: string) => shopCost(`{ customer(externalId: "${id}") ${list} }`)
    const { read, leftOut, list: own, place, listOfMany } = PRICES
    // What is read, at most 500, and what there is.
    expect(of('long')).toBe(units(2, own, place, 100 * read, 100 * leftOut))
    expect(of('endless')).toBe(units(2, own, place, 500 * read, 20_000 * leftOut))
    const query = `query ($id: String!) { customer(externalId: $id) ${list} }`
    expect(costIn(schema, shop, query, { id: 'long' }).cost).toBe(of('long'))
    expect(shopCost(`{ node(id: "long") ${list} }`)).toBe(of('long'))
    // Who asks for themselves bought 100.
    expect(shopCost('{ viewer { recommendations(first: 1) { edges { cursor } } } }')).toBe(of('long'))
    const many = (ids: string) =>
      shopCost(`{ recommendations(externalIds: [${ids}], first: 1) { __typename } }`)
    expect(many('"short", "long"')).toBe(units(1, 2 * (listOfMany + place + 100 * read + 100 * leftOut), 2))
  })

  test('counts all the reasons that there usually are, and the words for them', () => {
    // Three for each product that is read, at most 500, four of the product's own, and two that were viewed lately.
    expect(reasonsOf('short') - reasonsOf('short', '(first: 0)')).toBe(3 * 2 + 4 + 2)
    expect(reasonsOf('long') - reasonsOf('long', '(first: 0)')).toBe(3 * 100 + 4 + 2)
    expect(reasonsOf('endless') - reasonsOf('endless', '(first: 0)')).toBe(3 * 500 + 4 + 2)
    expect(reasonsOf('endless', '(first: 7)') - reasonsOf('endless', '(first: 0)')).toBe(7)
  })

  test('counts the position of a page', () => {
    const after = (cursor: string) => ofCustomer(`first: 10, after: "${cursor}"`)
    expect(after('place 900')).toBe(units(2, PRICES.list, 910 * PRICES.place))
    expect(after('no cursor')).toBe(ofCustomer('first: 10'))
    const diverse = (args: string) => ofCustomer(`${args}, ranking: { diversity: 0.5 }`)
    expect(diverse('first: 10, after: "place 900"')).toBeGreaterThan(20 * diverse('first: 10'))
  })

  test('counts a what-if as a list near and deep, and decisive purchases as the lists that are tried', () => {
    const { list, place, read, leftOut, recommendation } = PRICES
    const { whatIf: own, whatIfNear, whatIfDeep, decisive: search, decisiveSet } = PRICES
    const { arranged, limitedNear, limitedFurther, limitedFar } = PRICES
    const whatIf = 'whatIf(withoutPurchases: []) { __typename }'
    const deep = (places: number) => list + places * place
    const ofOne = [2, deep(1), recommendation]
    expect(costOf('', whatIf)).toBe(units(...ofOne, own, whatIfNear * deep(100), whatIfDeep * deep(1001), 1))
    const limited = ', ranking: { maxPerCategory: 1 }'
    // Down to place 1; to 100, and to 1,001, where one category after the other is full.
    const [one, near, far] = [
      [1, limitedNear],
      [100, limitedFar],
      [1001, limitedFar],
    ].map(([places, limit]) => deep(places) + arranged + limit)
    expect(costOf(limited, whatIf)).toBe(
      units(2, one, recommendation, own, whatIfNear * near, whatIfDeep * far, 1),
    )
    expect(costOf(', ranking: { maxPerCategory: 2 }', whatIf)).toBe(
      units(
        2,
        one,
        recommendation,
        own,
        whatIfNear * (near - limitedFar + limitedFurther),
        whatIfDeep * far,
        1,
      ),
    )
    const decisive = 'decisivePurchases { outcome }'
    const stored = 100 * (read + leftOut)
    expect(costOf('', decisive, 'long')).toBe(
      units(...ofOne, stored, search, decisiveSet * setsTried(100) * (deep(10) + stored), 1),
    )
    for (const ranking of ['', limited, ', ranking: { diversity: 1, maxPerCategory: 1 }', boosted(5)])
      for (const id of ['short', 'long']) expect(costOf(ranking, decisive, id)).toBeLessThan(5000)
  })

  test('is more expensive with a language model', () => {
    const query = '{ trending(first: 20) { edges { node { explanation { text } } } } }'
    const {
      trending: list,
      rankedPlace,
      recommendation,
      explanation,
      reasons,
      reasonsRead,
      wordsRead,
    } = PRICES
    const told = explanation + reasons + 2 * (reasonsRead + wordsRead)
    // The list; for each the recommendation and its explanation, of which a language model's words cost 100 more.
    const each = recommendation + 1 + told
    expect(shopCost(query)).toBe(units(1, list, 20 * rankedPlace, 20 * each))
    expect(costIn(schema, costTable(EXPLANATION_COST.LLM), query).cost).toBe(
      units(1, list, 20 * rankedPlace, 20 * (each + 100)),
    )
  })

  test.each([
    ['as GraphiQL and code generators ask', getIntrospectionQuery()],
    ['with all there is', getIntrospectionQuery(EVERYTHING)],
  ])('lets the whole schema be asked for, %s, at what it holds or some times that', async (_how, query) => {
    const returned = await objectsReturned({ schema, document: parse(query) })
    expect(shopCost(query)).toBeGreaterThan(returned * INTROSPECTION_COST)
    expect(shopCost(query)).toBeLessThan(10 * returned * INTROSPECTION_COST)
    expect(shopCost(query)).toBeLessThan(500)
  })

  test('limits repeated and nested introspection', () => {
    const nested = `types { fields { args { type { ofType { fields { args { type { name } } } } } } } }`
    const aliased = Array.from({ length: 15 }, (_, i) => `a${i}: __schema { ${nested} }`)
    expect(shopCost(`{ ${aliased.join(' ')} }`)).toBeGreaterThan(5000)
  })

  test('counts what filters and arrangements add', () => {
    const filter = '{ price: { max: 10 } }'
    const { scan, condition, arranged, boostClass, boostClassPlace, limitedNear, drawn, drawnPlace } = PRICES
    expect(trending('')).toBe(units(trendingOne))
    expect(trending(`, filter: ${filter}`)).toBe(units(trendingOne, scan + condition))
    // Each class is ranked.
    const classes = (count: number, boosts: number) =>
      units(trendingOne, arranged, count * (boostClass + boostClassPlace), boosts * (scan + condition))
    const boosts = (...filters: string[]) =>
      trending(
        `, ranking: { boosts: [${filters.map((one) => `{ filter: ${one}, multiplier: 2 }`).join(' ')}] }`,
      )
    expect(boosts(filter)).toBe(classes(2, 1))
    // Of n bounds of one kind each encloses the next: n + 1 classes. Others make 2ⁿ.
    expect(boosts(filter, '{ price: { max: 20 } }')).toBe(classes(3, 2))
    expect(boosts(filter, '{ price: { min: 20 } }')).toBe(classes(4, 2))
    expect(boosts(filter, '{ minPopularity: 3 }', '{ minPopularity: 5 }')).toBe(classes(6, 3))
    expect(boosts(...['a', 'b', 'c'].map((one) => `{ categories: { anyOf: ["${one}"] } }`))).toBe(
      classes(8, 3),
    )
    // Lists of a customer: only what others bought as well is found anew for each class; filters look at all products.
    const withBoost = `, ranking: { boosts: [{ filter: ${filter}, multiplier: 2 }] }`
    const own = PRICES.rankedForCustomer
    const rest = [
      2 + PRICES.rankedPlace,
      scan + condition,
      PRICES.arrangedForCustomer * (arranged + 2 * (boostClass + boostClassPlace)),
    ]
    expect(listOfCustomer('buyAgain', withBoost)).toBe(units(own, ...rest))
    expect(listOfCustomer('alsoBought', withBoost)).toBe(units(2 * own, ...rest))
    expect(trending(', ranking: { maxPerCategory: 2 }')).toBe(units(trendingOne, arranged, limitedNear))
    expect(trending(', ranking: { diversity: 0 }')).toBe(units(trendingOne, arranged))
    expect(trending(', ranking: { explorationRate: 0.5, seed: 1 }')).toBe(
      units(trendingOne, arranged, drawn, drawnPlace),
    )
  })
})

function holdsList(type: GraphQLOutputType): boolean {
  return isNonNullType(type) ? holdsList(type.ofType as GraphQLOutputType) : isListType(type)
}
