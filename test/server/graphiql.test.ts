import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type GraphQLInterfaceType, parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { readDataset } from '../../src/data/read.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { trainModel } from '../../src/engine/train.ts'
import { schema } from '../../src/graphql/schema.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { exampleQueries, examplesToFill } from '../../src/server/examples.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { fieldsTaking } from '../api/connections.ts'
import { groceryRecommender } from '../api/grocery.ts'
import { all, partsOf } from '../api/parts.ts'
import { serving } from '../api/serving.ts'

const { url, recommender } = await serving({ production: false })
const examples = exampleQueries(recommender.model)

const nameOf = (query: string) => /(?:query|mutation) \w+/.exec(query)![0]

const html = { headers: { Accept: 'text/html' } }

describe('GraphiQL', async () => {
  const response = await fetch(url, html)
  const page = await response.text()

  test('is a page of its own, that asks no other host for anything', () => {
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('text/html')
    const beyondScripts = page.replaceAll(/<(script|style)\b[^>]*>.*?<\/\1>/gs, '<$1></$1>')
    expect(page).not.toMatch(/<(script|link|img|iframe)\b[^>]*\b(src|href)\s*=\s*["']?(https?:)?\/\//)
    expect(beyondScripts).not.toMatch(/https?:/)
    expect(page).not.toMatch(/@import\s+(url\()?["']?https?:/)
  })

  test('may not send requests to another host, by its headers', () => {
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).not.toMatch(/https?:|\*/)
  })

  test('opens with the example queries in tabs', () => {
    for (const query of examples) expect(page).toContain(JSON.stringify(query))
  })

  test('shows nothing about the shop if keys are required, because anybody can see the page', async () => {
    const apiKeys = new ApiKeyStore(IN_MEMORY)
    const { model } = recommender
    for (const keyed of [
      { requireKeys: true, apiKeys },
      { trustProxy: 1, apiKeys },
    ]) {
      const server = await serving({ production: false, ...keyed })
      const shown = await (await fetch(server.url, html)).text()
      expect(shown).toContain('query ForYou')
      const ids = [model.customers, model.products].flatMap((table) =>
        Array.from({ length: table.size }, (_, index) => table.at(index)),
      )
      expect(ids.filter((id) => page.includes(`"${id}\\"`))).not.toEqual([])
      expect(ids.filter((id) => shown.includes(id))).toEqual([])
    }
    await apiKeys.close()
  })

  test('is not served in production', async () => {
    const production = await serving({ production: true })
    const answer = await fetch(production.url, html)
    expect(await answer.text()).not.toContain('GraphiQL')
  })
})

describe('the example queries to fill', () => {
  const toFill = examplesToFill()

  test('are the same as those of a shop, except for the placeholders', () => {
    expect(toFill.map(nameOf).toSorted()).toEqual(examples.map(nameOf).toSorted())
    for (const query of toFill) expect(validate(schema, parse(query))).toEqual([])
  })

  test('begin with one that is answered as it is', async () => {
    const { data, errors } = await answerOf(url, toFill[0])
    expect(errors).toEqual([])
    expect(data.modelInfo.version).toBe(recommender.model.version)
  })
})

describe('the example queries', () => {
  test('are one for each kind of query, each with a name and a comment', () => {
    const heads = examples.map(
      (query) => /^# .+\n(?:# .+\n)*(?<kind>query|mutation) (?<name>\w+)/.exec(query)?.groups,
    )
    expect(heads.map((head) => `${head?.['kind']} ${head?.['name']}`)).toEqual([
      'query ForYou',
      'query ProductPage',
      'query BuyAgain',
      'query Basket',
      'query Selling',
      'query Filters',
      'query Ranking',
      'query Paging',
      'query Deferred',
      'query Many',
      'query Search',
      'query Customers',
      'query Model',
      'mutation Availability',
    ])
  })

  test('ask for every list but those of all customers, of what is deprecated, and of events', () => {
    const text = examples.join()
    const isShown = (coordinate: string) => new RegExp(`\\b${coordinate.split('.')[1]}\\(`).test(text)
    expect(fieldsTaking('first', 'after').filter((coordinate) => !isShown(coordinate))).toEqual([
      'Product.similar',
      'Query.customers',
      'Subscription.explanationStream',
    ])
  })

  test('ask for each kind of reason', () => {
    const kinds = schema.getPossibleTypes(schema.getType('Reason') as GraphQLInterfaceType)
    expect(kinds.filter(({ name }) => !examples.join().includes(`... on ${name}`))).toEqual([])
  })

  test('cannot end the page’s script, for any names of products', () => {
    const script = '</script><script>alert(1)</script>'
    const { model } = recommender
    const named = {
      ...model,
      products: { ...model.products, at: () => script },
      customers: { ...model.customers, at: () => script },
      productNames: { ...model.productNames!, at: () => script },
      category: { ...model.category, labels: model.category.labels.map(() => script) },
      segments: { ...model.segments, labels: model.segments.labels.map(() => script) },
    }
    for (const query of exampleQueries(named)) {
      expect(query).not.toContain('</script>')
      expect(validate(schema, parse(query))).toEqual([])
    }
  })
})

const SHOPS: [string, () => Promise<Recommender>][] = [
  ['a made-up shop', madeUpShop],
  ['a grocery', groceryRecommender],
  ['a shop of one order', shopOfOneOrder],
]

describe.each(SHOPS)('the example queries of %s', async (name, open) => {
  const shop = await serving({ production: false, recommender: await open() })
  const queries = exampleQueries(shop.recommender.model).map((query) => [
    /(?:query|mutation) (\w+)/.exec(query)![1],
    query,
  ])

  test.each(queries)(
    '%s returns a real answer, and costs no more than half of what it may',
    async (example, query) => {
      expect(validate(schema, parse(query))).toEqual([])
      const { data, errors, cost } = await answerOf(shop.url, query)
      expect(errors).toEqual([])
      expect(cost.requested).toBeLessThanOrEqual(cost.maximum / 2)
      expect(Object.values(data)).not.toContain(null)
      expect(JSON.stringify(data)).not.toMatch(/"message":(?!"There is no customer nobody)/)
      if (name !== 'a shop of one order')
        expect([example, listsIn(data)]).toEqual([example, expect.not.arrayContaining([0])])
    },
  )
})

/** As the command makes one up, but small. */
async function madeUpShop(): Promise<Recommender> {
  const folder = await mkdtemp(join(tmpdir(), 'rationale-graphiql-'))
  const directory = join(folder, 'shop')
  await generateShop({ customers: 400, products: 100, seed: 1, directory })
  const dataset = await readDataset(directory)
  await rm(folder, { recursive: true })
  const kernels = referenceKernels()
  return new Recommender(
    await trainModel(dataset, configure('default', { factors: 16, iterations: 5 }), kernels),
    kernels,
  )
}

/** The least there can be: nobody bought anything twice, or together; nothing has a category, a name or a price. */
async function shopOfOneOrder(): Promise<Recommender> {
  const folder = await mkdtemp(join(tmpdir(), 'rationale-graphiql-'))
  await writeFile(join(folder, 'interactions.csv'), 'customer_id,product_id\nann,bread\n')
  const dataset = await readDataset(folder)
  await rm(folder, { recursive: true })
  const kernels = referenceKernels()
  return new Recommender(await fitModel(dataset, configure('default', { factors: 2 }), kernels), kernels)
}

/** A whole answer, also of one that comes in parts. */
async function answerOf(at: string, query: string) {
  const parts = await all(partsOf(at, query, { accept: 'multipart/mixed, application/json' }))
  const errors = parts
    .flatMap((part) => [part, ...(part.incremental ?? [])])
    .flatMap((part) => part.errors ?? [])
  return { data: parts[0].data, errors, cost: parts[0].extensions.cost }
}

/** How long the lists of an answer are; decisive purchases and unstated reasons may be none. */
function listsIn(value: any): number[] {
  if (typeof value !== 'object' || value === null) return []
  const lists = Object.entries(value).flatMap(([key, inner]: [string, any]) =>
    Array.isArray(inner) && ['edges', 'segments', 'recommendations', 'products'].includes(key)
      ? [inner.length]
      : [],
  )
  return [...lists, ...Object.values(value).flatMap(listsIn)]
}
