import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Child, startChild } from '../child-process.ts'
import { openLimits } from '../../src/store/open-limits.ts'
import { hasPostgres, PostgresServer, postgresSkipped } from '../postgres-server.ts'
import type { Outcome, Task } from './sharing-process.ts'

const root = mkdtempSync(join(tmpdir(), 'rationale-'))
const folder = () => mkdtempSync(join(root, 'folder-'))

/** The lines that a process prints. */
const linesOf = ({ stdout }: Child) => createInterface({ input: stdout })[Symbol.asyncIterator]()

/** Starts a process of each task; they begin at once when all are ready. */
async function together(tasks: readonly Task[]): Promise<(Outcome | undefined)[]> {
  const children = tasks.map((task) =>
    startChild(process.execPath, [join(import.meta.dirname, 'sharing-process.ts'), JSON.stringify(task)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  )
  const lines = children.map(linesOf)
  for (const line of lines) expect((await line.next()).value).toBe('ready')
  for (const child of children) child.stdin!.write('begin\n')
  return Promise.all(
    lines.map(async (line) => {
      const { value } = await line.next()
      return value === undefined ? undefined : (JSON.parse(value) as Outcome)
    }),
  )
}

const four = (task: Task) => together(Array<Task>(4).fill(task))
const sum = (outcomes: readonly (Outcome | undefined)[]) =>
  outcomes.reduce((total, outcome) => total + outcome!.given, 0)

let postgres: PostgresServer | undefined
beforeAll(async () => {
  if (hasPostgres) postgres = await PostgresServer.open()
})
afterAll(async () => {
  await postgres?.close()
  rmSync(root, { recursive: true, force: true })
})

const ENGINES = [
  ['SQLite', () => join(folder(), 'store.sqlite')],
  ...(hasPostgres ? [['PostgreSQL', () => postgres!.newStore()] as const] : []),
] as const

if (!hasPostgres) test.skip(`four processes on one PostgreSQL${postgresSkipped}`)

describe.each(ENGINES)('four processes on one %s', (engine, storeOf) => {
  test('give a caller what one process would, within a tenth', async () => {
    const rate = { capacity: 2000, perSecond: 1000, points: 7, seconds: 2 }
    const outcomes = await four({ what: 'rates', store: storeOf(), ...rate })
    const began = Math.min(...outcomes.map((outcome) => outcome!.began))
    const ended = Math.max(...outcomes.map((outcome) => outcome!.ended))
    const allowed = rate.capacity + (rate.perSecond * (ended - began)) / 1000
    expect(sum(outcomes)).toBeLessThanOrEqual(1.1 * allowed)
    expect(sum(outcomes)).toBeGreaterThan(0.9 * (rate.capacity + rate.perSecond * rate.seconds))
  })

  test('never spend more than the budget, and spend it', async () => {
    const task = { what: 'budget', store: storeOf(), most: 100_000, call: 1000 } as const
    const spent = sum(await four(task))
    expect(spent).toBeLessThanOrEqual(task.most)
    // A call is refused where less than it may cost is left, or the sum of the others is rounded up.
    expect(spent).toBeGreaterThanOrEqual(task.most - task.call)
  })

  test('ask for each text once', async () => {
    const results = folder()
    const outcomes = await four({ what: 'once', store: storeOf(), folder: results, keys: 10 })
    expect(outcomes.map((outcome) => outcome!.given)).toEqual([10, 10, 10, 10])
    const asked = readFileSync(join(results, 'asked'), 'utf8').trimEnd().split('\n')
    expect(asked.map(Number).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('have a text written by another where the process that was to write it dies', async () => {
    const task = { what: 'once', store: storeOf(), folder: folder(), keys: 1 } as const
    const [died] = await together([{ ...task, dies: true }])
    expect(died).toBeUndefined()
    // Not before the claim of the dead process ends: its time is moved on, in place of waiting for ten seconds.
    if (engine === 'PostgreSQL')
      await postgres!.run(`UPDATE ${new URL(task.store).searchParams.get('schema')}.claims SET until = 0`)
    else await endClaims(task.store)
    const outcomes = await four(task)
    expect(outcomes.map((outcome) => outcome!.given)).toEqual([1, 1, 1, 1])
    expect(readFileSync(join(task.folder, 'asked'), 'utf8')).toBe('0\n0\n')
  })
})

async function endClaims(store: string): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(`${store}.limits`)
  expect(database.prepare('UPDATE claims SET until = 0').run().changes).toBe(1)
  database.close()
}

test('a claim keeps others out until it ends, and its owner may keep it', async () => {
  const limits = await openLimits(join(folder(), 'store.sqlite'))
  const { claims } = limits
  expect(await claims.claim('text', 'one', 10)).toBe(true)
  expect(await claims.claim('text', 'other', 10)).toBe(false)
  expect(await claims.claim('text', 'one', 10)).toBe(true)
  await claims.release('text', 'other')
  expect(await claims.claim('text', 'other', 10)).toBe(false)
  // A claim of no time has ended.
  expect(await claims.claim('text', 'one', -1)).toBe(true)
  expect(await claims.claim('text', 'other', 10)).toBe(true)
  await claims.release('text', 'other')
  expect(await claims.claim('text', 'one', 10)).toBe(true)
  await limits.close()
})
