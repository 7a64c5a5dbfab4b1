import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { openAvailability } from '../../src/store/availability-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { ExplanationStore } from '../../src/store/explanation-store.ts'
import { runChild } from '../child-process.ts'
import { keptLog, temporaryFile } from '../explanations/writer.ts'
import { apiKeyContract } from './api-key-contract.ts'

/** Once requests under way are answered, uses are noted. */
const noted = () => new Promise((resolve) => setImmediate(resolve))

const opened = () => new ApiKeyStore(temporaryFile('store.sqlite'))

apiKeyContract(() => temporaryFile('store.sqlite'))

describe('a key in a file', () => {
  test('is not kept: of its random part the file holds nothing but a SHA-256', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { key } = await keys.create('web shop', ['read'], null)
    await keys.close()
    const bytes = readFileSync(file)
    expect(bytes.includes(key.slice(12))).toBe(false)
    expect(bytes.includes(Buffer.from(key.slice(12), 'hex'))).toBe(false)
    expect(bytes.includes(createHash('sha256').update(key).digest())).toBe(true)
  })

  test('of another hash is told to be unknown, also under the same id', async () => {
    const file = temporaryFile('store.sqlite')
    const forged = new ApiKeyStore(file)
    const { id, key: own } = await forged.create('ours', ['read'], null)
    const database = new DatabaseSync(file)
    database.prepare('UPDATE api_keys SET hash = ? WHERE id = ?').run(createHash('sha256').digest(), id)
    database.close()
    await expect(forged.check(own)).rejects.toThrow('The API key is not known here')
    await forged.close()
  })

  test('opens nothing from the next check on, in another process too', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { id, key } = await keys.create('web shop', ['read'], null)
    await keys.check(key)
    await elsewhere(file, `await store.revoke(['${id}'])`)
    await expect(keys.check(key)).rejects.toThrow(
      /^The API key \w{8} was revoked on .* UTC: ask for a new one\.$/,
    )
    await keys.close()
  })

  test('does not wait for another process that is writing, and is then not noted', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { id, key } = await keys.create('web shop', ['read'], null)
    const writer = new DatabaseSync(file)
    writer.exec('BEGIN IMMEDIATE')
    const began = performance.now()
    expect((await keys.check(key)).id).toBe(id)
    await noted()
    // It would wait two seconds for its turn.
    expect(performance.now() - began).toBeLessThan(1900)
    writer.exec('COMMIT')
    writer.close()
    expect((await keys.find(id))?.lastUsed).toBeNull()
    await keys.close()
  })

  test('is forgotten where the store is closed first', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { id, key } = await keys.create('web shop', ['read'], null)
    await keys.check(key)
    await keys.close()
    await noted()
    const again = new ApiKeyStore(file)
    expect((await again.find(id))?.lastUsed).toBeNull()
    await again.close()
  })

  test('that cannot be written turns no good key away', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { id, key } = await keys.create('web shop', ['read'], null)
    const database = new DatabaseSync(file)
    database.exec("CREATE TRIGGER full BEFORE UPDATE ON api_keys BEGIN SELECT raise(ABORT, 'disk full'); END")
    database.close()
    expect((await keys.check(key)).id).toBe(id)
    await noted()
    expect((await keys.find(id))?.lastUsed).toBeNull()
    await keys.close()
  })
})

describe('a store', () => {
  test('makes no file before the first key, and finds one that another process made', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    expect(await keys.list()).toEqual([])
    expect(existsSync(file)).toBe(false)
    const key = await elsewhere(file, "console.log((await store.create('web shop', ['read'], null)).key)")
    expect(await keys.check(key.trim())).toMatchObject({ name: 'web shop' })
    await keys.close()
  })

  test('in memory knows its keys as long as it is open', async () => {
    const keys = new ApiKeyStore(IN_MEMORY)
    expect(await keys.list()).toEqual([])
    const { id, key } = await keys.create('web shop', ['read'], null)
    expect((await keys.check(key)).id).toBe(id)
    await keys.close()
    expect(existsSync(IN_MEMORY)).toBe(false)
  })

  test('shares its file with the other stores', async () => {
    const file = temporaryFile('store.sqlite')
    const log = keptLog()
    const texts = new ExplanationStore(file, log)
    const [keys, availability] = [new ApiKeyStore(file), await openAvailability(file)]
    const { id, key } = await keys.create('web shop', ['read'], null)
    await availability.set([{ sku: 'mug', hidden: true }])
    await texts.keep('question', 'answer')
    expect((await keys.check(key)).id).toBe(id)
    expect(availability.get('mug').hidden).toBe(true)
    expect(await texts.find('question')).toBe('answer')
    expect(log.lines).toEqual([])
    for (const store of [keys, availability, texts]) await store.close()
  })

  test('that is no database says so', async () => {
    const file = temporaryFile('store.sqlite')
    writeFileSync(file, 'These are not the bytes of a database. '.repeat(100))
    const keys = new ApiKeyStore(file)
    await expect(keys.list()).rejects.toThrow('file is not a database')
    await keys.close()
  })

  test('takes a few microseconds a request, though it reads the file anew', async () => {
    const keys = opened()
    const made = await Promise.all(
      Array.from({ length: 1000 }, async (_, n) => (await keys.create(`shop ${n}`, ['read'], null)).key),
    )
    for (const key of made) await keys.check(key)
    const began = process.cpuUsage()
    for (const key of made) await keys.check(key)
    const { user, system } = process.cpuUsage(began)
    // 15 µs each on the machine it was written on; a slow hash would take 100,000.
    expect((user + system) / made.length).toBeLessThan(200)
    await keys.close()
  })
})

/** Runs a script in a process of its own, with a store called `store` over `file`; gives what it printed. */
async function elsewhere(file: string, script: string): Promise<string> {
  const module = new URL('../../src/store/api-key-store.ts', import.meta.url).href
  const program = `
    import { ApiKeyStore } from ${JSON.stringify(module)}
    const store = new ApiKeyStore(${JSON.stringify(file)})
    ${script}`
  const run = await runChild(process.execPath, ['--input-type=module', '--eval', program])
  return run.stdout
}
