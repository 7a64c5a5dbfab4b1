import { describe, expect, test } from 'vitest'
import { SingleFlight } from '../../src/explanations/single-flight.ts'

/** A flight that lands when it is told to, and can be watched. */
function watched() {
  const landing = Promise.withResolvers<string>()
  const signals: AbortSignal[] = []
  const start = (signal: AbortSignal) => {
    signals.push(signal)
    signal.addEventListener('abort', () => landing.reject(signal.reason))
    return landing.promise
  }
  return { start, signals, land: landing.resolve, crash: landing.reject }
}

describe('simultaneous requests of one key', () => {
  test('shares one flight and its result', async () => {
    const flights = new SingleFlight<string>()
    const { start, signals, land } = watched()
    const asked = Array.from({ length: 100 }, () => flights.run('key', undefined, start))
    land('text')
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['text']))
    expect(signals).toHaveLength(1)
  })

  test('shares its failure', async () => {
    const flights = new SingleFlight<string>()
    const { start, crash } = watched()
    const asked = [
      flights.run('key', undefined, start),
      flights.run('key', new AbortController().signal, start),
    ]
    crash(new Error('lost'))
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})

test('another key, and a later time, is another flight', async () => {
  const flights = new SingleFlight<number>()
  let started = 0
  const start = async () => ++started
  expect(await Promise.all([flights.run('a', undefined, start), flights.run('b', undefined, start)])).toEqual(
    [1, 2],
  )
  expect(await flights.run('a', undefined, start)).toBe(3)
})

describe('a caller that stops waiting', () => {
  test('leaves the others their flight', async () => {
    const flights = new SingleFlight<string>()
    const { start, signals, land } = watched()
    const leaver = new AbortController()
    const [left, stayed] = [flights.run('key', leaver.signal, start), flights.run('key', undefined, start)]
    leaver.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    expect(signals[0].aborted).toBe(false)
    land('text')
    expect(await stayed).toBe('text')
  })

  test('last cancels the work, and a later caller starts new work', async () => {
    const flights = new SingleFlight<string>()
    const first = watched()
    const leavers = [new AbortController(), new AbortController()]
    const left = leavers.map(({ signal }) => flights.run('key', signal, first.start))
    for (const leaver of leavers) leaver.abort()
    expect((await Promise.allSettled(left)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(first.signals[0].aborted).toBe(true)
    const second = watched()
    const after = flights.run('key', undefined, second.start)
    second.land('text')
    expect(await after).toBe('text')
  })

  test('before coming starts nothing', async () => {
    const { start, signals } = watched()
    await expect(new SingleFlight<string>().run('key', AbortSignal.abort(), start)).rejects.toThrow()
    expect(signals).toEqual([])
  })
})
