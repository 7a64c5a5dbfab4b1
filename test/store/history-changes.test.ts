import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import type { NewEvent } from '../../src/store/event.ts'
import { HistoryChanges, TooManyListenersError } from '../../src/store/history-changes.ts'
import { openEvents } from '../../src/store/open-events.ts'
import { temporaryFile } from '../explanations/writer.ts'

const opened: { close(): unknown }[] = []
const left = new AbortController()
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

function opening(file: string) {
  const events = openEvents(file)
  opened.push(events)
  return events
}

const bought = (customer: string, rest: Partial<NewEvent> = {}): NewEvent => ({
  customer,
  product: 'mug',
  kind: 'PURCHASE',
  at: Date.UTC(2018, 0, 1),
  ...rest,
})

/** A listener, and how often it was told so far. */
function listening(changes: HistoryChanges, customer: string, signal: AbortSignal = left.signal) {
  const heard = { times: 0, isOver: false }
  void (async () => {
    for await (const _ of changes.listen(customer, signal)) heard.times++
    heard.isOver = true
  })()
  return heard
}

const times = (heard: { times: number }) => expect.poll(() => heard.times, { timeout: 10_000, interval: 20 })

test('a listener is told at once, and again when an event that counts was recorded', async () => {
  const events = opening(IN_MEMORY)
  const changes = new HistoryChanges(events, 2000)
  const [ana, ben] = [listening(changes, 'ana'), listening(changes, 'ben')]
  await times(ana).toBe(1)
  await events.append([bought('ana')])
  await times(ana).toBe(2)
  await events.append([bought('ana', { kind: 'RETURN' })])
  await times(ana).toBe(3)
  await events.append([bought('ana', { kind: 'NOT_INTERESTED' })])
  await times(ana).toBe(4)
  expect(ben.times).toBe(1)
})

test('what does not count for lists, and what is a duplicate, is not told', async () => {
  const events = opening(IN_MEMORY)
  const changes = new HistoryChanges(events, 2000)
  await events.append([bought('ana', { idempotencyKey: 'k' })])
  const ana = listening(changes, 'ana')
  await times(ana).toBe(1)
  await events.append([bought('ana', { kind: 'CLICK' }), bought('ana', { kind: 'IMPRESSION' })])
  await events.append([bought('ana', { idempotencyKey: 'k' })])
  await events.append([bought('ben')])
  // Longer than it takes to look twice.
  await pause(1500)
  expect(ana.times).toBe(1)
  await events.append([bought('ana')])
  await times(ana).toBe(2)
})

test('what is recorded, identified and erased elsewhere is told too', async () => {
  const file = temporaryFile('store.sqlite')
  const [here, elsewhere] = [opening(file), opening(file)]
  const ana = listening(new HistoryChanges(here, 2000), 'ana')
  await times(ana).toBe(1)
  await elsewhere.append([bought('ana')])
  await times(ana).toBe(2)
  await elsewhere.append([{ ...bought('ana'), customer: null, visitor: 'v' }])
  await elsewhere.identify('v', 'ana')
  await times(ana).toBe(3)
  await elsewhere.erase('ana')
  await times(ana).toBe(4)
})

test('what happens together is told once, and what happens meanwhile is told after that', async () => {
  const events = opening(IN_MEMORY)
  const ana = listening(new HistoryChanges(events, 2000), 'ana')
  await times(ana).toBe(1)
  const began = performance.now()
  for (let n = 0; n < 100; n++) await events.append([bought('ana')])
  await times(ana).toBeGreaterThan(1)
  await events.append([bought('ana')])
  const before = ana.times
  await times(ana).toBe(before + 1)
  expect(ana.times - 1).toBeLessThanOrEqual(Math.ceil((performance.now() - began) / 1000))
})

test('a listener that leaves is forgotten, also before it was told anything', async () => {
  const changes = new HistoryChanges(opening(IN_MEMORY), 2000)
  const [one, two] = [new AbortController(), new AbortController()]
  const ana = listening(changes, 'ana', one.signal)
  await times(ana).toBe(1)
  changes.listen('ben', two.signal)
  expect(changes.size).toBe(2)
  one.abort()
  two.abort()
  expect(changes.size).toBe(0)
  await expect.poll(() => ana.isOver, { timeout: 5000 }).toBe(true)
  const gone = changes.listen('cleo', AbortSignal.abort())
  expect((await gone.next()).done).toBe(true)
  expect(changes.size).toBe(0)
})

test('a customer may have ten listeners, and a process a thousand', () => {
  const changes = new HistoryChanges(opening(IN_MEMORY), 2000)
  const all = new AbortController()
  for (let n = 0; n < 10; n++) changes.listen('ana', all.signal)
  expect(() => changes.listen('ana', all.signal)).toThrow(TooManyListenersError)
  for (let n = 10; n < 1000; n++) changes.listen(`customer ${n}`, all.signal)
  expect(() => changes.listen('one more', all.signal)).toThrow(
    '1000 streams listen to changes here already: that is the limit.',
  )
  all.abort()
  expect(changes.size).toBe(0)
})

test('a store that cannot be read for a while is asked again', async () => {
  const events = opening(IN_MEMORY)
  let isBroken = false
  const changes = new HistoryChanges(
    {
      version: () => events.version(),
      historyVersions: (customers, limit) =>
        isBroken ? Promise.reject(new Error('broken')) : events.historyVersions(customers, limit),
    },
    2000,
  )
  const ana = listening(changes, 'ana')
  await times(ana).toBe(1)
  isBroken = true
  await events.append([bought('ana')])
  await pause(600)
  expect(ana.times).toBe(1)
  isBroken = false
  await times(ana).toBe(2)
})
