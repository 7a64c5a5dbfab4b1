import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ApiKeyError, ApiKeyStore } from '../../src/store/api-key-store.ts'
import { openAvailability } from '../../src/store/availability-store.ts'
import { IN_MEMORY } from '../../src/store/database.ts'
import { ExplanationStore } from '../../src/store/explanation-store.ts'
import { runChild } from '../child-process.ts'
import { keptLog, temporaryFile } from '../explanations/writer.ts'

const HOUR = 3_600_000
const START = new Date('2026-11-23T06:51:30Z')

/** Moves the clock, and nothing but the clock. */
const at = (time: number) => vi.useFakeTimers({ toFake: ['Date'], now: time })
afterEach(() => void vi.useRealTimers())

/** Once requests under way are answered, uses are noted. */
const noted = () => new Promise((resolve) => setImmediate(resolve))

const opened = () => new ApiKeyStore(temporaryFile('store.sqlite'))

describe('a key', () => {
  test('is rk_, an id of 8 digits, and 56 digits more, of which 48 are random', () => {
    const keys = opened()
    const made = Array.from({ length: 100 }, () => keys.create('web shop', ['read'], null))
    for (const { id, key } of made) expect(key).toMatch(new RegExp(`^rk_${id}_[0-9a-f]{56}$`))
    const digits = made.map(({ key }) => key.slice(12, 60)).join('')
    // 4,800 hexadecimal digits, each 300 times on average with a standard deviation of 17.
    const counts = [...'0123456789abcdef'].map((digit) => digits.split(digit).length - 1)
    for (const count of counts) expect(Math.abs(count - 300)).toBeLessThan(6 * 17)
    expect(new Set(made.map(({ key }) => key)).size).toBe(100)
    keys.close()
  })

  test('opens what its scopes say, also after the store was closed and opened again', () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { id, key } = keys.create('back office', ['read', 'admin'], null)
    keys.close()
    const again = new ApiKeyStore(file)
    expect(again.check(key)).toMatchObject({ id, name: 'back office', scopes: ['read', 'admin'] })
    again.close()
  })

  test('is not kept: of its random part the file holds nothing but a SHA-256', () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { key } = keys.create('web shop', ['read'], null)
    keys.close()
    const bytes = readFileSync(file)
    expect(bytes.includes(key.slice(12))).toBe(false)
    expect(bytes.includes(Buffer.from(key.slice(12), 'hex'))).toBe(false)
    expect(bytes.includes(createHash('sha256').update(key).digest())).toBe(true)
  })

  test('is shown once: neither the list nor a check tells it', () => {
    const keys = opened()
    const { key } = keys.create('web shop', ['read'], null)
    const told = JSON.stringify([keys.list(), keys.check(key)])
    expect(told).not.toContain(key.slice(12, 60))
    keys.close()
  })
})

describe('nothing else opens anything', () => {
  const keys = opened()
  const { key } = keys.create('web shop', ['read', 'write', 'admin'], null)

  test('a key with one character changed, left out or put in is told to be mistyped', () => {
    const place = fc.nat(key.length - 1)
    const character = fc.oneof(
      fc.constantFrom(...'0123456789abcdef'),
      fc.string({ minLength: 1, maxLength: 1 }),
    )
    fc.assert(
      fc.property(place, fc.constantFrom(0, 1), fc.option(character), (index, removed, put) => {
        const changed = key.slice(0, index) + (put ?? '') + key.slice(index + removed)
        fc.pre(changed !== key)
        expect(() => keys.check(changed)).toThrow('The API key is mistyped or cut off')
      }),
      { numRuns: 2000 },
    )
  })

  test('another key of the same form is told to be unknown, also under the same id', () => {
    const other = opened()
    const stranger = other.create('elsewhere', ['read'], null)
    expect(() => keys.check(stranger.key)).toThrow('The API key is not known here')
    other.close()
    const file = temporaryFile('store.sqlite')
    const forged = new ApiKeyStore(file)
    const { id, key: own } = forged.create('ours', ['read'], null)
    const database = new DatabaseSync(file)
    database.prepare('UPDATE api_keys SET hash = ? WHERE id = ?').run(createHash('sha256').digest(), id)
    database.close()
    expect(() => forged.check(own)).toThrow('The API key is not known here')
    forged.close()
  })

  test.each(['', 'rk_', 'Bearer', 'undefined'])('"%s"', (text) => {
    expect(() => keys.check(text)).toThrow(ApiKeyError)
  })
})

describe('a key that expires', () => {
  test('works until then and not a millisecond longer', () => {
    at(START.getTime())
    const keys = opened()
    const { id, key, expires } = keys.create('web shop', ['read'], HOUR)
    expect(expires).toEqual(new Date('2026-11-23T07:51:30Z'))
    at(START.getTime() + HOUR - 1)
    expect(keys.check(key).id).toBe(id)
    at(START.getTime() + HOUR)
    expect(() => keys.check(key)).toThrow(
      `The API key ${id} expired on 2026-11-23 07:51 UTC: ask for a new one.`,
    )
    keys.close()
  })
})

describe('a key taken back', () => {
  test('opens nothing from the next check on, in another process too', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { id, key } = keys.create('web shop', ['read'], null)
    keys.check(key)
    await elsewhere(file, `store.revoke(['${id}'])`)
    expect(() => keys.check(key)).toThrow(/^The API key \w{8} was revoked on .* UTC: ask for a new one\.$/)
    keys.close()
  })

  test('stays in the list, as of when it was first taken back', () => {
    at(START.getTime())
    const keys = opened()
    const { id } = keys.create('web shop', ['read'], null)
    keys.revoke([id])
    at(START.getTime() + HOUR)
    keys.revoke([id])
    expect(keys.list()).toMatchObject([{ id, revoked: START }])
    keys.close()
  })

  test('of several, all or none: every unknown id is named', () => {
    const keys = opened()
    const { id, key } = keys.create('web shop', ['read'], null)
    expect(() => keys.revoke(['nobody', id, 'nothing'])).toThrow('There is no API key "nobody", "nothing".')
    expect(keys.check(key).id).toBe(id)
    keys.close()
  })
})

describe('a key replaced', () => {
  test('by one of the same name, scopes and lifetime works on for the overlap', () => {
    at(START.getTime())
    const keys = opened()
    const old = keys.create('web shop', ['read', 'admin'], 10 * HOUR)
    at(START.getTime() + HOUR)
    const fresh = keys.rotate(old.id, 2 * HOUR)
    expect(fresh).toMatchObject({
      name: 'web shop',
      scopes: ['read', 'admin'],
      expires: new Date(START.getTime() + 11 * HOUR),
    })
    expect(keys.find(old.id)).toMatchObject({
      replacedBy: fresh.id,
      expires: new Date(START.getTime() + 3 * HOUR),
    })
    at(START.getTime() + 3 * HOUR - 1)
    expect([keys.check(old.key).id, keys.check(fresh.key).id]).toEqual([old.id, fresh.id])
    at(START.getTime() + 3 * HOUR)
    expect(() => keys.check(old.key)).toThrow('expired')
    expect(keys.check(fresh.key).id).toBe(fresh.id)
    keys.close()
  })

  test('never works longer for it', () => {
    at(START.getTime())
    const keys = opened()
    const old = keys.create('web shop', ['read'], HOUR)
    keys.rotate(old.id, 5 * HOUR)
    expect(keys.find(old.id)?.expires).toEqual(old.expires)
    keys.close()
  })

  test('cannot be replaced again, nor one that is unknown, expired or taken back; then no key is made', () => {
    at(START.getTime())
    const keys = opened()
    const [replaced, revoked, expired] = ['a', 'b', 'c'].map((name) => keys.create(name, ['read'], HOUR))
    const fresh = keys.rotate(replaced.id, HOUR)
    keys.revoke([revoked.id])
    expect(() => keys.rotate(replaced.id, HOUR)).toThrow(`replaced already, by ${fresh.id}: rotate that one`)
    expect(() => keys.rotate(revoked.id, HOUR)).toThrow('was revoked')
    expect(() => keys.rotate('nobody', HOUR)).toThrow('There is no API key "nobody"')
    at(START.getTime() + HOUR)
    expect(() => keys.rotate(expired.id, HOUR)).toThrow('expired')
    expect(keys.list()).toHaveLength(4)
    keys.close()
  })
})

describe('the last use of a key', () => {
  test('is noted, once a minute', async () => {
    at(START.getTime())
    const keys = opened()
    const { id, key } = keys.create('web shop', ['read'], null)
    expect(keys.find(id)?.lastUsed).toBeNull()
    keys.check(key)
    await noted()
    at(START.getTime() + 59_999)
    keys.check(key)
    await noted()
    expect(keys.find(id)?.lastUsed).toEqual(START)
    at(START.getTime() + 60_000)
    keys.check(key)
    await noted()
    expect(keys.find(id)?.lastUsed).toEqual(new Date(START.getTime() + 60_000))
    keys.close()
  })

  test('does not wait for another process that is writing, and is then not noted', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { id, key } = keys.create('web shop', ['read'], null)
    const writer = new DatabaseSync(file)
    writer.exec('BEGIN IMMEDIATE')
    const began = performance.now()
    expect(keys.check(key).id).toBe(id)
    await noted()
    // It would wait two seconds for its turn.
    expect(performance.now() - began).toBeLessThan(1900)
    writer.exec('COMMIT')
    writer.close()
    expect(keys.find(id)?.lastUsed).toBeNull()
    keys.close()
  })

  test('is forgotten where the store is closed first', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { id, key } = keys.create('web shop', ['read'], null)
    keys.check(key)
    keys.close()
    await noted()
    const again = new ApiKeyStore(file)
    expect(again.find(id)?.lastUsed).toBeNull()
    again.close()
  })

  test('that cannot be written turns no good key away', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    const { id, key } = keys.create('web shop', ['read'], null)
    const database = new DatabaseSync(file)
    database.exec("CREATE TRIGGER full BEFORE UPDATE ON api_keys BEGIN SELECT raise(ABORT, 'disk full'); END")
    database.close()
    expect(keys.check(key).id).toBe(id)
    await noted()
    expect(keys.find(id)?.lastUsed).toBeNull()
    keys.close()
  })
})

describe('a store', () => {
  test('makes no file before the first key, and finds one that another process made', async () => {
    const file = temporaryFile('store.sqlite')
    const keys = new ApiKeyStore(file)
    expect(keys.list()).toEqual([])
    expect(existsSync(file)).toBe(false)
    const key = await elsewhere(file, "console.log(store.create('web shop', ['read'], null).key)")
    expect(keys.check(key.trim())).toMatchObject({ name: 'web shop' })
    keys.close()
  })

  test('in memory knows its keys as long as it is open', () => {
    const keys = new ApiKeyStore(IN_MEMORY)
    expect(keys.list()).toEqual([])
    const { id, key } = keys.create('web shop', ['read'], null)
    expect(keys.check(key).id).toBe(id)
    keys.close()
    expect(existsSync(IN_MEMORY)).toBe(false)
  })

  test('shares its file with the other stores', () => {
    const file = temporaryFile('store.sqlite')
    const log = keptLog()
    const texts = new ExplanationStore(file, log)
    const [keys, availability] = [new ApiKeyStore(file), openAvailability(file)]
    const { id, key } = keys.create('web shop', ['read'], null)
    availability.set([{ sku: 'mug', hidden: true }])
    texts.keep('question', 'answer')
    expect(keys.check(key).id).toBe(id)
    expect(availability.get('mug').hidden).toBe(true)
    expect(texts.find('question')).toBe('answer')
    expect(log.lines).toEqual([])
    for (const store of [keys, availability, texts]) store.close()
  })

  test('that is no database says so', () => {
    const file = temporaryFile('store.sqlite')
    writeFileSync(file, 'These are not the bytes of a database. '.repeat(100))
    const keys = new ApiKeyStore(file)
    expect(() => keys.list()).toThrow('file is not a database')
    keys.close()
  })

  test('takes a few microseconds a request, though it reads the file anew', () => {
    const keys = opened()
    const made = Array.from({ length: 1000 }, (_, n) => keys.create(`shop ${n}`, ['read'], null).key)
    for (const key of made) keys.check(key)
    const began = process.cpuUsage()
    for (const key of made) keys.check(key)
    const { user, system } = process.cpuUsage(began)
    // 15 µs each on the machine it was written on; a slow hash would take 100,000.
    expect((user + system) / made.length).toBeLessThan(200)
    keys.close()
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
