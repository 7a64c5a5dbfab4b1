import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { RetrainingError, Retrainings, type RetrainingStatus } from '../../src/service/retraining.ts'

const script = fileURLToPath(new URL('./retraining-process.ts', import.meta.url))

/** Retrainings by a real process that does what is said. */
function retrainings(what: string) {
  const made = new Retrainings(() => [script, what])
  onTestFinished(async () => {
    made.cancel()
    await made.ended
  })
  return made
}

/** How a retraining goes, until its end. */
async function all(made: Retrainings): Promise<RetrainingStatus[]> {
  const seen: RetrainingStatus[] = []
  for await (const status of made.changes()) seen.push(status)
  return seen
}

/** Waits until the process has begun its work. */
async function begun(made: Retrainings): Promise<void> {
  for await (const { stage } of made.changes()) if (stage !== null) return
}

test('nothing has run at first', async () => {
  const made = retrainings('end')
  expect(made.status).toMatchObject({ isRunning: false, startedAt: null, retrained: null, failure: null })
  expect(made.cancel()).toBe(false)
  expect(await all(made)).toHaveLength(1)
})

test('a retraining says how it goes until its end, and what became of it', async () => {
  const made = retrainings('end')
  made.start(false)
  const seen = await all(made)
  expect(seen[0]).toMatchObject({ isRunning: true, stage: null })
  expect(seen.at(-1)).toMatchObject({
    isRunning: false,
    stage: null,
    retrained: { candidate: 'c0ffee', promoted: true },
    failure: null,
  })
})

test('a promotion is told at once, and the retraining ends when that has been served', async () => {
  const made = retrainings('promote and wait')
  const served = Promise.withResolvers<void>()
  const told = Promise.withResolvers<void>()
  made.onPromotion(() => {
    told.resolve()
    return served.promise
  })
  made.start(false)
  // The process is still running.
  await told.promise
  made.cancel()
  let hasEnded = false
  void made.ended.then(() => (hasEnded = true))
  await sleep(100)
  expect(hasEnded).toBe(false)
  served.resolve()
  await made.ended
})

test('a retraining that promotes nothing has nothing served', async () => {
  const made = retrainings('keep')
  let promotions = 0
  made.onPromotion(async () => void promotions++)
  made.start(false)
  await made.ended
  expect(made.status.retrained).toMatchObject({ promoted: false })
  expect(promotions).toBe(0)
})

test('only one runs at a time', async () => {
  const made = retrainings('wait')
  made.start(false)
  expect(() => made.start(false)).toThrow(RetrainingError)
})

test('one that failed says why, and another can begin', async () => {
  const made = retrainings('fail')
  made.start(false)
  await made.ended
  expect(made.status).toMatchObject({
    isRunning: false,
    failure: 'error: there are no purchases',
    retrained: null,
  })
  made.start(false)
  await made.ended
})

test.each(['wait', 'refuse'])('one that is cancelled ends, also if it does not listen (%s)', async (what) => {
  const made = retrainings(what)
  made.start(false)
  await begun(made)
  expect(made.cancel()).toBe(true)
  await made.ended
  expect(made.status).toMatchObject({ isRunning: false, failure: 'It was cancelled.' })
})

test('who no longer listens is let go', async () => {
  const made = retrainings('wait')
  made.start(false)
  const listener = new AbortController()
  const changes = made.changes(listener.signal)
  await changes.next()
  const next = changes.next().then(({ done }) => done || changes.next().then((after) => after.done))
  await begun(made)
  listener.abort()
  expect(await next).toBe(true)
})
