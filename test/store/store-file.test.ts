/** What holds of the file that keeps keys and availability: on the disk, replaced, read-only, under a clock set back. */
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ApiKeyError, ApiKeyStore } from '../../src/store/api-key-store.ts'
import { auditEntries } from '../../src/store/audit-log.ts'
import { openAvailability } from '../../src/store/availability-store.ts'
import { DatabaseFile, IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { runChildNow, startChild } from '../child-process.ts'
import { temporaryFile } from '../explanations/writer.ts'

const onUnix = test.skipIf(process.platform === 'win32')
const moduleOf = (name: string) => JSON.stringify(new URL(`../../src/store/${name}.ts`, import.meta.url).href)

function hasStrace(): boolean {
  try {
    runChildNow('strace', ['-V'])
    return true
  } catch {
    return false
  }
}

afterEach(() => void vi.useRealTimers())

/** A store with one key, one product hidden, and some text in its log. */
async function made(sku: string) {
  const file = temporaryFile('store.sqlite')
  const store = new ApiKeyStore(file)
  const { key } = await store.create('shop', ['read'], null)
  await store.close()
  const availability = await openAvailability(file)
  await availability.set([{ sku, hidden: true }])
  await availability.close()
  return { file, key }
}

/** What a process prints that has only this right to a store; root, who may write everywhere, is somebody else. */
async function readOnly(file: string, script: string): Promise<string[]> {
  chmodSync(file, 0o444)
  const folders = [dirname(file), dirname(dirname(file))]
  for (const folder of folders) chmodSync(folder, 0o555)
  const program = `
    import { ApiKeyStore } from ${moduleOf('api-key-store')}
    import { openAvailability } from ${moduleOf('availability-store')}
    import { openDatabase } from ${moduleOf('open-database')}
    const attempt = async (run, field) => {
      try { const found = await run(); return field ? found[field] : found }
      catch (error) { return error.name + ': ' + error.message }
    }
    const file = ${JSON.stringify(file)}
    ${script}`
  const child = startChild(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(process.getuid?.() === 0 && { uid: 65534 }),
  })
  let printed = ''
  child.stdout!.on('data', (text) => (printed += text))
  await once(child, 'close')
  for (const folder of folders) chmodSync(folder, 0o755)
  return printed.trimEnd().split('\n')
}

describe('what is acknowledged is on the disk', () => {
  test('every connection waits for fsync', () => {
    const database = new DatabaseFile(temporaryFile('store.sqlite'))
    // 2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous
    expect(database.toWrite('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
    expect(database.toWrite('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    database.close()
  })

  test('a store without a file takes at most 256 MiB', () => {
    const database = new DatabaseFile(IN_MEMORY)
    expect(database.toWrite('PRAGMA page_size').get()).toEqual({ page_size: 4096 })
    expect(database.toWrite('PRAGMA max_page_count').get()).toEqual({ max_page_count: 65_536 })
    database.close()
  })

  const skipped = hasStrace() ? '' : ' (SKIPPED: there is no strace)'
  test.skipIf(!hasStrace()).each([
    ['api-key-store', "await store.create('shop', ['read'], null)"],
    ['api-key-store', 'await store.revoke([id])'],
    ['api-key-store', 'await store.rotate(id, 0)'],
    ['availability-store', "await availability.set([{ sku: 'mug', hidden: true }])"],
    ['explanation-store', "await spending.spend('2018-08-29', { tokens: 1, money: 1 })"],
  ])(`each write of %s, as the kernel sees it: %s${skipped}`, async (_name, action) => {
    const file = temporaryFile('store.sqlite')
    const trace = temporaryFile('trace')
    const program = `
      import { ApiKeyStore } from ${moduleOf('api-key-store')}
      import { openAvailability } from ${moduleOf('availability-store')}
      import { ExplanationStore } from ${moduleOf('explanation-store')}
      import { writeSync } from 'node:fs'
      const store = new ApiKeyStore(${JSON.stringify(file)})
      const availability = await openAvailability(${JSON.stringify(file)})
      const spending = new ExplanationStore(${JSON.stringify(file)}, { info() {}, warn() {} })
      const { id } = await store.create('first', ['read'], null)
      writeSync(2, 'BEFORE')
      ${action}
      writeSync(2, 'ACKNOWLEDGED')
      process.kill(process.pid, 'SIGKILL')`
    const args = ['-f', '-y', '-e', 'trace=write,pwrite64,fsync,fdatasync', '-o', trace, process.execPath]
    const child = startChild('strace', [...args, '--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.resume()
    child.stderr!.resume()
    await once(child, 'close')
    const lines = readFileSync(trace, 'utf8').split('\n')
    const between = lines.slice(
      lines.findIndex((line) => line.includes('"BEFORE"')),
      lines.findIndex((line) => line.includes('"ACKNOWLEDGED"')),
    )
    const ofStore = between.filter((line) => line.includes('store.sqlite'))
    const lastWrite = ofStore.findLastIndex((line) => /pwrite64|write\(/.test(line) && !line.includes('-shm'))
    const lastSync = ofStore.findLastIndex((line) => /f(data)?sync\(/.test(line))
    expect(lastWrite).toBeGreaterThanOrEqual(0)
    expect(lastSync).toBeGreaterThan(lastWrite)
  })

  test('in the file itself: a copy of it alone holds everything that was acknowledged', async () => {
    const file = temporaryFile('store.sqlite')
    const [store, availability] = [new ApiKeyStore(file), await openAvailability(file)]
    const { key, id } = await store.create('shop', ['read'], null)
    await availability.set([{ sku: 'mug', hidden: true }])
    const copied = temporaryFile('copy.sqlite')
    copyFileSync(file, copied)
    const copy = new ApiKeyStore(copied)
    expect((await copy.check(key)).id).toBe(id)
    await copy.close()
    const copiedAvailability = await openAvailability(copied)
    expect(copiedAvailability.get('mug').hidden).toBe(true)
    await copiedAvailability.close()
    await store.close()
    await availability.close()
  })
})

describe('a store that another takes the place of', () => {
  test('is the one that answers, from the next question on', async () => {
    const [former, next] = [await made('mug'), await made('cup')]
    const store = new ApiKeyStore(former.file)
    const availability = await openAvailability(former.file)
    expect((await store.check(former.key)).name).toBe('shop')
    expect(availability.get('mug').hidden).toBe(true)
    const { version } = availability
    renameSync(next.file, former.file)
    await expect(store.check(former.key)).rejects.toThrow(ApiKeyError)
    expect((await store.check(next.key)).name).toBe('shop')
    await availability.refresh()
    expect([availability.get('mug').hidden, availability.get('cup').hidden]).toEqual([false, true])
    expect(availability.version).toBeGreaterThan(version)
    const second = await store.create('second', ['read'], null)
    await availability.set([{ sku: 'pot', hidden: true }])
    await store.close()
    await availability.close()
    const again = new ApiKeyStore(former.file)
    expect((await again.check(second.key)).name).toBe('second')
    expect(await again.list()).toHaveLength(2)
    await again.close()
  })

  test('is not mixed with what stood in the log of the former', async () => {
    const [former, next] = [await made('mug'), await made('cup')]
    const store = new ApiKeyStore(former.file)
    const availability = await openAvailability(former.file)
    // A reader holds the log up, so that it cannot be emptied.
    const reader = new DatabaseSync(former.file)
    reader.exec('BEGIN')
    reader.prepare('SELECT * FROM availability').all()
    const late = await Promise.all(
      Array.from({ length: 50 }, (_, n) => store.create(`late ${n}`, ['read'], null)),
    )
    expect(statSync(`${former.file}-wal`).size).toBeGreaterThan(0)
    renameSync(next.file, former.file)
    for (const { key } of late) await expect(store.check(key)).rejects.toThrow(ApiKeyError)
    expect((await store.check(next.key)).name).toBe('shop')
    await availability.refresh()
    expect(availability.get('cup').hidden).toBe(true)
    await store.create('after', ['read'], null)
    const check = new DatabaseSync(former.file)
    expect(check.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    expect(check.prepare('SELECT count(*) AS n FROM api_keys').get()).toEqual({ n: 2 })
    check.close()
    reader.close()
    await store.close()
    await availability.close()
  })

  test('and one that is gone opens nothing, and is made again by the next change', async () => {
    const { file, key } = await made('mug')
    const store = new ApiKeyStore(file)
    const availability = await openAvailability(file)
    expect((await store.check(key)).name).toBe('shop')
    expect(availability.get('mug').hidden).toBe(true)
    rmSync(file)
    await expect(store.check(key)).rejects.toThrow(ApiKeyError)
    await availability.refresh()
    expect(availability.get('mug').hidden).toBe(false)
    const fresh = await store.create('fresh', ['read'], null)
    expect(existsSync(file)).toBe(true)
    expect((await store.check(fresh.key)).name).toBe('fresh')
    await store.close()
    await availability.close()
  })
})

describe('a store that may only be read', () => {
  onUnix('answers what is asked, and says of changes that it cannot', async () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    const { key } = await store.create('shop', ['read'], null)
    const { id } = await store.create('signs', ['sign'], null)
    await store.close()
    const availability = await openAvailability(file)
    await availability.set([{ sku: 'mug', hidden: true }])
    await availability.close()
    const printed = await readOnly(
      file,
      `const database = openDatabase(file)
       const store = new ApiKeyStore(database)
       const availability = await openAvailability(file)
       console.log(await database.isReadOnly(), await attempt(() => store.check(${JSON.stringify(key)}), 'name'))
       console.log(await attempt(() => store.verificationKey(${JSON.stringify(id)}), 'kty'), (await store.list()).length)
       console.log(availability.get('mug').hidden, availability.get('cup').hidden)
       console.log(await attempt(() => availability.set([{ sku: 'cup', hidden: true }])))
       console.log(availability.get('cup').hidden)
       console.log(await attempt(() => store.create('more', ['read'], null)))
       setTimeout(async () => console.log(await attempt(() => store.check(${JSON.stringify(key)}), 'name')), 50)`,
    )
    expect(printed).toEqual([
      'true shop',
      'OKP 2',
      'true false',
      expect.stringMatching(
        /^StoreError: Availability was not changed: .* cannot be written \(.*readonly.*\)\.$/,
      ),
      'false',
      expect.stringMatching(/^StoreError: .*readonly/),
      'shop',
    ])
  })

  onUnix('is not read without what stands in its log', async () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    const { key, id } = await store.create('shop', ['read'], null)
    const reader = new DatabaseSync(file)
    reader.exec('BEGIN')
    reader.prepare('SELECT * FROM api_keys').all()
    await store.revoke([id])
    const copied = temporaryFile('copy.sqlite')
    for (const part of ['', '-wal']) copyFileSync(`${file}${part}`, `${copied}${part}`)
    reader.close()
    await store.close()
    const [answer] = await readOnly(
      copied,
      `console.log(await attempt(() => new ApiKeyStore(file).check(${JSON.stringify(key)}), 'name'))`,
    )
    // Revoked, or not to be read: never good.
    expect(answer).toMatch(/Error: /)
  })

  onUnix('of an older version, without tables that came since, has nothing in them', async () => {
    const file = temporaryFile('store.sqlite')
    const older = new DatabaseSync(file)
    older.exec('PRAGMA journal_mode = WAL; CREATE TABLE other (a)')
    older.close()
    const printed = await readOnly(
      file,
      `console.log(await attempt(() => new ApiKeyStore(file).list(), 'length'))
       console.log((await openAvailability(file)).get('mug').hidden)`,
    )
    expect(printed).toEqual(['0', 'false'])
  })
})

describe('when the clock goes back', () => {
  const HOUR = 3_600_000

  test('a key that has expired stays so, in this process and in the next', async () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    const { key } = await store.create('shop', ['read'], HOUR)
    const signs = await store.create('signs', ['sign'], HOUR)
    expect((await store.check(key)).name).toBe('shop')
    const now = Date.now()
    vi.useFakeTimers({ now: now + 2 * HOUR, toFake: ['Date'] })
    await expect(store.check(key)).rejects.toThrow('expired on')
    vi.setSystemTime(now)
    await expect(store.check(key)).rejects.toThrow('expired on')
    await expect(store.verificationKey(signs.id)).rejects.toThrow('expired on')
    await new Promise((resolve) => void setImmediate(resolve))
    await store.close()
    const next = new ApiKeyStore(file)
    await expect(next.check(key)).rejects.toThrow('expired on')
    await next.close()
  })

  test('also one that nobody used while it was late, where anything was', async () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    const { key } = await store.create('shop', ['read'], HOUR)
    const other = await store.create('other', ['read'], null)
    const now = Date.now()
    vi.useFakeTimers({ now: now + 2 * HOUR, toFake: ['Date'] })
    await store.check(other.key)
    await new Promise((resolve) => void setImmediate(resolve))
    await store.close()
    vi.setSystemTime(now)
    const next = new ApiKeyStore(file)
    await expect(next.check(key)).rejects.toThrow('expired on')
    const fresh = await next.create('fresh', ['read'], HOUR)
    expect((await next.check(fresh.key)).name).toBe('fresh')
    expect((await next.check(other.key)).name).toBe('other')
    await next.close()
  })
})

describe('the audit log', () => {
  test('says who did what to which key, and when, the latest first', async () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    const began = Date.now()
    const { id } = await store.create('web shop', ['read', 'admin'], null, 'command line of ana')
    const fresh = await store.rotate(id, 0, 'command line of ben')
    await store.revoke([fresh.id, fresh.id], 'command line of eve')
    await expect(store.revoke(['00000000'], 'command line of eve')).rejects.toThrow(ApiKeyError)
    await store.close()
    const entries = await auditEntries(file, 10)
    expect(entries.map(({ actor, kind, action, subject }) => [actor, kind, action, subject])).toEqual([
      ['command line of eve', 'keys', 'revoke', fresh.id],
      ['command line of ben', 'keys', 'rotate', `${id}, replaced by ${fresh.id}`],
      ['command line of ben', 'keys', 'create', `${fresh.id} "web shop" of read,admin`],
      ['command line of ana', 'keys', 'create', `${id} "web shop" of read,admin`],
    ])
    for (const { time } of entries) expect(time.getTime()).toBeGreaterThanOrEqual(began)
    expect(await auditEntries(file, 1)).toHaveLength(1)
    expect(readFileSync(file, 'latin1')).not.toContain(fresh.key)
  })

  test('says what was set of which products, and records nothing that was not', async () => {
    const file = temporaryFile('store.sqlite')
    const availability = await openAvailability(file)
    await availability.set([{ sku: 'mug', hidden: true }], 'key 4f1c09ab')
    await expect(
      availability.set([{ sku: 'mug', validFrom: 2, validUntil: 1 }], 'key 4f1c09ab'),
    ).rejects.toThrow()
    await availability.set([])
    await availability.set(
      Array.from({ length: 1000 }, (_, n) => ({ sku: `sku ${n} ${'x'.repeat(500)}`, hidden: true })),
    )
    await availability.close()
    const [many, one, ...rest] = await auditEntries(file, 10)
    expect(rest).toEqual([])
    expect(one).toMatchObject({
      actor: 'key 4f1c09ab',
      kind: 'availability',
      action: 'set',
      subject: '1 change: "mug" {"hidden":true}',
    })
    expect(many.subject).toMatch(/^1000 changes: "sku 0 /)
    expect(many.subject.length).toBeLessThanOrEqual(1000)
  })

  test('is bounded, and changes of availability push nothing out of what was done to keys', async () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    await store.create('web shop', ['read'], null)
    await store.close()
    const filled = new DatabaseSync(file)
    filled.exec(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
      INSERT INTO audit (time, kind, actor, action, subject) SELECT 0, 'availability', 'key', 'set', i FROM n`)
    filled.close()
    const availability = await openAvailability(file)
    await availability.set([{ sku: 'mug', hidden: true }])
    await availability.close()
    const entries = await auditEntries(file, 100_000)
    expect(entries.filter(({ kind }) => kind === 'availability')).toHaveLength(20_000)
    expect(entries.filter(({ kind }) => kind === 'keys')).toHaveLength(1)
    expect(entries[0].subject).toContain('mug')
  })

  test('is nowhere where there is no store', async () => {
    await expect(auditEntries(temporaryFile('none.sqlite'), 1)).rejects.toThrow('there is no store')
    const text = temporaryFile('text')
    writeFileSync(text, 'These are not the bytes of a database. '.repeat(100))
    await expect(auditEntries(text, 1)).rejects.toThrow('not a database')
  })
})
