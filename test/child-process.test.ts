/** No process outlives its test: the module that starts them keeps that; test/architecture.test.ts, that no other does. */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { endChild, runChild, runChildNow, startChild } from './child-process.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'children-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LOOP = ['-e', 'process.stdout.write("up"); for (;;);']

describe('A child', () => {
  test('is killed after its lifetime, also in an endless loop', async () => {
    const child = startChild(process.execPath, LOOP, { lifetime: 1 })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  })

  test('ends when told to, and is gone then', async () => {
    const child = startChild(process.execPath, LOOP)
    await once(child.stdout, 'data')
    await endChild(child)
    expect(isAlive(child.pid!)).toBe(false)
    // Once more is nothing.
    await endChild(child)
  })

  test('keeps limits that a shell sets, and no shell is left', async () => {
    const program = `console.log(process.ppid); require('node:fs').writeFileSync(process.argv[1], 'x'.repeat(4096))`
    const limited = { limits: 'trap "" XFSZ; ulimit -f 1' }
    const run = runChild(process.execPath, ['-e', program, join(folder, 'file')], limited)
    await expect(run).rejects.toMatchObject({
      code: 1,
      stdout: `${process.pid}\n`,
      stderr: expect.stringContaining('EFBIG'),
    })
  })

  test('does not take itself for a test', async () => {
    const names = `Object.keys(process.env).filter((name) => name.startsWith('VITEST'))`
    expect(await runChild(process.execPath, ['-p', `${names}.length`])).toEqual({ stdout: '0\n', stderr: '' })
  })

  test('that cannot be started, or fails, is an error that says what', async () => {
    await expect(runChild('no-such-program', [])).rejects.toMatchObject({ code: 'ENOENT' })
    expect(() => runChildNow('no-such-program', [])).toThrow('ENOENT')
    const failing = ['-e', 'console.log(1); console.error(2); process.exit(3)']
    await expect(runChild(process.execPath, failing)).rejects.toMatchObject({
      message: expect.stringMatching(/ failed: exit code 3\n2\n$/),
      code: 3,
      stdout: '1\n',
      stderr: '2\n',
    })
    expect(runChildNow(process.execPath, failing)).toEqual({ code: 3, stdout: '1\n', stderr: '2\n' })
  })
})

describe.skipIf(process.platform === 'win32')('A run of vitest leaves no child', () => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const start = (fixture: string, processes: string) =>
    startChild(
      process.execPath,
      [vitest, 'run', '--config', join(root, 'test/child-process/vitest.config.ts'), fixture],
      { cwd: root, env: { ...process.env, PROCESSES: processes } },
    )

  test('whose test timed out, nor a child of a child', async () => {
    const file = join(folder, 'timing-out')
    const run = start('timing-out', file)
    let printed = ''
    for (const stream of [run.stdout, run.stderr!]) stream.on('data', (text) => (printed += text))
    const [code] = await once(run, 'close')
    expect(code).toBe(1)
    expect(printed).toContain('Test timed out in')
    expect(noted(file)).toHaveLength(3)
    await expect.poll(() => noted(file).filter(isAlive)).toEqual([])
  })

  test('where it was killed while its test blocked', async () => {
    const file = join(folder, 'never-ending')
    const run = start('never-ending', file)
    await expect.poll(() => noted(file)).toHaveLength(1)
    expect(noted(file).filter(isAlive)).toHaveLength(1)
    await endChild(run)
    await expect.poll(() => noted(file).filter(isAlive)).toEqual([])
  })
})

/** The processes that a fixture has noted. */
function noted(file: string): number[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : []
}

/** Whether a process runs: one that has ended and that nobody has asked about is a zombie. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !existsSync('/proc/self/stat') || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
