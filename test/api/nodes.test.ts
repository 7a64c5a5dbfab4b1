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

describe('a malformed id among others', () => {
  const wrong = ['***', '', globalId('sku-1'), globalId('Recommendation:1'), globalId('__proto__:1')]

  test.each(wrong)('(%j) is null in its place, and an error there', async (id) => {
    const { status, data, errors } = await ask(NODES, {
      ids: [product, id, customer, globalId('Product:gone')],
    })
    expect(status).toBe(200)
    expect(data.nodes.map((node: { id: string } | null) => node?.id)).toEqual([
      product,
      undefined,
      customer,
      undefined,
    ])
    expect(errors).toEqual([
      {
        message: `"${id}" is not a global id: pass an "id" exactly as it was received.`,
        locations: expect.any(Array),
        path: ['nodes', 1],
        extensions: { code: 'BAD_USER_INPUT', inputPath: ['ids', '1'] },
      },
    ])
  })

  test('says so of each', async () => {
    const { data, errors } = await ask(NODES, { ids: [...wrong, product, ...wrong] })
    const expected = [
      ...Array(5).fill(null),
      expect.objectContaining({ id: product }),
      ...Array(5).fill(null),
    ]
    expect(data.nodes).toEqual(expected)
    expect(errors?.map(({ path }) => path![1])).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10])
  })
})

test('over 100 ids at once are an error', async () => {
  const { errors } = await ask(NODES, { ids: Array(101).fill(product) })
  expect(errors?.[0]).toMatchObject({
    message: '"ids" holds 101 ids: send at most 100.',
    extensions: { code: 'BAD_USER_INPUT' },
  })
})
