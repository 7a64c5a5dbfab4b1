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
import { type CostTable, costTable, EXPLANATION_COST, INTROSPECTION_COST } from '../../src/graphql/cost.ts'
import { schema } from '../../src/graphql/schema.ts'
import { operationCost } from '../../src/server/operation-cost.ts'

function costIn(of: GraphQLSchema, table: CostTable, query: string, variables: Record<string, unknown> = {}) {
  const document = parse(query)
  const operation = getOperationAST(document)!
  const values = getVariableValues(of, operation.variableDefinitions ?? [], variables)
  if (values.variableValues === undefined) throw values.errors[0]
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return operationCost(operation, {
    schema: of,
    table,
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
  'Box.search': { perList: 100 },
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

  test('what is deferred is worked out by itself, as often as that is asked for', () => {
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

  test('variables say how long a page is, or their default does', () => {
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

describe('the table of costs', () => {
  const objects = Object.values(schema.getTypeMap()).filter(isObjectType)
  const fields = objects.flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })),
  )

  test('names what the schema has', () => {
    const names = new Set([...objects.map(({ name }) => name), ...fields.map(({ name }) => name)])
    expect(Object.keys(shop).filter((name) => !names.has(name))).toEqual([])
  })

  test('says how long each list of objects is, but for pages', () => {
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
    // The root, a list at 25, and 1 a purchase; an error in its place, or an event of the stream.
    expect([1, 10, 100].map((size) => recommend(stated(size)))).toEqual([28, 37, 127])
    expect([1, 10, 100].map((size) => stream(stated(size)))).toEqual([28, 37, 127])
    expect(recommend(stated(1, 'at: "2018-01-01T00:00:00Z"'))).toBe(28 + 100)
    expect(trending(', at: "2018-01-01T00:00:00Z"')).toBe(1 + 5 + 400)
    expect(stream('(externalId: "a", first: 1)')).toBe(1 + 25 + 1)
  })

  test('counts the last page of a list as the thousand that have to be ranked for it', () => {
    expect(last('trending(last: 5)')).toBe(1 + 5 + 25)
    // What stands before a cursor is a page like any other.
    expect(last('trending(last: 5, before: "c")')).toBe(1 + 5)
    expect(last('customers(last: 5)')).toBe(1)
    expect(ofCustomer('last: 5')).toBe(ofCustomer('first: 5') + 400)
    expect(ofMany('last: 5')).toBe(ofMany('first: 5') + 2 * 400)
  })

  test('counts it for every ranked list: those of which it is not known how long they are', () => {
    const paged = fields.filter(({ field }) => field.args.some(({ name }) => name === 'last'))
    const dearer = paged.filter(({ name }) => {
      const price = shop[name]?.cost
      const asked = { customerIds: ['a'] }
      return price !== undefined && price({ ...asked, last: 1 }) > price({ ...asked, first: 1 })
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
    // The root; 100 lists at 25; for each the customer's entry, 10 recommendations and 10 products.
    expect(shopCost(batch(''))).toBe(1 + 100 * 25 + 100 * (1 + 10 + 10))
    expect(shopCost(batch(', ranking: { diversity: 0.5 }'))).toBeGreaterThan(5000)
  })

  test('does not let the decisive purchases of 100 recommendations of 50 customers pass', () => {
    const each = 'recommendations(first: 100) { edges { node { decisivePurchases { outcome } } } }'
    expect(shopCost(`{ customers(first: 50) { edges { node { ${each} } } } }`)).toBeGreaterThan(5000)
    // One search is shared by all the products of a list.
    expect(shopCost(`{ customer(externalId: "a") { ... on Customer { ${each} } } }`)).toBe(
      1 + 1 + 25 + 500 + 100 * (1 + 1),
    )
  })

  test('is dearer where a language model writes', () => {
    const query = '{ trending(first: 20) { edges { node { explanation { text } } } } }'
    // The list at 5; for each the recommendation and its explanation, of which the words cost 2, or 100 more.
    expect(shopCost(query)).toBe(1 + 5 + 20 * (1 + 1 + 2))
    expect(costIn(schema, costTable(EXPLANATION_COST.LLM), query).cost).toBe(1 + 5 + 20 * (1 + 1 + 2 + 100))
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

  test('does not let the schema be asked for again and again, or out of itself', () => {
    const nested = `types { fields { args { type { ofType { fields { args { type { name } } } } } } } }`
    const aliased = Array.from({ length: 15 }, (_, i) => `a${i}: __schema { ${nested} }`)
    expect(shopCost(`{ ${aliased.join(' ')} }`)).toBeGreaterThan(5000)
  })

  test('counts what filters and arrangements add', () => {
    const filter = '{ price: { max: 10 } }'
    expect(trending('')).toBe(1 + 5)
    expect(trending(`, filter: ${filter}`)).toBe(1 + 5 + 35)
    // Two boosts make up to four classes, each of which is ranked.
    const boost = `{ filter: ${filter}, multiplier: 2 }`
    expect(trending(`, ranking: { boosts: [${boost}, ${boost}] }`)).toBe(1 + 5 + 4 * 75 + 2 * 35)
    expect(trending(', ranking: { maxPerCategory: 2 }')).toBe(1 + 5 + 25 + 300)
  })
})

function holdsList(type: GraphQLOutputType): boolean {
  return isNonNullType(type) ? holdsList(type.ofType as GraphQLOutputType) : isListType(type)
}
