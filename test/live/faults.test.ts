/**
 * Processes that are killed in the middle (`kill -9`): nothing that was acknowledged is lost, nothing is half there, and
 * the next start needs nobody's help. 20 moments by default; `npm run test:faults` tries 100.
 */
import { once } from 'node:events'
import { chmodSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { openModel, writeModel } from '../../src/model/model-file.ts'
import { ModelVersions } from '../../src/service/model-versions.ts'
import { openModelRegistry } from '../../src/store/model-registry.ts'
import { readStore } from '../../src/store/read-store.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { endChild, startChild } from '../child-process.ts'
import { rationale, rationaleJson, start, temporaryFolder } from '../cli/program.ts'
import { fitted } from '../service/models.ts'

const MOMENTS = Number(process.env['FAULT_MOMENTS'] ?? 20)
const KINDS = ['events', 'catalogue', 'promotions', 'rollbacks', 'erasures'] as const

const script = fileURLToPath(new URL('./fault-process.ts', import.meta.url))
const folder = temporaryFolder()
const [store, published, models] = ['shop.sqlite', 'shop.model', 'models'].map((name) => join(folder, name))

beforeAll(async () => {
  mkdirSync(models)
  const [first, ...others] = await fitted(4)
  await writeModel(first, published)
  for (const model of others) await writeModel(model, join(models, `${model.version}.model`))
})

/** Kills a process at a moment after its first acknowledgement. @returns what it acknowledged */
async function killed(what: string, round: number, milliseconds: number): Promise<string[]> {
  const child = startChild(process.execPath, [script, what, store, published, models, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child.stdout, 'data')
  await sleep(milliseconds)
  const closed = once(child, 'close')
  await endChild(child)
  await closed
  // The last line may be cut off: it was not read as a whole, so it was not acknowledged.
  return output.split('\n').slice(0, -1)
}

/** Holds a store against what was acknowledged, as the next process finds it. */
async function expectWhole(acknowledged: readonly string[]): Promise<void> {
  const of = (what: string) =>
    acknowledged.filter((line) => line.startsWith(`${what} `)).flatMap((line) => line.split(' ').slice(1))
  const events = openEvents(store)
  const catalogue = openCatalogue(store)
  const registry = openModelRegistry(store)
  const database = new DatabaseSync(store)
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  database.close()
  const keys = of('events')
  const again = keys.map((key) => ({
    customer: 'another',
    product: 'x',
    kind: 'VIEW' as const,
    at: Date.now(),
    idempotencyKey: key,
  }))
  expect(await events.append(again)).toEqual({ accepted: 0, duplicates: keys.length })
  const skus = of('product')
  for (const product of await catalogue.get(skus)) expect(product).toMatchObject({ name: expect.any(String) })
  expect(await events.known(of('erased'))).toEqual(new Set())
  // What serves is a whole model; it is the last that was acknowledged, or one that was about to be.
  const versions = new ModelVersions({ registry, folder: `${store}.models`, published, keep: 2 })
  const model = await versions.current()
  expect((await openModel(published)).version).toBe(model.version)
  const known = await registry.all()
  for (const { version } of known) await openModel(versions.fileOf(version))
  const last = of('serving').at(-1)
  if (last !== undefined) {
    const [serving, ...others] = known.filter(({ state }) => state === 'SERVING')
    expect(others).toEqual([])
    expect(serving.version).toBe(model.version)
    const former = known.find(({ version }) => version === last)
    expect(former?.promotedAt ?? 0).toBeLessThanOrEqual(serving.promotedAt!)
  }
  await events.close()
  await catalogue.close()
  await registry.close()
}

test(`a store and its models are whole after each of ${MOMENTS} kills`, async () => {
  const acknowledged: string[] = []
  for (let round = 0; round < MOMENTS; round++) {
    const before = acknowledged.length
    acknowledged.push(...(await killed(KINDS[round % KINDS.length], round, Math.random() * 300)))
    expect(acknowledged.length).toBeGreaterThan(before)
    await expectWhole(acknowledged)
  }
  expect(acknowledged.length).toBeGreaterThan(2 * MOMENTS)
})

/** Starts a command as often as moments there are, and kills it each time; then runs it to its end. */
async function untilItEnds(line: string, longest: number) {
  for (let n = 0; n < MOMENTS / 5; n++) {
    const run = start(line)
    await sleep(200 + Math.random() * longest)
    await endChild(run.process)
    await run.finished
  }
  return rationaleJson(line)
}

describe('a command that is killed again and again', () => {
  let shop: string

  beforeAll(async () => {
    shop = join(temporaryFolder(), 'shop')
    await generateShop({ directory: shop, customers: 400, products: 80, seed: 9 })
  })

  test('imports everything once', async () => {
    const [whole, cut] = ['whole.sqlite', 'cut.sqlite'].map((name) => join(temporaryFolder(), name))
    const { events } = await rationaleJson(`import --data ${shop} --store ${whole}`)
    const ended = await untilItEnds(`import --data ${shop} --store ${cut}`, 700)
    expect(ended['events'] + ended['duplicates']).toBe(events)
    const [a, b] = await Promise.all([whole, cut].map((file) => readStore(file)))
    expect(b).toEqual(a)
  })

  test('retrains, and serves a whole model at any time', async () => {
    const file = join(temporaryFolder(), 'shop.sqlite')
    await rationaleJson(`import --data ${shop} --store ${file}`)
    const model = join(temporaryFolder(), 'shop.model')
    const { candidate } = await untilItEnds(
      `retrain --store ${file} --model ${model} --force --effort quick`,
      2500,
    )
    const registry = openModelRegistry(file)
    const versions = new ModelVersions({ registry, folder: `${file}.models`, published: model })
    expect((await versions.current()).version).toBe(candidate)
    expect((await openModel(model)).version).toBe(candidate)
    await registry.close()
  })
})

describe('a server', () => {
  test('starts again over the store that it was killed with', async () => {
    for (let n = 0; n < Math.max(1, MOMENTS / 20); n++) {
      const run = start(`serve --model ${published} --store ${store} --port 0`)
      await run.printed('/graphql\n')
      await sleep(Math.random() * 100)
      await endChild(run.process)
    }
    const last = start(`serve --model ${published} --store ${store} --port 0`)
    await last.printed('/graphql\n')
    last.process.kill('SIGTERM')
    expect((await last.finished).code).toBe(0)
  })

  test.each([
    [
      'a store that is no database',
      (file: string) => writeFileSync(file, 'These are no bytes of a database. '.repeat(99)),
    ],
    [
      'a store that was cut off',
      (file: string) => truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096 + 100),
    ],
    [
      'a store of a newer version',
      (file: string) => {
        const database = new DatabaseSync(file)
        database.exec('PRAGMA user_version = 99')
        database.close()
      },
    ],
  ])('refuses %s, and leaves it as it is', async (_, damage) => {
    const file = join(temporaryFolder(), 'shop.sqlite')
    const events = openEvents(file)
    await events.append(
      Array.from({ length: 3000 }, (_event, n) => ({
        customer: `c${n}`,
        product: 'mug',
        kind: 'PURCHASE' as const,
        at: Date.now(),
      })),
    )
    await events.close()
    damage(file)
    const size = statSync(file).size
    const { code, stderr } = await rationale(`serve --model ${published} --store ${file} --port 0`)
    expect(code).toBe(1)
    expect(stderr).toContain(file)
    expect(statSync(file).size).toBe(size)
  })
})

test('a retraining that cannot write says so, and the model that serves stays', async (context) => {
  if (process.getuid?.() === 0) {
    console.error('SKIPPED: a folder without write permission, because root may write everywhere.')
    context.skip()
  }
  const registry = openModelRegistry(store)
  const before = await registry.serving()
  chmodSync(`${store}.models`, 0o500)
  const { code, stderr } = await rationale(`retrain --store ${store} --force --effort quick`)
  chmodSync(`${store}.models`, 0o700)
  expect(code).toBe(1)
  expect(stderr).toContain('.models')
  expect(await registry.serving()).toBe(before)
  await registry.close()
  rmSync(folder, { recursive: true, force: true })
})
