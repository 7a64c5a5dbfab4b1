import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { start, temporaryFolder } from './program.ts'

/** So large that every step of the work holds its thread for long: reading alone takes a second and more. */
const USERS = 40_000
const ITEMS = 20

const lines = (from: number, to: number) =>
  Array.from({ length: USERS }, (_, user) => {
    const items = Array.from({ length: to - from }, (_, i) => (user * 37 + (from + i) * 7919) % USERS)
    return `${user} ${items.join(' ')}\n`
  }).join('')

let split: string
beforeAll(() => {
  const folder = temporaryFolder()
  const [train, held] = ['train.txt', 'test.txt'].map((name) => join(folder, name))
  writeFileSync(train, lines(0, ITEMS))
  writeFileSync(held, lines(ITEMS, ITEMS + 4))
  split = `--train ${train} --test ${held} --format user-lines`
})

/** A second is promised of a machine that is not loaded; to its end the work would take minutes. */
const PROMISE = 1000
const LOADED = 5

describe('a signal ends a command at once, whatever it is at', () => {
  test.each([
    ['evaluate', '--systems default --no-tune', '', 'SIGINT'],
    ['evaluate', '--systems default --no-tune', 'Trial split', 'SIGTERM'],
    ['evaluate', '--systems EASE', 'Tuning on', 'SIGINT'],
    ['evaluate', '', 'Tuning on', 'SIGTERM'],
    ['tune', '', 'Tuning on', 'SIGINT'],
  ] as const)(
    '%s %s after “%s”: %s',
    async (command, options, after, signal) => {
      const run = start(`${command} ${split} ${options}`)
      if (after === '') await new Promise((resolve) => setTimeout(resolve, 1000))
      else await run.printed(after)
      await new Promise((resolve) => setTimeout(resolve, 500))
      const sent = performance.now()
      run.process.kill(signal)
      const { code, stdout, stderr } = await run.finished
      const took = performance.now() - sent
      expect({ code, stdout }).toEqual({ code: 128 + constants.signals[signal], stdout: '' })
      expect(stderr).toMatch(new RegExp(`interrupted by ${signal}; no partial output is left\n$`))
      expect(took).toBeLessThan(LOADED * PROMISE)
    },
    120_000,
  )
})
