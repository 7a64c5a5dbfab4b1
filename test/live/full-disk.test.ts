/**
 * A disk that is full, and has room again: each operation is a clear error, nothing that was acknowledged is lost, and
 * the next attempt needs nobody's help. The disk is a small file system in memory, which takes Linux and root.
 */
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { openModel } from '../../src/model/model-file.ts'
import { readStore } from '../../src/store/read-store.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { runChildNow } from '../child-process.ts'
import { rationale, rationaleJson, temporaryFolder } from '../cli/program.ts'
import { holds, type LiveServer, listOf, record, retrained, serve, versionOf } from './server.ts'

const MEGABYTE = 2 ** 20
const mounted: string[] = []
afterAll(() => mounted.forEach((folder) => runChildNow('umount', ['--lazy', folder])))

/** A disk of a size in bytes; null where none can be mounted. */
function mountDisk(bytes: number): string | null {
  const folder = join(temporaryFolder(), 'disk')
  mkdirSync(folder)
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
  const { code } = runChildNow('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder])
  if (code !== 0) return null
  mounted.push(folder)
  return folder
}

/** Changes the size of a disk. */
function resize(disk: string, bytes: number): void {
  expect(runChildNow('mount', ['-o', `remount,size=${bytes}`, disk]).code).toBe(0)
}

/** Fills a disk to its last page. */
function fill(disk: string): void {
  for (let n = 0, bytes = MEGABYTE; bytes >= 4096; n++) {
    try {
      writeFileSync(join(disk, `filler-${n}`), Buffer.alloc(bytes))
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC')
      bytes /= 2
    }
  }
}

/** Makes room again. */
function empty(disk: string): void {
  for (let n = 0; statSync(join(disk, `filler-${n}`), { throwIfNoEntry: false }); n++)
    rmSync(join(disk, `filler-${n}`))
}

const canMount = mountDisk(MEGABYTE) !== null
if (!canMount)
  console.warn('SKIPPED: a full disk, because no file system can be mounted: it takes Linux and root.')

/** Writes a product with a long name. */
const upsert = ({ ask }: LiveServer, sku: string) =>
  ask(
    `mutation { upsertProducts(input: { products: [{ sku: "${sku}", name: "${'a name '.repeat(200)}" }] }) {
      ... on UpsertProductsPayload { changed } } }`,
  )

describe.skipIf(!canMount)(`on a full disk${canMount ? '' : ' (SKIPPED: none can be mounted)'}`, () => {
  let shop: string
  let prepared: { readonly store: string; readonly model: string }

  beforeAll(async () => {
    const folder = temporaryFolder()
    shop = join(folder, 'shop')
    prepared = { store: join(folder, 'shop.sqlite'), model: join(folder, 'shop.model') }
    await generateShop({ directory: shop, customers: 200, products: 60, seed: 5 })
    await rationaleJson(`import --data ${shop} --store ${prepared.store}`)
    await rationaleJson(
      `train --store ${prepared.store} --model ${prepared.model} --effort quick --factors 8 --iterations 3`,
    )
  })

  /** Copies the store and the model, with an event that the model does not know, so that training gives another one. */
  async function copyWithEvent(store: string, model: string): Promise<void> {
    copyFileSync(prepared.store, store)
    copyFileSync(prepared.model, model)
    const events = openEvents(store)
    const product = (await openModel(model)).products.at(0)
    await events.append([{ customer: 'new', product, kind: 'PURCHASE', at: Date.now() }])
    await events.close()
  }

  test('a server says that it can record, write and train nothing, answers, and goes on when there is room', async () => {
    const disk = mountDisk(40 * MEGABYTE)!
    const [store, model] = ['shop.sqlite', 'shop.model'].map((name) => join(disk, name))
    copyFileSync(prepared.store, store)
    copyFileSync(prepared.model, model)
    const server = await serve(`--model ${model} --store ${store}`)
    const version = await versionOf(server)
    const bought: string[] = []
    fill(disk)
    // Some may still fit: SQLite's log is written again from its beginning. What was acknowledged has to stay.
    const [first, ...others] = await listOf(server, 'customer-1')
    let failure = ''
    for (let n = 0; n < 2000 && failure === ''; n++) {
      const product = n === 0 ? first : others[n % others.length]
      failure = await record(server, { customer: 'customer-1', product, kind: 'PURCHASE' }).then(
        () => (bought.push(product), ''),
        ({ message }: Error) => message,
      )
    }
    expect(failure).toBe(
      'The store of this server has no room: nothing was recorded. Repeat the call when there is room.',
    )
    let unwritten = ''
    for (let n = 0; n < 200 && unwritten === ''; n++)
      unwritten = await upsert(server, `full-${n}`).then(
        () => '',
        ({ message }: Error) => message,
      )
    expect(unwritten).toContain('has no room: nothing was changed')
    // The audit log says who began a retraining: without room for that, none begins. The command says what is full.
    await expect(retrained(server, true)).rejects.toThrow('has no room: nothing was changed')
    const untrained = await rationale(`retrain --store ${store} --force --effort quick`)
    expect(untrained).toMatchObject({ code: 1, stderr: expect.stringMatching(/full/) })
    // Lists are answered meanwhile, by what was recorded.
    expect(await versionOf(server)).toBe(version)
    for (const product of new Set(bought)) expect(await holds(server, 'customer-1', product)).toBe(false)

    empty(disk)
    const [next] = await listOf(server, 'customer-1')
    await record(server, { customer: 'customer-1', product: next, kind: 'PURCHASE' })
    expect(await upsert(server, 'with-room')).toEqual({ upsertProducts: { changed: 1 } })
    const outcome = await retrained(server, true)
    expect(outcome).toMatchObject({ promoted: true, failure: null })
    expect(await versionOf(server)).toBe(outcome.candidate)
    for (const product of new Set([...bought, next]))
      expect(await holds(server, 'customer-1', product)).toBe(false)
    server.process.kill('SIGTERM')
    const { code, stderr } = await server.finished
    expect({ code, stderr }).toEqual({
      code: 0,
      // For the operator.
      stderr: expect.stringMatching(
        /Nothing was recorded: .*shop\.sqlite cannot be written \(.*disk is full\)/,
      ),
    })
    expect((await openModel(model)).version).toBe(outcome.candidate)
  })

  test('an import says what is full, keeps what it imported, and goes on from there when there is room', async () => {
    const size = statSync(prepared.store).size
    const disk = mountDisk(Math.ceil(size / 2))!
    const store = join(disk, 'shop.sqlite')
    const { code, stderr } = await rationale(`import --data ${shop} --store ${store}`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/shop\.sqlite cannot be written \(.*full\)/)
    resize(disk, 10 * size)
    await rationaleJson(`import --data ${shop} --store ${store}`)
    const [again, whole] = await Promise.all([store, prepared.store].map((file) => readStore(file)))
    expect(again).toEqual(whole)
  })

  test('a model is promoted where only the published file has no room, which is told; a start with room writes it', async () => {
    const disk = mountDisk(MEGABYTE)!
    const model = join(disk, 'shop.model')
    const store = join(temporaryFolder(), 'shop.sqlite')
    await copyWithEvent(store, model)
    fill(disk)
    const { code, stdout, stderr } = await rationale(
      `retrain --store ${store} --model ${model} --force --effort quick --json`,
    )
    const told = /Model \w+ serves, but .*shop\.model could not be brought up to date \(.*full/
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(told) })
    const { candidate, promoted } = JSON.parse(stdout)
    expect(promoted).toBe(true)
    const server = await serve(`--model ${model} --store ${store}`)
    expect(await versionOf(server)).toBe(candidate)
    server.process.kill('SIGTERM')
    expect((await server.finished).stderr).toMatch(told)
    empty(disk)
    const next = await serve(`--model ${model} --store ${store}`)
    expect(await versionOf(next)).toBe(candidate)
    await next.stop()
    expect((await openModel(model)).version).toBe(candidate)
  })

  test('a rollback needs no room but for the published file', async () => {
    const disk = mountDisk(MEGABYTE)!
    const model = join(disk, 'shop.model')
    const store = join(temporaryFolder(), 'shop.sqlite')
    await copyWithEvent(store, model)
    const { candidate } = await rationaleJson(
      `retrain --store ${store} --model ${model} --force --effort quick`,
    )
    fill(disk)
    const { from, to } = await rationaleJson(`rollback --store ${store} --model ${model}`)
    expect(from).toBe(candidate)
    const server = await serve(`--model ${model} --store ${store}`)
    expect(await versionOf(server)).toBe(to)
    await server.stop()
  })
})
