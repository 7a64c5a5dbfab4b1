/** A day of a shop, with the real program over HTTP: what happens counts at once, and the model keeps up. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { openModel } from '../../src/model/model-file.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { rationale, rationaleJson, temporaryFolder } from '../cli/program.ts'
import { listOf, record, serve, until, versionOf } from './server.ts'
import { liveThroughADay } from './shop-scenario.ts'

let shop: string
/** A store with the shop's history and a first model. */
let prepared: { readonly store: string; readonly model: string }

const FIT = '--effort quick --factors 8 --iterations 3'

beforeAll(async () => {
  shop = join(temporaryFolder(), 'shop')
  await generateShop({ directory: shop, customers: 200, products: 60, seed: 5 })
  const folder = temporaryFolder()
  prepared = { store: join(folder, 'shop.sqlite'), model: join(folder, 'shop.model') }
  await rationaleJson(`import --data ${shop} --store ${prepared.store}`)
  await rationaleJson(`train --store ${prepared.store} --model ${prepared.model} ${FIT}`)
})

const inspectedModel = () => openModel(prepared.model)

/** A copy of the store and the model, for a test that changes them. */
function copies() {
  const folder = temporaryFolder()
  const [store, model] = [join(folder, 'shop.sqlite'), join(folder, 'shop.model')]
  copyFileSync(prepared.store, store)
  copyFileSync(prepared.model, model)
  return { folder, store, model }
}

test('files are imported at the first start, and what was recorded is there after the next', async () => {
  const store = join(temporaryFolder(), 'shop.sqlite')
  const options = `--data ${shop} --store ${store} --factors 8 --iterations 3`
  const first = await serve(options)
  const version = await versionOf(first)
  const before = await listOf(first, 'customer-1')
  await record(first, { customer: 'customer-1', product: before[0], kind: 'PURCHASE' })
  expect(await listOf(first, 'customer-1')).not.toContain(before[0])
  expect(await first.stop()).toBe(0)
  const second = await serve(options)
  expect(await versionOf(second)).toBe(version)
  expect(await listOf(second, 'customer-1')).not.toContain(before[0])
  expect(await second.stop()).toBe(0)
})

test('a store that holds keys alone gets the files, and so does one whose import was stopped', async () => {
  const store = join(temporaryFolder(), 'shop.sqlite')
  await rationaleJson(`keys create --store ${store} --name shop --scope read`)
  // What an import has recorded before it was stopped.
  const events = openEvents(store)
  await events.append([{ customer: 'customer-1', product: 'mug', kind: 'PURCHASE', at: Date.now() }])
  await events.close()
  const server = await serve(`--data ${shop} --store ${store} --factors 8 --iterations 3`)
  const { modelInfo } = await server.ask('{ modelInfo { customers interactions } }')
  const { customers, interactions } = (await inspectedModel()).summary
  expect(modelInfo).toEqual({ customers, interactions: interactions + 1 })
  await server.stop()
})

test('a shop lives through a day: what happens counts, the model is trained again, rolled back, and forgets', () =>
  liveThroughADay(shop, FIT))

describe('a retraining', () => {
  test('by command is served by a running server, and says why', async () => {
    const { store, model } = copies()
    const server = await serve(`--model ${model} --store ${store}`)
    await record(server, {
      customer: 'new',
      product: (await listOf(server, 'customer-1'))[0],
      kind: 'PURCHASE',
    })
    const result = await rationaleJson(`retrain --store ${store} --model ${model} --effort quick`)
    expect(result).toMatchObject({
      promoted: true,
      reason: expect.stringMatching(/^It is (not )?shown to be/),
    })
    expect(result['ndcg']).toMatchObject({ candidate: expect.any(Number), serving: expect.any(Number) })
    await until(async () => (await versionOf(server)) === result['candidate'])
    const { models } = await server.ask('{ models { version state decision promotedAt } }')
    expect(models).toMatchObject([
      { version: result['candidate'], state: 'SERVING', decision: result['reason'] },
      { state: 'RETIRED' },
    ])
    await server.stop()
  })

  test('that is cancelled changes nothing', async () => {
    const { store, model } = copies()
    const server = await serve(`--model ${model} --store ${store}`)
    const version = await versionOf(server)
    await server.ask('mutation { retrain { retraining { isRunning } } }')
    expect(
      (await server.ask('mutation { cancelRetraining { wasRunning } }')).cancelRetraining.wasRunning,
    ).toBe(true)
    const status = async () => (await server.ask('{ retraining { isRunning failure } }')).retraining
    await until(async () => !(await status()).isRunning)
    expect((await status()).failure).toBe('It was cancelled.')
    expect(await versionOf(server)).toBe(version)
    await server.stop()
  })

  test('runs once at a time for all that use the store', async () => {
    const { store } = copies()
    const both = await Promise.all(
      [1, 2].map(() => rationale(`retrain --store ${store} --force --effort quick`)),
    )
    // One may have ended before the other began: then both have succeeded.
    for (const { code, stderr } of both) if (code !== 0) expect(stderr).toContain('another process retrains')
    expect(both.some(({ code }) => code === 0)).toBe(true)
  })

  test('of a server that ends, ends with it', async () => {
    const { store, model } = copies()
    const server = await serve(`--model ${model} --store ${store}`)
    await server.ask('mutation { retrain { retraining { isRunning } } }')
    server.process.kill('SIGKILL')
    await server.finished
    // It gives its lock back, and another can begin.
    await until(async () => (await rationale(`retrain --store ${store} --force --effort quick`)).code === 0)
  })
})

test('a model file that is replaced is served after SIGHUP, and with --watch by itself', async () => {
  const { store, model } = copies()
  const [told, watching] = await Promise.all(
    ['', '--watch'].map((option) => serve(`--model ${model} --store ${store} ${option}`)),
  )
  const { modelHash } = await rationaleJson(`train --data ${shop} --model ${model} ${FIT} --seed 7`)
  const version = modelHash.slice('sha256:'.length).slice(0, 12)
  await until(async () => (await versionOf(watching)) === version)
  told.process.kill('SIGHUP')
  await until(async () => (await versionOf(told)) === version)
  await Promise.all([told.stop(), watching.stop()])
})

test('events older than is kept are removed', async () => {
  const { store, model } = copies()
  const server = await serve(`--model ${model} --store ${store} --keep-events 1d`)
  await server.printed('Removed ')
  const exported = await rationaleJson(`export-customer --store ${store} --customer customer-1`)
  expect(exported['events']).toEqual([])
  await server.stop()
})

test.each([
  ['serve --retrain-every 6h', '--retrain-every needs a store'],
  ['serve --retrain-every soon', 'must be a number and s, m, h, d, w or y'],
  ['serve --keep-events 2 --model x', 'must be a number and s, m, h, d, w or y'],
  ['retrain', 'no store named'],
  ['retrain --store none.sqlite', 'there is no store none.sqlite'],
  ['rollback --store none.sqlite', 'there is no store none.sqlite'],
])('%s is a clear error', async (line, message) => {
  const { code, stderr } = await rationale(line)
  expect(stderr).toContain(message)
  expect(code).toBeGreaterThan(0)
})
