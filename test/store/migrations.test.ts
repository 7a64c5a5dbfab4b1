/** A store that another version of Rationale made. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { readDataset } from '../../src/data/read.ts'
import { hashOfKey, randomKey } from '../../src/store/api-key.ts'
import { ApiKeyStore } from '../../src/store/api-key-store.ts'
import { auditEntries } from '../../src/store/audit-log.ts'
import { openAvailability } from '../../src/store/availability-store.ts'
import { DatabaseFile } from '../../src/store/sqlite/database-file.ts'
import { ExplanationStore } from '../../src/store/explanation-store.ts'
import { importDataset } from '../../src/store/import-dataset.ts'
import { NewerStoreError, SCHEMA } from '../../src/store/migrations.ts'
import { purchaseEvents } from '../../src/store/purchase-events.ts'
import { readStore } from '../../src/store/read-store.ts'
import { startChild } from '../child-process.ts'
import { keptLog, temporaryFile } from '../explanations/writer.ts'

/** The schema of version 0.1.0, word for word, which had no number: each part made its own tables. */
const KEYS_0_1 = `
  CREATE TABLE IF NOT EXISTS api_keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL, hash BLOB NOT NULL,
    created INTEGER NOT NULL, last_used INTEGER, expires INTEGER, revoked INTEGER, replaced_by TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS signing_keys (id TEXT PRIMARY KEY, public_key TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL,
    action TEXT NOT NULL, subject TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS audit_of_kind ON audit (kind, id);
  CREATE TABLE IF NOT EXISTS clock (only INTEGER PRIMARY KEY CHECK (only = 1), latest INTEGER NOT NULL) STRICT;`
const AVAILABILITY_0_1 = `
  CREATE TABLE IF NOT EXISTS availability (
    revision INTEGER PRIMARY KEY AUTOINCREMENT, sku TEXT NOT NULL UNIQUE,
    hidden INTEGER NOT NULL, in_stock INTEGER NOT NULL, valid_from INTEGER, valid_until INTEGER
  ) STRICT;`
const EXPLANATIONS_0_1 = `
  CREATE TABLE IF NOT EXISTS explanations (key TEXT PRIMARY KEY, answer TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS spending (
    day TEXT PRIMARY KEY, tokens REAL NOT NULL, money REAL NOT NULL
  ) STRICT, WITHOUT ROWID;`

const { id, key } = randomKey()

/** A store of version 0.1.0 with something in each of its tables. */
function storeOf01(tables = KEYS_0_1 + AVAILABILITY_0_1 + EXPLANATIONS_0_1): string {
  const file = temporaryFile('store.sqlite')
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA journal_mode = WAL; ${tables}`)
  const put = (sql: string, ...values: (string | number | Uint8Array)[]) =>
    database.prepare(sql).run(...values)
  put(
    'INSERT INTO api_keys (id, name, scopes, hash, created) VALUES (?, ?, ?, ?, ?)',
    id,
    'shop',
    'read',
    hashOfKey(key),
    5,
  )
  put(
    'INSERT INTO audit (time, kind, actor, action, subject) VALUES (?, ?, ?, ?, ?)',
    6,
    'keys',
    'ana',
    'create',
    id,
  )
  put('INSERT INTO clock (only, latest) VALUES (1, ?)', 7)
  if (tables.includes(AVAILABILITY_0_1))
    put('INSERT INTO availability (sku, hidden, in_stock) VALUES (?, ?, ?)', 'mug', 1, 0)
  if (tables.includes(EXPLANATIONS_0_1)) {
    put('INSERT INTO explanations (key, answer) VALUES (?, ?)', 'a', 'b')
    put('INSERT INTO spending (day, tokens, money) VALUES (?, ?, ?)', '2018-08-29', 12, 0.5)
  }
  database.close()
  return file
}

/** The tables of a store, and the number of its schema. */
function schemaOf(file: string) {
  const database = new DatabaseSync(file)
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map(({ name }) => name)
  const [version] = Object.values(database.prepare('PRAGMA user_version').get()!)
  database.close()
  return { version, tables }
}

const TABLES = [
  'api_keys',
  'audit',
  'availability',
  'clock',
  'customers',
  'events',
  'explanations',
  'imported',
  'log',
  'models',
  'products',
  'signing_keys',
  'spending',
  'visitors',
]

function numbered(version: number): string {
  const file = storeOf01()
  const database = new DatabaseSync(file)
  database.exec(`PRAGMA user_version = ${version}`)
  database.close()
  return file
}

describe('a store of version 0.1.0', () => {
  test('is brought to the latest schema in place, and loses nothing', async () => {
    const file = storeOf01()
    const keys = new ApiKeyStore(file)
    expect(await keys.check(key)).toMatchObject({ id, name: 'shop', scopes: ['read'], created: new Date(5) })
    await keys.close()
    const availability = await openAvailability(file)
    expect(availability.get('mug')).toMatchObject({ hidden: true, inStock: false })
    await availability.close()
    const explanations = new ExplanationStore(file, keptLog())
    expect(await explanations.find('a')).toBe('b')
    expect(await explanations.spent('2018-08-29')).toEqual({ tokens: 12, money: 0.5 })
    await explanations.close()
    expect(await auditEntries(file, 10)).toMatchObject([{ actor: 'ana', action: 'create', subject: id }])
    expect(schemaOf(file)).toEqual({ version: SCHEMA, tables: TABLES })
  })

  test('may have had only some of the tables: it gets the others', async () => {
    const file = storeOf01(KEYS_0_1)
    const availability = await openAvailability(file)
    await availability.set([{ sku: 'mug', hidden: true }])
    await availability.close()
    expect(schemaOf(file)).toEqual({ version: SCHEMA, tables: TABLES })
  })

  test('is read as it is where it is read-only', async () => {
    const file = storeOf01(KEYS_0_1)
    chmodSync(file, 0o444)
    const folders = [dirname(file), dirname(dirname(file))]
    for (const folder of folders) chmodSync(folder, 0o555)
    const module = JSON.stringify(new URL('../../src/store/api-key-store.ts', import.meta.url).href)
    const openModule = JSON.stringify(new URL('../../src/store/open-database.ts', import.meta.url).href)
    const program = `
      import { ApiKeyStore } from ${module}
      import { openDatabase } from ${openModule}
      const database = openDatabase(${JSON.stringify(file)})
      const store = new ApiKeyStore(database)
      console.log((await store.list()).length, await database.isReadOnly())`
    const child = startChild(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      // Root may write everywhere.
      ...(process.getuid?.() === 0 && { uid: 65534 }),
    })
    let printed = ''
    child.stdout.on('data', (text) => (printed += text))
    await once(child, 'close')
    for (const folder of folders) chmodSync(folder, 0o755)
    expect(printed).toBe('1 true\n')
    expect(schemaOf(file).version).toBe(0)
  })
})

/** Schema 2, whose events have no columns for what files say beside them. */
const EVENTS_2 = `
  CREATE TABLE events (
    is_visitor INTEGER NOT NULL, customer TEXT NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL,
    product TEXT NOT NULL, kind TEXT NOT NULL, received_at INTEGER NOT NULL, quantity REAL, price REAL, value REAL,
    order_id TEXT, list_id TEXT, placement TEXT,
    PRIMARY KEY (is_visitor, customer, at, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX events_by_id ON events (id);
  CREATE INDEX events_of_histories ON events (customer, at, id)
    WHERE is_visitor = 0 AND kind IN ('PURCHASE', 'RETURN', 'NOT_INTERESTED');
  CREATE TABLE visitors (
    visitor TEXT PRIMARY KEY, customer TEXT NOT NULL, identified_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX visitors_of_customer ON visitors (customer);
  PRAGMA user_version = 2;`

test('a store with events of schema 2 keeps them, and an import says the rest of them', async () => {
  const path = temporaryFile('interactions.csv')
  writeFileSync(
    path,
    'customer_id,product_id,timestamp,seller_id\nben,cup,2018-01-02,s1\nana,mug,2018-01-03,s2\n',
  )
  const dataset = await readDataset(path, { keepColumns: true })
  const file = storeOf01()
  const database = new DatabaseSync(file)
  database.exec(EVENTS_2)
  const insert = database.prepare(
    "INSERT INTO events VALUES (0, ?, ?, ?, ?, 'PURCHASE', 1, 1, NULL, NULL, NULL, NULL, NULL)",
  )
  for (const { customer, at, idempotencyKey, product } of purchaseEvents(dataset))
    insert.run(customer!, at, idempotencyKey!, product)
  database.close()
  // Without the files' order and sellers: by time.
  expect(await readStore(file)).toMatchObject({ interactions: { count: 2 } })
  expect(schemaOf(file)).toEqual({ version: SCHEMA, tables: TABLES })
  expect(await importDataset(dataset, file)).toEqual({ accepted: 0, duplicates: 2 })
  const { fingerprint, sellers } = await readStore(file)
  expect(fingerprint).toBe(dataset.fingerprint)
  expect([sellers!.at(0), sellers!.at(1)]).toEqual(['s1', 's2'])
})

describe('a store of a newer version', () => {
  test('is refused, and is not changed', async () => {
    const file = numbered(SCHEMA + 1)
    const before = readFileSync(file)
    expect(() => new DatabaseFile(file).toWrite('SELECT 1')).toThrow(NewerStoreError)
    await expect(new ApiKeyStore(file).list()).rejects.toThrow(
      `the store has schema ${SCHEMA + 1}, and this version of Rationale knows schemas up to ${SCHEMA}`,
    )
    await expect(openAvailability(file)).rejects.toThrow('a newer version made it')
    expect(readFileSync(file).equals(before)).toBe(true)
  })
})

test('a migration that fails changes nothing, and the next one succeeds', () => {
  const file = storeOf01()
  const other = new DatabaseSync(file)
  // A table of that name is in the way of the second step.
  other.exec('CREATE TABLE visitors (name TEXT)')
  expect(() => new DatabaseFile(file).toWrite('SELECT 1')).toThrow('already exists')
  expect(schemaOf(file).version).toBe(0)
  expect(schemaOf(file).tables).not.toContain('events')
  other.exec('DROP TABLE visitors')
  other.close()
  new DatabaseFile(file).toWrite('SELECT 1')
  expect(schemaOf(file)).toEqual({ version: SCHEMA, tables: TABLES })
})

test('processes that open an old store at the same time migrate it once', async () => {
  const file = storeOf01()
  const module = JSON.stringify(new URL('../../src/store/api-key-store.ts', import.meta.url).href)
  const program = `
    import { ApiKeyStore } from ${module}
    console.log((await new ApiKeyStore(${JSON.stringify(file)}).list()).length)`
  const printed = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = startChild(process.execPath, ['--input-type=module', '--eval', program])
      let text = ''
      child.stdout.on('data', (part) => (text += part))
      child.stderr!.on('data', (part) => (text += part))
      await once(child, 'close')
      return text
    }),
  )
  expect(printed).toEqual(Array(4).fill('1\n'))
  expect(schemaOf(file)).toEqual({ version: SCHEMA, tables: TABLES })
})
