import { describe, expect, test } from 'vitest'
import { CUSTOMERS } from './grocery.ts'
import { servingGrocery } from './serving.ts'
import { setting } from './setting-availability.ts'

const serving = await servingGrocery()
const { ask } = serving
const { set } = setting(serving)

async function products(text: string, filter: object | null = null): Promise<string[]> {
  const query = `query ($text: String!, $filter: ProductFilter) {
    searchProducts(text: $text, filter: $filter, first: 100) { edges { node { sku } } }
  }`
  const { data, errors } = await ask(query, { text, filter })
  expect(errors).toBeUndefined()
  return data.searchProducts.edges.map(({ node }: any) => node.sku)
}

async function customers(text: string): Promise<string[]> {
  const query =
    'query ($text: String!) { searchCustomers(text: $text, first: 100) { edges { node { externalId } } } }'
  const { data, errors } = await ask(query, { text })
  expect(errors).toBeUndefined()
  return data.searchCustomers.edges.map(({ node }: any) => node.externalId)
}

describe('a search of products', () => {
  test.each<[string, string, string[]]>([
    ['a word of the name', 'alpine', ['butter']],
    ['accents and case aside', 'CREME FRAICHE', ['creme']],
    ['with accents all the same', 'crème', ['creme']],
    ['the last word as far as it is typed', 'fore', ['honey']],
    ['the words of name and category together', 'plum sweets', ['jam']],
    ['words that no product has together', 'plum dairy', []],
    ['a label of another attribute', 'hearth', ['bread', 'rolls']],
    ['an SKU', 'tin-35', ['tin-35']],
    ['what there is none of', 'submarine', []],
    ['nothing', '', []],
    ['signs alone', '"*()^-', []],
    ['what a query language could take for its own', 'milk NOT chocolate', []],
  ])('finds %s: %j', async (_what, text, skus) => {
    expect((await products(text)).toSorted()).toEqual(skus.toSorted())
  })

  test('has what is in the name before what is in a label: whole milk and milk chocolate, then nothing else', async () => {
    expect((await products('milk')).toSorted()).toEqual(['chocolate', 'milk'])
    // Chocolate is of the brand Alp, alpine butter is called so.
    expect(await products('alp')).toEqual(expect.arrayContaining(['butter', 'milk', 'cheese', 'chocolate']))
    expect((await products('alp'))[0]).toBe('butter')
  })

  test('has the product first whose SKU it is', async () => {
    expect((await products('milk'))[0]).toBe('milk')
    expect((await products('tin-1'))[0]).toBe('tin-1')
    expect(await products(' tin-1 ')).toContain('tin-10')
  })

  test('keeps to its filter, and to what is shown', async () => {
    expect(await products('milk', { categories: { anyOf: ['sweets'] } })).toEqual(['chocolate'])
    await set({ sku: 'milk', hidden: true })
    expect(await products('milk')).toEqual(['chocolate'])
    await set({ sku: 'milk', hidden: false })
  })
})

describe('a search of customers', () => {
  test.each<[string, string, string[]]>([
    ['who is called just so', 'ann', ['ann']],
    ['in either case', 'ANN', ['ann']],
    ['whose id begins so', 'tin-lover-1', ['tin-lover-1', 'tin-lover-10', 'tin-lover-11']],
    ['whose id holds three letters', 'ver-3', ['tin-lover-3']],
    ['who belong to a segment', 'households', ['ann', 'ben', 'cat', 'dan', 'eve', 'fay', 'gus']],
    ['nobody for two letters in the middle', 'nn', []],
    ['nobody', 'zoe', []],
    ['nobody for nothing', ' ', []],
  ])('finds %s: %j', async (_what, text, ids) => {
    expect(await customers(text)).toEqual(ids)
  })

  test('finds ids before segments', async () => {
    expect(await customers('tin')).toEqual(CUSTOMERS.filter((id) => id.startsWith('tin')))
    expect((await customers('lover')).toSorted()).toEqual(
      CUSTOMERS.filter((id) => id.startsWith('tin')).toSorted(),
    )
  })
})

describe.each(['searchProducts', 'searchCustomers'])('%s', (field) => {
  const query = `query ($text: String!) { found: ${field}(text: $text) { edges { cursor } } }`

  test('takes 200 characters, and no more', async () => {
    expect((await ask(query, { text: 'x'.repeat(200) })).data.found.edges).toEqual([])
    const { errors } = await ask(query, { text: 'x'.repeat(201) })
    expect(errors).toEqual([
      expect.objectContaining({
        message: '"text" is 201 characters long: send at most 200.',
        extensions: { code: 'BAD_USER_INPUT', inputPath: ['text'] },
      }),
    ])
  })

  test('has cursors of its text alone', async () => {
    const { data } = await ask(query, { text: 'tin' })
    const { errors } = await ask(
      `{ ${field}(text: "ti", after: "${data.found.edges[0].cursor}") { edges { cursor } } }`,
    )
    expect(errors?.[0].message).toContain('The cursor belongs to another list')
  })
})
