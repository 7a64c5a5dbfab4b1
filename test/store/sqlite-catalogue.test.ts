import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { startChild } from '../child-process.ts'
import { temporaryFile } from '../explanations/writer.ts'
import { catalogueContract, productsOf } from './catalogue-contract.ts'

catalogueContract(() => openCatalogue(IN_MEMORY))

test('a file is made with the first product, and until then reads as empty', async () => {
  const file = temporaryFile('store.sqlite')
  const store = openCatalogue(file)
  expect(await store.get(['mug'])).toEqual([undefined])
  expect(await productsOf(store)).toEqual([])
  expect(await store.revision()).toBe(0)
  expect(existsSync(file)).toBe(false)
  await store.upsert([{ sku: 'mug' }])
  await store.close()
  const again = openCatalogue(file)
  expect(await productsOf(again)).toMatchObject([{ sku: 'mug' }])
  await again.close()
})

test('what one process writes another reads, and their revisions are one sequence', async () => {
  const file = temporaryFile('store.sqlite')
  const [here, there] = [openCatalogue(file), openCatalogue(file)]
  await here.upsert([{ sku: 'mug' }])
  expect(await there.upsert([{ sku: 'mug', price: 3 }])).toEqual({ changed: 1, revision: 2 })
  expect(await here.get(['mug'])).toMatchObject([{ price: 3 }])
  expect(await here.revision()).toBe(2)
  await Promise.all([here.close(), there.close()])
})

test('a write waits for another process that is writing, and lets others have their turn', async () => {
  const file = temporaryFile('store.sqlite')
  const store = openCatalogue(file)
  await store.upsert([{ sku: 'mug' }])
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  const waiting = store.upsert([{ sku: 'cup' }])
  expect(await store.get(['mug'])).toMatchObject([{ sku: 'mug' }])
  other.exec('ROLLBACK')
  other.close()
  expect(await waiting).toMatchObject({ changed: 1 })
  await store.close()
})

test('a file that is no database is a clear error', async () => {
  const store = openCatalogue(import.meta.filename)
  await expect(store.get(['mug'])).rejects.toThrow(/The catalogue in .* cannot be read/)
  await expect(store.upsert([{ sku: 'mug' }])).rejects.toThrow(
    /The catalogue was not changed: .* cannot be written/,
  )
  await store.close()
})

test('a process killed while it writes loses no product that it has acknowledged', async () => {
  const file = temporaryFile('store.sqlite')
  const module = JSON.stringify(new URL('../../src/store/catalogue-store.ts', import.meta.url).href)
  const program = `
    import { openCatalogue } from ${module}
    import { writeSync } from 'node:fs'
    const store = openCatalogue(${JSON.stringify(file)})
    for (let i = 0; i < 100000; i++) {
      await store.upsert([{ sku: 'a' + i }, { sku: 'b' + i }])
      writeSync(1, i + '\\n')
    }`
  const child = startChild(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let acknowledged = 0
  for await (const _ of createInterface({ input: child.stdout })) {
    if (++acknowledged === 20) child.kill('SIGKILL')
  }
  await exited
  const store = openCatalogue(file)
  const skus = new Set((await productsOf(store)).map(({ sku }) => sku))
  for (let i = 0; i < acknowledged; i++) expect(skus.has(`a${i}`) && skus.has(`b${i}`)).toBe(true)
  // Nothing is there by halves.
  expect(skus.size % 2).toBe(0)
  await store.close()
})
