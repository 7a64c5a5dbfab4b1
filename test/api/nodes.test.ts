import { describe, expect, test } from 'vitest'
import { serving } from './serving.ts'
import { customerId, sku } from './shop.ts'

const { ask } = await serving()

const ids = await ask(`{
  customer(externalId: "${customerId(1)}") { ... on Customer { id } }
  product(sku: "${sku(1)}") { ... on Product { id } }
}`)
const customer: string = ids.data.customer.id
const product: string = ids.data.product.id

const NODES = /* GraphQL */ `
  query ($ids: [ID!]!) {
    nodes(ids: $ids) { __typename id ... on Customer { externalId } ... on Product { sku } }
  }
`
const NODE = /* GraphQL */ `
  query ($id: ID!) {
    node(id: $id) { __typename id ... on Customer { externalId } ... on Product { sku } }
  }
`
const globalId = (text: string) => Buffer.from(text).toString('base64')

describe('anything with an id is fetched again by it', () => {
  test('alone', async () => {
    const { data } = await ask(NODE, { id: customer })
    expect(data.node).toEqual({ __typename: 'Customer', id: customer, externalId: customerId(1) })
  })

  test('or with others, in the order of the ids', async () => {
    const { data } = await ask(NODES, { ids: [product, customer, product] })
    const fetched = data.nodes.map(({ id }: { id: string }) => id)
    expect(fetched).toEqual([product, customer, product])
  })
})

describe('an id that names nothing', () => {
  const gone = globalId('Product:gone')

  test('is null', async () => {
    expect(await ask(NODE, { id: gone })).toMatchObject({ status: 200, data: { node: null } })
  })

  test('is null among others', async () => {
    const { data } = await ask(NODES, { ids: [gone, product] })
    expect(data.nodes).toEqual([null, expect.objectContaining({ sku: sku(1) })])
  })
})

test.each([
  ['is no base64', '***'],
  ['is empty', ''],
  ['is of no type', globalId('sku-1')],
  ['is of a type that cannot be fetched', globalId('Recommendation:1')],
  ['is of a type that does not exist', globalId('__proto__:1')],
])('an id that %s is an error', async (_what, id) => {
  const { data, errors } = await ask(NODE, { id })
  expect(data).toEqual({ node: null })
  expect(errors?.[0]).toMatchObject({
    message: `"${id}" is not a global id: pass an "id" exactly as it was received.`,
    path: ['node'],
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

test('over 100 ids at once are an error', async () => {
  const { errors } = await ask(NODES, { ids: Array(101).fill(product) })
  expect(errors?.[0]).toMatchObject({
    message: '"ids" holds 101 ids: at most 100 are answered.',
    extensions: { code: 'BAD_USER_INPUT' },
  })
})
