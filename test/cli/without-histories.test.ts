import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'
import { smallShop } from './shop.ts'

let model: string
let whole: string
let trained: Record<string, any>
let customers: string[]
let skus: string[]
beforeAll(async () => {
  const shop = await smallShop()
  model = join(temporaryFolder(), 'items.model')
  whole = join(temporaryFolder(), 'whole.model')
  const line = `train --data ${shop} --factors 8 --iterations 5`
  trained = await rationaleJson(`${line} --model ${model} --without-histories`)
  await rationaleJson(`${line} --model ${whole}`)
  const column = (file: string, index: number) =>
    readFileSync(join(shop, file), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((row) => row.split(',')[index].replaceAll('"', ''))
  customers = [...new Set(column('olist_customers_dataset.csv', 1))]
  skus = column('olist_products_dataset.csv', 0)
})

describe('rationale train --without-histories', () => {
  test('writes no customer id', () => {
    const [without, withAll] = [model, whole].map((file) => readFileSync(file))
    expect(customers.length).toBeGreaterThan(100)
    expect(customers.filter((id) => without.includes(id))).toEqual([])
    expect(customers.every((id) => withAll.includes(id))).toBe(true)
    expect(trained).toMatchObject({ withoutHistories: true, customers: expect.any(Number) })
  })

  test('inspect says so', async () => {
    const inspected = await rationaleJson(`inspect --model ${model}`)
    expect(inspected).toMatchObject({ withoutHistories: true })
    const shapeOf = (wanted: string) =>
      inspected['tensors'].find(({ name }: { name: string }) => name === wanted).shape
    for (const name of ['customers.bytes', 'histories.indices', 'lastPurchased', 'segments.codes'])
      expect(shapeOf(name)).toEqual([0])
    expect(shapeOf('customerFeatures')).toEqual([0, 7])
    const { stdout } = await rationale(`inspect --model ${model}`)
    expect(stdout).toMatch(/customers +\d+, none of them held: trained without histories/)
  })

  test('recommend and explain refuse customers, and say why', async () => {
    const refused = await rationale(`recommend --model ${model} --customer ${customers[0]}`)
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain(
      `There is no customer ${customers[0]}: the model was trained without histories and holds no customers`,
    )
    const all = await rationale(`explain --model ${model} --all`)
    expect(all.code).not.toBe(0)
  })

  test('with a store, serve answers for its customers from there', async () => {
    const shop = await smallShop()
    const store = join(temporaryFolder(), 'shop.sqlite')
    const file = join(temporaryFolder(), 'stored.model')
    await rationale(`import --data ${shop} --store ${store}`)
    await rationaleJson(
      `train --store ${store} --factors 8 --iterations 5 --effort quick --model ${file} --without-histories`,
    )
    const bytes = readFileSync(file)
    expect(customers.filter((id) => bytes.includes(id))).toEqual([])
    const run = start(`serve --model ${file} --store ${store} --port 0`)
    let printed = ''
    run.process.stderr!.on('data', (text: string) => (printed += text))
    const url = (await run.printed('/graphql\n')).trim()
    expect(printed).toContain('histories are read from the store that it was trained on')
    const token = /token of this server: (\S+)/.exec(printed)![1]
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: `query ($customer: String!) {
          customer(externalId: $customer) { ... on Customer { segment purchases { edges { node { quantity } } }
            recommendations(first: 2) { ... on RecommendationConnection { edges { node { product { sku } } } } } } }
        }`,
        variables: { customer: customers[0] },
      }),
    })
    const answer = (await response.json()) as any
    run.process.kill('SIGINT')
    await run.finished
    expect(answer.data.customer).toEqual({
      segment: expect.any(String),
      purchases: { edges: expect.arrayContaining([{ node: { quantity: expect.any(Number) } }]) },
      recommendations: { edges: [expect.anything(), expect.anything()] },
    })
  })

  test('serve says so, and answers for products and baskets', async () => {
    const run = start(`serve --model ${model} --port 0`)
    let said = ''
    run.process.stderr!.on('data', (text: string) => (said += text))
    const url = (await run.printed('/graphql\n')).trim()
    expect(said).toContain('it holds no customers, and every customer is unknown')
    const token = /token of this server: (\S+)/.exec(said)![1]
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: `query ($sku: String!, $customer: String!) {
          product(sku: $sku) { ... on Product { sku } }
          customer(externalId: $customer) { __typename ... on UnknownCustomerError { message } }
          customers(first: 3) { edges { node { externalId } } }
          searchCustomers(text: "a", first: 3) { edges { node { externalId } } }
          trending(first: 2) { edges { node { product { sku } } } }
          recommend(input: { history: [{ sku: $sku }] }, first: 2) {
            __typename
            ... on RecommendationConnection { strategy edges { node { product { sku } } } }
          }
          modelInfo { customers }
        }`,
        variables: { sku: skus[0], customer: customers[0] },
      }),
    })
    const answer = (await response.json()) as any
    run.process.kill('SIGINT')
    await run.finished
    const product = { node: { product: { sku: expect.toBeOneOf(skus) } } }
    expect(answer).toEqual({
      extensions: expect.anything(),
      data: {
        product: { sku: skus[0] },
        customer: {
          __typename: 'UnknownCustomerError',
          message:
            `There is no customer ${customers[0]}: the model was trained without histories and holds no customers, and ` +
            'no store that it is served with knows this one.',
        },
        customers: { edges: [] },
        searchCustomers: { edges: [] },
        trending: { edges: [product, product] },
        recommend: {
          __typename: 'RecommendationConnection',
          strategy: 'HYBRID',
          edges: [product, product],
        },
        modelInfo: { customers: trained['customers'] },
      },
    })
  })
})
