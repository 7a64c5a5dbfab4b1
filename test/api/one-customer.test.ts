/**
 * What a customer token can read, on every path of the schema: from each root field to the types Customer and Purchase,
 * with arguments that name another customer. No answer may contain another customer's data.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'
import { afterAll, describe, expect, test } from 'vitest'
import { schema } from '../../src/graphql/schema.ts'
import { customerToken, startKeyedServer } from './keyed-server.ts'
import { customerId, sku } from './shop.ts'

const server = await startKeyedServer({ limits: { cost: 1e6, nodes: 1e6, depth: 20 } })
const { recommender, apiKeys } = server
afterAll(() => server.close())

const [MINE, THEIRS] = [customerId(1), customerId(7)]
const token = await customerToken(apiKeys, MINE)
const reads = (await apiKeys.create('reads all', ['read', 'admin'], null)).key

const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64')

/** What is asked of the types at the end of a path. */
const LEAVES: Readonly<Record<string, string>> = {
  Customer:
    '__typename id externalId segment features { monetary } purchases { edges { node { quantity product { sku } } } }',
  SegmentProfile: '__typename name customers profile { monetary }',
  CustomerFeatures: '__typename monetary',
}

/** Operations that lead to those types, each with its path. @param whom  whose ids are passed */
function paths(whom: string): [path: string, query: string][] {
  const roots = [schema.getQueryType()!, schema.getSubscriptionType()!]
  return roots.flatMap((root) =>
    Object.values(root.getFields()).flatMap((field) =>
      selections(field, [field.name], [], whom).map(({ path, selection }): [string, string] => [
        path.join('.'),
        `${root.name.toLowerCase()} { ${selection} }`,
      ]),
    ),
  )
}

interface Selection {
  readonly path: readonly string[]
  readonly selection: string
}

function selections(
  field: GraphQLField<unknown, unknown>,
  path: readonly string[],
  seen: readonly string[],
  whom: string,
): Selection[] {
  const named = getNamedType(field.type)
  const types = isAbstractType(named) ? schema.getPossibleTypes(named) : isObjectType(named) ? [named] : []
  return argumentsOf(field.args, whom).flatMap((args) =>
    types.flatMap((type) =>
      inside(type, path, seen, whom).map(({ path: whole, selection }) => ({
        path: whole,
        selection: `${field.name}${args} { __typename ... on ${type.name} { ${selection} } }`,
      })),
    ),
  )
}

function inside(
  type: GraphQLObjectType,
  path: readonly string[],
  seen: readonly string[],
  whom: string,
): Selection[] {
  if (type.name in LEAVES) return [{ path, selection: LEAVES[type.name] }]
  if (seen.includes(type.name) || path.length > 9) return []
  return Object.values(type.getFields()).flatMap((field) =>
    selections(field, [...path, field.name], [...seen, type.name], whom),
  )
}

/** Every way to name somebody by a field's arguments; required ones are there in each. */
function argumentsOf(args: readonly GraphQLArgument[], whom: string): string[] {
  const naming = args.filter(({ name }) => /^(id|ids|externalId|externalIds|customerIds|text)$/.test(name))
  const required = args.filter((arg) => isRequiredArgument(arg) && !naming.includes(arg))
  const fixed = required.map((arg) => `${arg.name}: ${valueOf(arg.type, arg.name, whom)}`)
  const ways =
    naming.length === 0 ? [[]] : naming.map((arg) => [`${arg.name}: ${valueOf(arg.type, arg.name, whom)}`])
  return ways.map((way) => {
    const all = [...fixed, ...way]
    return all.length === 0 ? '' : `(${all.join(', ')})`
  })
}

function valueOf(type: GraphQLArgument['type'], name: string, whom: string): string {
  const bare = getNullableType(type)
  if (isListType(bare)) return `[${valueOf(bare.ofType, name, whom)}]`
  if (isInputObjectType(bare)) {
    const fields = Object.values(bare.getFields()).filter(isRequiredInputField)
    return `{ ${fields.map((field) => `${field.name}: ${valueOf(field.type, field.name, whom)}`).join(', ')} }`
  }
  if (isEnumType(bare)) return bare.getValues()[0].name
  if (!isLeafType(bare)) throw new Error(`no value for ${String(bare)}`)
  if (/^(ids?|customerIds)$/.test(name)) return JSON.stringify(globalId('Customer', whom))
  if (/^(externalIds?|text|customer)$/.test(name)) return JSON.stringify(whom)
  if (bare.name === 'Int' || bare.name === 'Float') return '1'
  return JSON.stringify(name === 'sku' ? sku(1) : 'toys')
}

async function ask(bearer: string, query: string): Promise<string> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ query }),
  })
  return response.text()
}

/** Customers whose data is in an answer. */
const customersIn = (answer: string) => [
  ...new Set([...answer.matchAll(/"externalId":"([^"]+)"/g)].map(([, id]) => id)),
]

const forOthers = paths(THEIRS)
const rootsReached = [...new Set(forOthers.map(([path]) => path.split('.')[0]))].toSorted()

test('the paths begin with every field that leads to customers', () => {
  expect(rootsReached).toEqual([
    'customer',
    'customers',
    'modelInfo',
    'node',
    'nodes',
    'recommendations',
    'recommendationsChanged',
    'searchCustomers',
    'segments',
    'viewer',
  ])
  expect(forOthers.length).toBeGreaterThanOrEqual(11)
})

test('the paths lead to customers for a caller who may read all of them', async () => {
  const answers = await Promise.all(
    forOthers.map(async ([path, query]) => [path, await ask(reads, query)] as const),
  )
  const reached = answers
    .filter(([, answer]) => customersIn(answer).length > 0)
    .map(([path]) => path.split('.')[0])
  expect([...new Set(reached)].toSorted()).toEqual([
    'customer',
    'customers',
    'node',
    'nodes',
    'recommendations',
    'searchCustomers',
  ])
})

describe('a customer token with another customer’s ids reads nothing about that customer', () => {
  test.each(forOthers)('%s', async (path, query) => {
    const answer = await ask(token, query)
    expect(customersIn(answer).filter((id) => id !== MINE)).toEqual([])
    expect(answer).not.toContain('INTERNAL_SERVER_ERROR')
    // A viewer is whom the token names, and nobody else can be named there.
    if (path === 'viewer') return
    expect(answer).toContain('"FORBIDDEN"')
    expect(answer).not.toContain('"monetary":')
  })
})

test('nor of recommendations, by a stream', async () => {
  for (const args of [`externalId: "${THEIRS}"`, `id: "${globalId('Customer', THEIRS)}"`]) {
    const answer = await ask(token, `subscription { explanationStream(${args}) { recommendation { rank } } }`)
    expect(answer).toContain('"FORBIDDEN"')
    expect(answer).not.toContain('"rank"')
  }
  const mine = await ask(
    token,
    `subscription { explanationStream(externalId: "${MINE}", first: 1) { recommendation { rank } } }`,
  )
  expect(mine).toContain('"rank":1')
})

const normal = (answer: string) => answer.replaceAll(/"requested":\d+/g, '')

test('a customer token gets the same answer for customers that exist and that do not', async () => {
  const forNobody = paths('nobody-of-this-name')
  for (const [place, [, query]] of forOthers.entries()) {
    expect(normal(await ask(token, query))).toBe(normal(await ask(token, forNobody[place][1])))
  }
})

describe('a customer token reaches its own customer', () => {
  test.each(paths(MINE).filter(([path]) => /^(customer|node|nodes|viewer|recommendations)\b/.test(path)))(
    '%s',
    async (_path, query) => {
      if (!query.includes('... on Customer {')) return
      const answer = await ask(token, query)
      expect(customersIn(answer)).toEqual([MINE])
      expect(answer).not.toContain('"errors"')
    },
  )

  test('also by GET, in parts, and with what others are asked for beside', async () => {
    const headers = { Authorization: `Bearer ${token}` }
    const get = async (query: string) =>
      (await fetch(`${server.url}?query=${encodeURIComponent(query)}`, { headers })).text()
    expect(customersIn(await get('{ viewer { externalId } }'))).toEqual([MINE])
    const both = `{ mine: customer(externalId: "${MINE}") { ... on Customer { externalId } } trending(first: 1) { edges { node { rank } } } }`
    expect(await get(both)).toContain('"rank":1')
    const parts = await fetch(server.url, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json', Accept: 'multipart/mixed' },
      body: JSON.stringify({
        query: `{ viewer { ... @defer { externalId } } trending(first: 1) { edges { node { ... @defer { rank } } } } }`,
      }),
    })
    expect(customersIn(await parts.text())).toEqual([MINE])
    const hidden = await fetch(server.url, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json', Accept: 'multipart/mixed' },
      body: JSON.stringify({
        query: `{ __typename ... @defer { customer(externalId: "${THEIRS}") { ... on Customer { externalId } } } }`,
      }),
    })
    const text = await hidden.text()
    expect(customersIn(text)).toEqual([])
    expect(text).toContain('FORBIDDEN')
  })
})

const list = (whose: string, after: string) =>
  `{ ${whose} { ... on Customer { recommendations(first: 2${after}) { edges { cursor node { rank product { sku } } } } purchases(first: 1${after}) { edges { cursor } } } } }`

test('a cursor of another customer’s list is good for nothing', async () => {
  const theirs = JSON.parse(await ask(reads, list(`customer(externalId: "${THEIRS}")`, '')))
  for (const { cursor } of [
    ...theirs.data.customer.recommendations.edges,
    ...theirs.data.customer.purchases.edges,
  ]) {
    const answer = JSON.parse(await ask(token, list('viewer', `, after: "${cursor}"`)))
    expect(answer.data.viewer).toBeNull()
    for (const { extensions } of answer.errors) expect(extensions.code).toBe('BAD_USER_INPUT')
  }
})

test('a customer token changes nothing', async () => {
  const answer = await ask(
    token,
    `mutation { setProductAvailability(input: { products: [{ sku: "${sku(1)}", hidden: true }] }) { __typename } }`,
  )
  expect(answer).toContain('"FORBIDDEN"')
  expect(recommender.availability.get(sku(1)).hidden).toBe(false)
})
