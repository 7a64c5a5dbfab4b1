/** A server whose model changes while it serves. */
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { onTestFinished, expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import type { Model } from '../../src/model/model.ts'
import { writeModel } from '../../src/model/model-file.ts'
import { startServer } from '../../src/server/server.ts'
import { ModelService } from '../../src/service/model-service.ts'
import { Retrainings } from '../../src/service/retraining.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { ALL_SCOPES } from '../../src/store/scope.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { fitted, kernels, modelVersions, promoteAll } from './models.ts'

const [a, b, c] = await fitted(3)

/** A server of a store in which a model serves, and its models. */
async function serving(model: Model, options: { watch?: boolean } = {}) {
  const { versions, again, file } = await modelVersions(model)
  await versions.adoptPublished()
  const failures: string[] = []
  const catalogue = openCatalogue(IN_MEMORY)
  const models = await ModelService.start(
    {
      kept: {
        versions,
        retrainings: new Retrainings(() => []),
        erase: (customer) => versions.erase(customer),
        watched: options.watch ? file : null,
      },
      catalogue,
      open: (opened, former) => Recommender.open(opened, kernels, { catalogue }, former),
      onSwap: () => {},
      onFailure: ({ message }) => failures.push(message),
    },
    await versions.current(),
  )
  const server = await startServer({
    recommender: models.states,
    models,
    port: 0,
    keyless: [...ALL_SCOPES],
    logger: pino({ level: 'silent' }),
  })
  onTestFinished(async () => {
    await server.close()
    await models.close()
    await catalogue.close()
  })
  const ask = async (query: string) => {
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    return (await answer.json()) as { data: any; errors?: { extensions: { code: string } }[] }
  }
  const version = async () => (await ask('{ modelInfo { version } }')).data.modelInfo.version
  return { versions, again, file, models, server, ask, version, failures }
}

/** Waits until a server answers with a model. */
async function answersWith(served: Awaited<ReturnType<typeof serving>>, version: string): Promise<void> {
  while ((await served.version()) !== version) await sleep(50)
}

test('a model that another process promotes is served within seconds', async () => {
  const served = await serving(a)
  await promoteAll(served.again(), [b])
  await answersWith(served, b.version)
  expect(served.failures).toEqual([])
})

test('a model file that is replaced on disk is served, and becomes one of the store', async () => {
  const served = await serving(a, { watch: true })
  await sleep(20)
  await writeModel(c, served.file)
  await answersWith(served, c.version)
  const { data } = await served.ask('{ models { version state decision } }')
  expect(data.models).toMatchObject([
    { version: c.version, state: 'SERVING', decision: 'It was found in shop.model.' },
    { version: a.version, state: 'RETIRED' },
  ])
})

test('a file that is no model is not served: the former one stays, and one message says why', async () => {
  const served = await serving(a, { watch: true })
  await sleep(20)
  await writeFile(served.file, 'nothing')
  await served.models.refresh()
  await served.models.refresh()
  expect(await served.version()).toBe(a.version)
  expect(served.failures).toHaveLength(1)
  expect(served.failures[0]).toContain(served.file)
})

test('rolling back over the API serves the former model at once', async () => {
  const served = await serving(a)
  await promoteAll(served.versions, [b])
  await served.models.refresh()
  const { data } = await served.ask('mutation { rollbackModel { from to } }')
  expect(data.rollbackModel).toEqual({ from: b.version, to: a.version })
  expect(await served.version()).toBe(a.version)
  const again = await served.ask('mutation { rollbackModel { from to } }')
  expect(again.errors![0].extensions.code).toBe('NO_FORMER_MODEL')
})

test('a product that is written is recommended at once, and one that is removed no more', async () => {
  const served = await serving(a)
  const skus = async () =>
    (await served.ask('{ products(first: 100) { edges { node { sku name } } } }')).data.products.edges.map(
      ({ node }: { node: { sku: string; name: string | null } }) => node,
    )
  const before = await skus()
  const written = await served.ask(
    'mutation { upsertProducts(input: { products: [{ sku: "new-1", name: "A new mug" }] }) { ... on UpsertProductsPayload { changed } } }',
  )
  expect(written.data.upsertProducts).toEqual({ changed: 1 })
  expect(await skus()).toEqual([...before, { sku: 'new-1', name: 'A new mug' }])
  const listed =
    '{ recommend(input: { basket: [{ sku: "sku-1" }] }, first: 100) { ... on RecommendationConnection { edges { node { product { sku } } } } } }'
  expect(JSON.stringify((await served.ask(listed)).data)).toContain('new-1')
  await served.ask('mutation { removeProducts(input: { skus: ["new-1"] }) { __typename } }')
  expect(JSON.stringify((await served.ask(listed)).data)).not.toContain('new-1')
  expect(await served.version()).toBe(a.version)
})

test('requests are answered while models are swapped, each by one model as a whole', async () => {
  const served = await serving(a)
  const versions = new Set([a, b, c].map(({ version }) => version))
  const swapping = new AbortController()
  const asking = async () => {
    let answered = 0
    while (!swapping.signal.aborted) {
      const { data, errors } = await served.ask(
        '{ one: modelInfo { version } trending(first: 5) { edges { node { product { sku } } } } other: modelInfo { version } }',
      )
      expect(errors).toBeUndefined()
      expect(versions).toContain(data.one.version)
      expect(data.other.version).toBe(data.one.version)
      answered++
    }
    return answered
  }
  const askers = [asking(), asking(), asking()]
  for (const model of [b, c, a, b, c, a]) {
    await promoteAll(served.again(), [model])
    await served.models.refresh()
    await sleep(30)
  }
  swapping.abort()
  for (const answered of await Promise.all(askers)) expect(answered).toBeGreaterThan(0)
})

test('a server without a store says that it keeps no models', async () => {
  const recommender = new Recommender(a, kernels)
  const server = await startServer({
    recommender,
    port: 0,
    keyless: [...ALL_SCOPES],
    logger: pino({ level: 'silent' }),
  })
  onTestFinished(() => server.close())
  const ask = async (query: string) =>
    (
      await fetch(server.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ query }),
      })
    ).json()
  expect(await ask('{ models { version } retraining { isRunning } }')).toMatchObject({
    data: { models: [], retraining: null },
  })
  expect(await ask('mutation { retrain { retraining { isRunning } } }')).toMatchObject({
    errors: [{ extensions: { code: 'NO_STORE' } }],
  })
})
