/**
 * One of several processes that share limits. It prints "ready", begins when it reads a line, and prints one JSON object.
 * The argument is a `Task`.
 */
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SharedFlights } from '../../src/explanations/shared-flights.ts'
import { SharedRateLimiter } from '../../src/server/shared-rate-limiter.ts'
import { ExplanationStore } from '../../src/store/explanation-store.ts'
import { openLimits } from '../../src/store/open-limits.ts'

export type Task = {
  /** An SQLite file, or the URL of a PostgreSQL database. */
  readonly store: string
} & (
  | {
      readonly what: 'rates'
      readonly capacity: number
      readonly perSecond: number
      readonly points: number
      readonly seconds: number
    }
  | { readonly what: 'budget'; readonly most: number; readonly call: number }
  | { readonly what: 'once'; readonly folder: string; readonly keys: number; readonly dies?: boolean }
)

/** What a process tells of its task. */
export interface Outcome {
  readonly given: number
  /** In ms since 1970. */
  readonly began: number
  readonly ended: number
}

const log = { info() {}, warn: (details: object, message: string) => console.error(message, details) }
const task = JSON.parse(process.argv[2]) as Task
const day = '2018-08-29'
const limits = await openLimits(task.store)
const texts = new ExplanationStore(task.store, log)
// Opened before it begins.
await texts.spent(day)

process.stdout.write('ready\n')
await once(process.stdin, 'data')
process.stdin.unref()
const began = Date.now()
const given = await work()
const outcome: Outcome = { given, began, ended: Date.now() }
process.stdout.write(`${JSON.stringify(outcome)}\n`)
await limits.close()
await texts.close()

function work(): Promise<number> {
  if (task.what === 'rates') return takePoints(task)
  return task.what === 'budget' ? spend(task) : askOnce(task)
}

/** Takes points as fast as it can. @returns how many it was given */
async function takePoints({ capacity, perSecond, points, seconds }: Extract<Task, { what: 'rates' }>) {
  const rateLimit = { capacity, perSecond }
  const limiter = new SharedRateLimiter({ rateLimit, visitorRateLimit: null }, limits, log)
  const ana = { name: 'ana', visitor: 'ana' }
  let taken = 0
  while (Date.now() < began + seconds * 1000) {
    const wait = await limiter.take(ana, points)
    if (wait === 0) taken += points
    else await sleep(Math.min(5, wait * 1000))
  }
  return taken
}

/** Makes calls that cost half of what is reserved for them, until the budget is spent. @returns what they cost */
async function spend({ most, call }: Extract<Task, { what: 'budget' }>) {
  const [all, half] = [call, call / 2].map((tokens) => ({ tokens, money: tokens / 1e6 }))
  let spent = 0
  for (let refused = 0; refused < 20; ) {
    if (await texts.reserve(day, all, { tokens: most, money: most / 1e6 })) {
      await sleep(1)
      spent += half.tokens
      await texts.spend(day, { tokens: -half.tokens, money: -half.money })
    } else {
      refused++
      await sleep(5)
    }
  }
  return spent
}

/** Asks for some texts, each of which takes a while to write. @returns how many it got */
async function askOnce({ folder, keys, dies }: Extract<Task, { what: 'once' }>) {
  const flights = new SharedFlights(limits.claims, 60, log)
  const asks = Array.from({ length: keys }, (_, n) => {
    const file = join(folder, `text-${n}`)
    const find = async () => (existsSync(file) ? readFileSync(file, 'utf8') : undefined)
    const write = async () => {
      appendFileSync(join(folder, 'asked'), `${n}\n`)
      if (dies) process.kill(process.pid, 'SIGKILL')
      await sleep(100)
      writeFileSync(file, 'text')
      return 'text'
    }
    return flights.once(`${n}`, find, write, new AbortController().signal)
  })
  return (await Promise.all(asks)).filter((text) => text === 'text').length
}
