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
import { DatabaseFile, IN_MEMORY } from '../../src/store/database.ts'
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
function made(sku: string) {
  const file = temporaryFile('store.sqlite')
  const store = new ApiKeyStore(file)
  const { key } = store.create('shop', ['read'], null)
  store.close()
  const availability = openAvailability(file)
  availability.set([{ sku, hidden: true }])
  availability.close()
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
    const attempt = (run) => { try { return run() } catch (error) { return error.name + ': ' + error.message } }
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
    ['api-key-store', "store.create('shop', ['read'], null)"],
    ['api-key-store', 'store.revoke([id])'],
    ['api-key-store', 'store.rotate(id, 0)'],
    ['availability-store', "availability.set([{ sku: 'mug', hidden: true }])"],
    ['explanation-store', "spending.spend('2018-08-29', { tokens: 1, money: 1 })"],
  ])(`each write of %s, as the kernel sees it: %s${skipped}`, async (_name, action) => {
    const file = temporaryFile('store.sqlite')
    const trace = temporaryFile('trace')
    const program = `
      import { ApiKeyStore } from ${moduleOf('api-key-store')}
      import { openAvailability } from ${moduleOf('availability-store')}
      import { ExplanationStore } from ${moduleOf('explanation-store')}
      import { writeSync } from 'node:fs'
      const store = new ApiKeyStore(${JSON.stringify(file)})
      const availability = openAvailability(${JSON.stringify(file)})
      const spending = new ExplanationStore(${JSON.stringify(file)}, { info() {}, warn() {} })
      const { id } = store.create('first', ['read'], null)
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

  test('in the file itself: a copy of it alone holds everything that was acknowledged', () => {
    const file = temporaryFile('store.sqlite')
    const [store, availability] = [new ApiKeyStore(file), openAvailability(file)]
    const { key, id } = store.create('shop', ['read'], null)
    availability.set([{ sku: 'mug', hidden: true }])
    const copied = temporaryFile('copy.sqlite')
    copyFileSync(file, copied)
    const copy = new ApiKeyStore(copied)
    expect(copy.check(key).id).toBe(id)
    copy.close()
    const copiedAvailability = openAvailability(copied)
    expect(copiedAvailability.get('mug').hidden).toBe(true)
    copiedAvailability.close()
    store.close()
    availability.close()
  })
})

describe('a store that another takes the place of', () => {
  test('is the one that answers, from the next question on', () => {
    const [former, next] = [made('mug'), made('cup')]
    const store = new ApiKeyStore(former.file)
    const availability = openAvailability(former.file)
    expect(store.check(former.key).name).toBe('shop')
    expect(availability.get('mug').hidden).toBe(true)
    const { version } = availability
    renameSync(next.file, former.file)
    expect(() => store.check(former.key)).toThrow(ApiKeyError)
    expect(store.check(next.key).name).toBe('shop')
    expect([availability.get('mug').hidden, availability.get('cup').hidden]).toEqual([false, true])
    expect(availability.version).toBeGreaterThan(version)
    const second = store.create('second', ['read'], null)
    availability.set([{ sku: 'pot', hidden: true }])
    store.close()
    availability.close()
    const again = new ApiKeyStore(former.file)
    expect(again.check(second.key).name).toBe('second')
    expect(again.list()).toHaveLength(2)
    again.close()
  })

  test('is not mixed with what stood in the log of the former', () => {
    const [former, next] = [made('mug'), made('cup')]
    const store = new ApiKeyStore(former.file)
    const availability = openAvailability(former.file)
    // A reader holds the log up, so that it cannot be emptied.
    const reader = new DatabaseSync(former.file)
    reader.exec('BEGIN')
    reader.prepare('SELECT * FROM availability').all()
    const late = Array.from({ length: 50 }, (_, n) => store.create(`late ${n}`, ['read'], null))
    expect(statSync(`${former.file}-wal`).size).toBeGreaterThan(0)
    renameSync(next.file, former.file)
    for (const { key } of late) expect(() => store.check(key)).toThrow(ApiKeyError)
    expect(store.check(next.key).name).toBe('shop')
    expect(availability.get('cup').hidden).toBe(true)
    store.create('after', ['read'], null)
    const check = new DatabaseSync(former.file)
    expect(check.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    expect(check.prepare('SELECT count(*) AS n FROM api_keys').get()).toEqual({ n: 2 })
    check.close()
    reader.close()
    store.close()
    availability.close()
  })

  test('and one that is gone opens nothing, and is made again by the next change', () => {
    const { file, key } = made('mug')
    const store = new ApiKeyStore(file)
    const availability = openAvailability(file)
    expect(store.check(key).name).toBe('shop')
    expect(availability.get('mug').hidden).toBe(true)
    rmSync(file)
    expect(() => store.check(key)).toThrow(ApiKeyError)
    expect(availability.get('mug').hidden).toBe(false)
    const fresh = store.create('fresh', ['read'], null)
    expect(existsSync(file)).toBe(true)
    expect(store.check(fresh.key).name).toBe('fresh')
    store.close()
    availability.close()
  })
})

describe('a store that may only be read', () => {
  onUnix('answers what is asked, and says of changes that it cannot', async () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    const { key } = store.create('shop', ['read'], null)
    const { id } = store.create('signs', ['sign'], null)
    store.close()
    const availability = openAvailability(file)
    availability.set([{ sku: 'mug', hidden: true }])
    availability.close()
    const printed = await readOnly(
      file,
      `const store = new ApiKeyStore(file)
       const availability = openAvailability(file)
       console.log(store.isReadOnly, attempt(() => store.check(${JSON.stringify(key)}).name))
       console.log(attempt(() => store.verificationKey(${JSON.stringify(id)}).kty), store.list().length)
       console.log(availability.get('mug').hidden, availability.get('cup').hidden)
       console.log(attempt(() => availability.set([{ sku: 'cup', hidden: true }])))
       console.log(availability.get('cup').hidden)
       console.log(attempt(() => store.create('more', ['read'], null)))
       setTimeout(() => console.log(attempt(() => store.check(${JSON.stringify(key)}).name)), 50)`,
    )
    expect(printed).toEqual([
      'true shop',
      'OKP 2',
      'true false',
      expect.stringMatching(
        /^StoreError: Availability was not changed: .* cannot be written \(.*readonly.*\)\.$/,
      ),
      'false',
      expect.stringMatching(/^Error: .*readonly/),
      'shop',
    ])
  })

  onUnix('is not read without what stands in its log', async () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    const { key, id } = store.create('shop', ['read'], null)
    const reader = new DatabaseSync(file)
    reader.exec('BEGIN')
    reader.prepare('SELECT * FROM api_keys').all()
    store.revoke([id])
    const copied = temporaryFile('copy.sqlite')
    for (const part of ['', '-wal']) copyFileSync(`${file}${part}`, `${copied}${part}`)
    reader.close()
    store.close()
    const [answer] = await readOnly(
      copied,
      `console.log(attempt(() => new ApiKeyStore(file).check(${JSON.stringify(key)}).name))`,
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
      `console.log(attempt(() => new ApiKeyStore(file).list().length))
       console.log(openAvailability(file).get('mug').hidden)`,
    )
    expect(printed).toEqual(['0', 'false'])
  })
})

describe('when the clock goes back', () => {
  const HOUR = 3_600_000

  test('a key that has expired stays so, in this process and in the next', async () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    const { key } = store.create('shop', ['read'], HOUR)
    const signs = store.create('signs', ['sign'], HOUR)
    expect(store.check(key).name).toBe('shop')
    const now = Date.now()
    vi.useFakeTimers({ now: now + 2 * HOUR, toFake: ['Date'] })
    expect(() => store.check(key)).toThrow('expired on')
    vi.setSystemTime(now)
    expect(() => store.check(key)).toThrow('expired on')
    expect(() => store.verificationKey(signs.id)).toThrow('expired on')
    await new Promise((resolve) => void setImmediate(resolve))
    store.close()
    const next = new ApiKeyStore(file)
    expect(() => next.check(key)).toThrow('expired on')
    next.close()
  })

  test('also one that nobody used while it was late, where anything was', async () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    const { key } = store.create('shop', ['read'], HOUR)
    const other = store.create('other', ['read'], null)
    const now = Date.now()
    vi.useFakeTimers({ now: now + 2 * HOUR, toFake: ['Date'] })
    store.check(other.key)
    await new Promise((resolve) => void setImmediate(resolve))
    store.close()
    vi.setSystemTime(now)
    const next = new ApiKeyStore(file)
    expect(() => next.check(key)).toThrow('expired on')
    const fresh = next.create('fresh', ['read'], HOUR)
    expect(next.check(fresh.key).name).toBe('fresh')
    expect(next.check(other.key).name).toBe('other')
    next.close()
  })
})

describe('the audit log', () => {
  test('says who did what to which key, and when, the latest first', () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    const began = Date.now()
    const { id } = store.create('web shop', ['read', 'admin'], null, 'command line of ana')
    const fresh = store.rotate(id, 0, 'command line of ben')
    store.revoke([fresh.id, fresh.id], 'command line of eve')
    expect(() => store.revoke(['00000000'], 'command line of eve')).toThrow(ApiKeyError)
    store.close()
    const entries = auditEntries(file, 10)
    expect(entries.map(({ actor, kind, action, subject }) => [actor, kind, action, subject])).toEqual([
      ['command line of eve', 'keys', 'revoke', fresh.id],
      ['command line of ben', 'keys', 'rotate', `${id}, replaced by ${fresh.id}`],
      ['command line of ben', 'keys', 'create', `${fresh.id} "web shop" of read,admin`],
      ['command line of ana', 'keys', 'create', `${id} "web shop" of read,admin`],
    ])
    for (const { time } of entries) expect(time.getTime()).toBeGreaterThanOrEqual(began)
    expect(auditEntries(file, 1)).toHaveLength(1)
    expect(readFileSync(file, 'latin1')).not.toContain(fresh.key)
  })

  test('says what was set of which products, and records nothing that was not', () => {
    const file = temporaryFile('store.sqlite')
    const availability = openAvailability(file)
    availability.set([{ sku: 'mug', hidden: true }], 'key 4f1c09ab')
    expect(() => availability.set([{ sku: 'mug', validFrom: 2, validUntil: 1 }], 'key 4f1c09ab')).toThrow()
    availability.set([])
    availability.set(
      Array.from({ length: 1000 }, (_, n) => ({ sku: `sku ${n} ${'x'.repeat(500)}`, hidden: true })),
    )
    availability.close()
    const [many, one, ...rest] = auditEntries(file, 10)
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

  test('is bounded, and changes of availability push nothing out of what was done to keys', () => {
    const file = temporaryFile('store.sqlite')
    const store = new ApiKeyStore(file)
    store.create('web shop', ['read'], null)
    store.close()
    const filled = new DatabaseSync(file)
    filled.exec(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
      INSERT INTO audit (time, kind, actor, action, subject) SELECT 0, 'availability', 'key', 'set', i FROM n`)
    filled.close()
    const availability = openAvailability(file)
    availability.set([{ sku: 'mug', hidden: true }])
    availability.close()
    const entries = auditEntries(file, 100_000)
    expect(entries.filter(({ kind }) => kind === 'availability')).toHaveLength(20_000)
    expect(entries.filter(({ kind }) => kind === 'keys')).toHaveLength(1)
    expect(entries[0].subject).toContain('mug')
  })

  test('is nowhere where there is no store', () => {
    expect(() => auditEntries(temporaryFile('none.sqlite'), 1)).toThrow('there is no store')
    const text = temporaryFile('text')
    writeFileSync(text, 'These are not the bytes of a database. '.repeat(100))
    expect(() => auditEntries(text, 1)).toThrow('not a database')
  })
})
