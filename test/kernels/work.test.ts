import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { Work } from '../../src/kernels/work.ts'

const processorTime = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Holds the thread, for so long by its own time: others may use the machine meanwhile. */
function hold(milliseconds: number): void {
  for (const until = processorTime() + milliseconds; processorTime() < until; );
}

/** Somebody who is answered once in each turn of the event loop. */
function countingTurns() {
  const state = { turns: 0, isOver: false }
  const counting = (async () => {
    while (!state.isOver) {
      await setImmediate()
      state.turns++
    }
    return state.turns
  })()
  return {
    get turns() {
      return state.turns
    },
    stop: () => {
      state.isOver = true
      return counting
    },
  }
}

describe('long work', () => {
  test('goes on in one piece while it is short, and pauses once its slice is used up', async () => {
    await setImmediate()
    const work = new Work()
    expect(work.pause()).toBeUndefined()
    hold(9)
    expect(work.pause()).toBeInstanceOf(Promise)
    await setImmediate()
  })

  test('lets others be answered between two slices', async () => {
    const work = new Work()
    const others = countingTurns()
    for (let slice = 0; slice < 5; slice++) {
      hold(9)
      await work.pause()
    }
    expect(await others.stop()).toBeGreaterThanOrEqual(5)
  })

  test('of several runs one slice in each turn of the event loop, and they take turns', async () => {
    await setImmediate()
    const others = countingTurns()
    const slices: { of: string; turn: number }[] = []
    const run = async (of: string, work: Work) => {
      for (let slice = 0; slice < 4; slice++) {
        await work.turn()
        slices.push({ of, turn: others.turns })
      }
    }
    await Promise.all([run('a', new Work()), run('b', new Work()), run('c', new Work())])
    await others.stop()
    expect(slices.map(({ of }) => of).join('')).toBe('abc'.repeat(4))
    // No two in the same turn.
    expect(new Set(slices.map((slice) => slice.turn)).size).toBe(slices.length)
  })

  test('many waits of one request do not keep another waiting for all of them', async () => {
    const greedy = new Work()
    const order: string[] = []
    const all = Array.from({ length: 50 }, () => greedy.turn().then(() => order.push('greedy')))
    const modest = new Work().turn().then(() => order.push('modest'))
    await Promise.all([...all, modest])
    expect(order.indexOf('modest')).toBeLessThanOrEqual(2)
  })

  test('ends at its next pause when it is told to, also while it waits', async () => {
    const controller = new AbortController()
    const enough = new Error('enough')
    const work = new Work({ signal: controller.signal })
    hold(9)
    const pause = work.pause()
    controller.abort(enough)
    await expect(pause).rejects.toBe(enough)
    expect(() => work.pause()).toThrow(enough)
    // What only makes room for others goes on.
    await work.turn()
  })

  test('tells what it takes of the processor, once where pieces stand in pieces', () => {
    const spent: number[] = []
    const work = new Work({ onSpent: (milliseconds) => spent.push(milliseconds) })
    expect(
      work.time(() => {
        work.time(() => hold(5))
        return 'answer'
      }),
    ).toBe('answer')
    expect(spent).toHaveLength(1)
    expect(spent[0]).toBeGreaterThan(0)
    expect(() =>
      work.time(() => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(spent).toHaveLength(2)
  })
})
