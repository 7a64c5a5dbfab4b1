import { Kysely } from 'kysely'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { openAvailability } from '../../src/store/availability-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { DatabaseFile, IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { sqliteDialect } from '../../src/store/sqlite/dialect.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { historyQuery, interestQuery } from '../../src/store/sqlite/events.ts'
import { startChild } from '../child-process.ts'
import { temporaryFile } from '../explanations/writer.ts'
import { eventStoreContract, NOW } from './event-store-contract.ts'

eventStoreContract(() => openEvents(IN_MEMORY, () => NOW))

const purchase = (n: number, customer = 'ana') =>
  ({ customer, product: `p${n}`, kind: 'PURCHASE', at: NOW, idempotencyKey: `${customer} ${n}` }) as const

const module = JSON.stringify(new URL('../../src/store/open-events.ts', import.meta.url).href)

test('a file is made with the first event, and until then reads as empty', async () => {
  const file = temporaryFile('store.sqlite')
  const store = openEvents(file)
  expect(await store.histories(['ana'], 10)).toEqual([[]])
  expect(await store.known(['ana'])).toEqual(new Set())
  expect(await store.exportOf('ana', 10)).toEqual({
    visitors: [],
    segment: null,
    events: [],
    next: null,
  })
  expect(existsSync(file)).toBe(false)
  await store.append([purchase(1)])
  await store.close()
  const again = openEvents(file)
  expect((await again.histories(['ana'], 10))[0]).toHaveLength(1)
  await again.close()
})

test('a process killed while it records loses no event that it has acknowledged', async () => {
  const file = temporaryFile('store.sqlite')
  let recorded = 0
  for (let round = 0; round < 5; round++) {
    // Calls of three events each, four at a time; each is printed when it is acknowledged.
    const program = `
      import { openEvents } from ${module}
      import { writeSync } from 'node:fs'
      const store = openEvents(${JSON.stringify(file)})
      const record = async (call) => {
        const events = [0, 1, 2].map((n) => ({
          customer: 'ana', product: 'mug', kind: 'PURCHASE', at: ${NOW}, idempotencyKey: '${round} ' + call + ' ' + n,
        }))
        await store.append(events)
        writeSync(1, call + '\\n')
      }
      for (let call = 0; call < 100000; call += 4) await Promise.all([0, 1, 2, 3].map((n) => record(call + n)))`
    const child = startChild(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const acknowledged: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line)
      if (acknowledged.length === 20 * (round + 1)) child.kill('SIGKILL')
    }
    const store = openEvents(file)
    const [history] = await store.histories(['ana'], 100_000)
    const found = new Set(history.map(({ id }) => id))
    for (const call of acknowledged)
      for (const n of [0, 1, 2]) expect(found).toContain(`${round} ${call} ${n}`)
    // All of a call or none of it.
    const ofRound = [...found].filter((id) => id.startsWith(`${round} `))
    expect(ofRound.length % 3).toBe(0)
    recorded += ofRound.length
    expect(history).toHaveLength(recorded)
    await store.close()
  }
})

test('calls that come at the same time share a transaction', async () => {
  const file = temporaryFile('store.sqlite')
  const store = openEvents(file)
  await store.append([purchase(0)])
  const other = new DatabaseSync(file)
  /** Pages that were written: each transaction writes every page that it changes once. */
  const pages = () => Number(other.prepare('PRAGMA wal_checkpoint(PASSIVE)').get()!['log'])
  const before = pages()
  for (let n = 1; n <= 50; n++) await store.append([purchase(n)])
  const oneByOne = pages() - before
  await Promise.all(Array.from({ length: 50 }, (_, n) => store.append([purchase(100 + n)])))
  const together = pages() - before - oneByOne
  expect(oneByOne).toBeGreaterThanOrEqual(50)
  expect(together).toBeLessThan(oneByOne / 5)
  other.close()
  await store.close()
})

test('what two processes record at the same time is all there', async () => {
  const file = temporaryFile('store.sqlite')
  const program = (customer: string) => `
    import { openEvents } from ${module}
    const store = openEvents(${JSON.stringify(file)})
    for (let n = 0; n < 200; n++)
      await store.append([{ customer: '${customer}', product: 'mug', kind: 'PURCHASE', at: ${NOW} }])
    await store.close()`
  const codes = await Promise.all(
    ['ana', 'ben'].map(async (customer) => {
      const child = startChild(process.execPath, ['--input-type=module', '--eval', program(customer)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [code] = await once(child, 'exit')
      return code
    }),
  )
  expect(codes).toEqual([0, 0])
  const store = openEvents(file)
  const histories = await store.histories(['ana', 'ben'], 1000)
  expect(histories.map((history) => history.length)).toEqual([200, 200])
  await store.close()
})

test('while another process writes, recording waits and the thread does not', async () => {
  const file = temporaryFile('store.sqlite')
  const store = openEvents(file)
  await store.append([purchase(1)])
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  let isRecorded = false
  const recording = store.append([purchase(2)]).then((recorded) => {
    isRecorded = true
    return recorded
  })
  let [longest, before] = [0, performance.now()]
  for (let n = 0; n < 50; n++) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    longest = Math.max(longest, performance.now() - before)
    before = performance.now()
  }
  expect(isRecorded).toBe(false)
  // Far below the two seconds that SQLite would wait in the thread.
  expect(longest).toBeLessThan(1000)
  other.exec('COMMIT')
  expect(await recording).toEqual({ accepted: 1, duplicates: 0 })
  other.close()
  await store.close()
})

/** Purchases of a customer, whose products name the customer. */
const events = (customer: string) =>
  Array.from({ length: 3000 }, (_, n) => ({
    ...purchase(n, customer),
    product: `${customer} product ${n}`,
  }))

test('nothing of an erased customer is left in any file of the store once it is scrubbed', async () => {
  const file = temporaryFile('store.sqlite')
  const store = openEvents(file)
  // In turns, so that they share pages, and pages are split.
  for (let from = 0; from < 3000; from += 100)
    for (const customer of ['ben', 'erased', 'zoe'])
      await store.append(events(customer).slice(from, from + 100))
  await store.append(
    Array.from({ length: 3000 }, (_, n) => ({
      visitor: 'erased-visitor',
      product: `erased product ${n}`,
      kind: 'VIEW' as const,
      at: NOW,
    })),
  )
  await store.identify('erased-visitor', 'erased')
  expect(await store.erase('erased')).toBe(6000)
  await store.scrub()
  const bytes = () =>
    readdirSync(dirname(file))
      .filter((name) => name.startsWith(basename(file)))
      .map((name) => readFileSync(join(dirname(file), name), 'latin1'))
      .join()
  expect(bytes()).toContain('zoe product 2999')
  expect(bytes()).not.toContain('erased')
  await store.close()
  expect(bytes()).not.toContain('erased')
})

const onUnix = test.skipIf(process.platform === 'win32')

onUnix('a full disk is a clear error, and loses nothing that was recorded', async () => {
  const file = temporaryFile('store.sqlite')
  const program = `
    import { openEvents } from ${module}
    const store = openEvents(${JSON.stringify(file)})
    let recorded = 0
    try {
      for (let call = 0; call < 1000; call++) {
        await store.append(Array.from({ length: 100 }, (_, n) => ({
          customer: 'ana', product: 'p' + n, kind: 'PURCHASE', at: ${NOW} + call, idempotencyKey: call + ' ' + n,
        })))
        recorded += 100
      }
    } catch (error) {
      console.log(JSON.stringify({ recorded, name: error.name, message: error.message }))
    }`
  // No file may be longer than a megabyte: writing beyond fails, instead of ending the process.
  const child = startChild(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    limits: "trap '' XFSZ; ulimit -f 2048",
  })
  let printed = ''
  child.stdout.on('data', (text) => (printed += text))
  await once(child, 'close')
  const { recorded, name, message } = JSON.parse(printed)
  expect(recorded).toBeGreaterThan(0)
  expect(name).toBe('StoreError')
  expect(message).toContain('Nothing was recorded: ')
  const store = openEvents(file)
  expect((await store.histories(['ana'], 200_000))[0]).toHaveLength(recorded)
  expect(await store.append([purchase(1)])).toEqual({ accepted: 1, duplicates: 0 })
  await store.close()
})

test('a file that is no database is a clear error, and records nothing', async () => {
  const file = temporaryFile('store.sqlite')
  writeFileSync(file, 'These are not the bytes of a database. '.repeat(100))
  const store = openEvents(file)
  await expect(store.append([purchase(1)])).rejects.toThrow(
    `Nothing was recorded: ${file} cannot be written (file is not a database).`,
  )
  await expect(store.histories(['ana'], 1)).rejects.toThrow(StoreError)
  await store.close()
})

test('a store in a folder that does not exist and cannot be made is a clear error', async () => {
  const store = openEvents(`${import.meta.filename}/store.sqlite`)
  await expect(store.append([purchase(1)])).rejects.toThrow('Nothing was recorded')
  expect(await store.histories(['ana'], 1)).toEqual([[]])
  await store.close()
})

test.each([
  ['a history', 'views', historyQuery('ana', -1, 10), 'events_of_histories (customer=?'],
  ['interest', 'impressions', interestQuery(1, 'v1', 10), 'events_of_interest (is_visitor=? AND customer=?'],
])('%s is read from its own index, however many %s there are', async (_what, _others, query, index) => {
  const file = temporaryFile('store.sqlite')
  const availability = await openAvailability(file)
  await availability.set([{ sku: 'mug', hidden: true }])
  await availability.close()
  const database = new DatabaseSync(file)
  const { sql, parameters } = compiledQuery(query)
  const plan = database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...parameters)
    .map(({ detail }) => String(detail))
  database.close()
  const reading = plan.filter((step) => /(SEARCH|SCAN) (event|events)\b/.test(step))
  expect(reading).toHaveLength(1)
  for (const step of reading) expect(step).toContain(`USING INDEX ${index}`)
})

function compiledQuery(query: ReturnType<typeof historyQuery> | ReturnType<typeof interestQuery>) {
  const dialect = sqliteDialect(new DatabaseFile(IN_MEMORY), 'READ')
  const { sql, parameters } = query.compile(new Kysely({ dialect }))
  return { sql, parameters: parameters as (string | number)[] }
}
