/** What API keys do, whichever engine keeps them. */
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { ApiKeyError, ApiKeyStore } from '../../src/store/api-key-store.ts'

const HOUR = 3_600_000
const START = new Date('2026-11-23T06:51:30Z')

/** Moves the clock, and nothing but the clock. */
const at = (time: number) => vi.useFakeTimers({ toFake: ['Date'], now: time })

/** The last use of a key, once it is another than before: it is noted after the request. */
async function lastUseAfter(keys: ApiKeyStore, id: string, before: Date | null): Promise<Date | null> {
  for (;;) {
    const { lastUsed } = (await keys.find(id))!
    if (lastUsed?.getTime() !== before?.getTime()) return lastUsed
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** @param location  a new, empty store */
export function apiKeyContract(location: () => string): void {
  afterEach(() => void vi.useRealTimers())
  const opened = () => new ApiKeyStore(location())

  describe('a key', () => {
    test('is rk_, an id of 8 digits, and 56 digits more, of which 48 are random', async () => {
      const keys = opened()
      const made = await Promise.all(
        Array.from({ length: 100 }, () => keys.create('web shop', ['read'], null)),
      )
      for (const { id, key } of made) expect(key).toMatch(new RegExp(`^rk_${id}_[0-9a-f]{56}$`))
      const digits = made.map(({ key }) => key.slice(12, 60)).join('')
      // 4,800 hexadecimal digits, each 300 times on average with a standard deviation of 17.
      const counts = [...'0123456789abcdef'].map((digit) => digits.split(digit).length - 1)
      for (const count of counts) expect(Math.abs(count - 300)).toBeLessThan(6 * 17)
      expect(new Set(made.map(({ key }) => key)).size).toBe(100)
      await keys.close()
    })

    test('opens what its scopes say, also after the store was closed and opened again', async () => {
      const store = location()
      const keys = new ApiKeyStore(store)
      const { id, key } = await keys.create('back office', ['read', 'admin'], null)
      await keys.close()
      const again = new ApiKeyStore(store)
      expect(await again.check(key)).toMatchObject({ id, name: 'back office', scopes: ['read', 'admin'] })
      await again.close()
    })

    test('is shown once: neither the list nor a check tells it', async () => {
      const keys = opened()
      const { key } = await keys.create('web shop', ['read'], null)
      const told = JSON.stringify([await keys.list(), await keys.check(key)])
      expect(told).not.toContain(key.slice(12, 60))
      await keys.close()
    })
  })

  describe('nothing else opens anything', () => {
    let keys: ApiKeyStore
    let key: string
    beforeAll(async () => {
      keys = opened()
      key = (await keys.create('web shop', ['read', 'write', 'admin'], null)).key
    })
    afterAll(() => keys.close())

    test('a key with one character changed, left out or put in is told to be mistyped', async () => {
      const place = fc.nat(key.length - 1)
      const character = fc.oneof(
        fc.constantFrom(...'0123456789abcdef'),
        fc.string({ minLength: 1, maxLength: 1 }),
      )
      await fc.assert(
        fc.asyncProperty(place, fc.constantFrom(0, 1), fc.option(character), async (index, removed, put) => {
          const changed = key.slice(0, index) + (put ?? '') + key.slice(index + removed)
          fc.pre(changed !== key)
          await expect(keys.check(changed)).rejects.toThrow('The API key is mistyped or cut off')
        }),
        { numRuns: 2000 },
      )
    })

    test('another key of the same form is told to be unknown', async () => {
      const other = opened()
      const stranger = await other.create('elsewhere', ['read'], null)
      await expect(keys.check(stranger.key)).rejects.toThrow('The API key is not known here')
      await other.close()
    })

    test.each(['', 'rk_', 'Bearer', 'undefined'])('"%s"', async (text) => {
      await expect(keys.check(text)).rejects.toThrow(ApiKeyError)
    })
  })

  describe('a key that expires', () => {
    test('works until then and not a millisecond longer', async () => {
      at(START.getTime())
      const keys = opened()
      const { id, key, expires } = await keys.create('web shop', ['read'], HOUR)
      expect(expires).toEqual(new Date('2026-11-23T07:51:30Z'))
      at(START.getTime() + HOUR - 1)
      expect((await keys.check(key)).id).toBe(id)
      at(START.getTime() + HOUR)
      await expect(keys.check(key)).rejects.toThrow(
        `The API key ${id} expired on 2026-11-23 07:51 UTC: ask for a new one.`,
      )
      await keys.close()
    })
  })

  describe('a key taken back', () => {
    test('opens nothing from the next check on, whoever took it back', async () => {
      const store = location()
      const [keys, others] = [new ApiKeyStore(store), new ApiKeyStore(store)]
      const { id, key } = await keys.create('web shop', ['read'], null)
      expect((await others.check(key)).id).toBe(id)
      await others.revoke([id])
      await expect(keys.check(key)).rejects.toThrow(
        /^The API key \w{8} was revoked on .* UTC: ask for a new one\.$/,
      )
      await Promise.all([keys.close(), others.close()])
    })

    test('stays in the list, as of when it was first taken back', async () => {
      at(START.getTime())
      const keys = opened()
      const { id } = await keys.create('web shop', ['read'], null)
      await keys.revoke([id])
      at(START.getTime() + HOUR)
      await keys.revoke([id])
      expect(await keys.list()).toMatchObject([{ id, revoked: START }])
      await keys.close()
    })

    test('of several, all or none: every unknown id is named', async () => {
      const keys = opened()
      const { id, key } = await keys.create('web shop', ['read'], null)
      await expect(keys.revoke(['nobody', id, 'nothing'])).rejects.toThrow(
        'There is no API key "nobody", "nothing".',
      )
      expect((await keys.check(key)).id).toBe(id)
      await keys.close()
    })
  })

  describe('a key replaced', () => {
    test('by one of the same name, scopes and lifetime works on for the overlap', async () => {
      at(START.getTime())
      const keys = opened()
      const old = await keys.create('web shop', ['read', 'admin'], 10 * HOUR)
      at(START.getTime() + HOUR)
      const fresh = await keys.rotate(old.id, 2 * HOUR)
      expect(fresh).toMatchObject({
        name: 'web shop',
        scopes: ['read', 'admin'],
        expires: new Date(START.getTime() + 11 * HOUR),
      })
      expect(await keys.find(old.id)).toMatchObject({
        replacedBy: fresh.id,
        expires: new Date(START.getTime() + 3 * HOUR),
      })
      at(START.getTime() + 3 * HOUR - 1)
      expect([(await keys.check(old.key)).id, (await keys.check(fresh.key)).id]).toEqual([old.id, fresh.id])
      at(START.getTime() + 3 * HOUR)
      await expect(keys.check(old.key)).rejects.toThrow('expired')
      expect((await keys.check(fresh.key)).id).toBe(fresh.id)
      await keys.close()
    })

    test('never works longer for it', async () => {
      at(START.getTime())
      const keys = opened()
      const old = await keys.create('web shop', ['read'], HOUR)
      await keys.rotate(old.id, 5 * HOUR)
      expect((await keys.find(old.id))?.expires).toEqual(old.expires)
      await keys.close()
    })

    test('cannot be replaced again, nor one that is unknown, expired or taken back; then no key is made', async () => {
      at(START.getTime())
      const keys = opened()
      const [replaced, revoked, expired] = await Promise.all(
        ['a', 'b', 'c'].map((name) => keys.create(name, ['read'], HOUR)),
      )
      const fresh = await keys.rotate(replaced.id, HOUR)
      await keys.revoke([revoked.id])
      await expect(keys.rotate(replaced.id, HOUR)).rejects.toThrow(
        `replaced already, by ${fresh.id}: rotate that one`,
      )
      await expect(keys.rotate(revoked.id, HOUR)).rejects.toThrow('was revoked')
      await expect(keys.rotate('nobody', HOUR)).rejects.toThrow('There is no API key "nobody"')
      at(START.getTime() + HOUR)
      await expect(keys.rotate(expired.id, HOUR)).rejects.toThrow('expired')
      expect(await keys.list()).toHaveLength(4)
      await keys.close()
    })
  })

  describe('the last use of a key', () => {
    test('is noted, once a minute', async () => {
      at(START.getTime())
      const keys = opened()
      const { id, key } = await keys.create('web shop', ['read'], null)
      expect((await keys.find(id))?.lastUsed).toBeNull()
      await keys.check(key)
      expect(await lastUseAfter(keys, id, null)).toEqual(START)
      at(START.getTime() + 59_999)
      await keys.check(key)
      at(START.getTime() + 60_000)
      await keys.check(key)
      expect(await lastUseAfter(keys, id, START)).toEqual(new Date(START.getTime() + 60_000))
      await keys.close()
    })
  })
}
