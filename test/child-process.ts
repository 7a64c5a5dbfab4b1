/**
 * The one way in which tests and benches start another process. Each has three ends: that of its test (or of the test
 * file, where it was started outside of one), its lifetime, and that of the process which started it, however that
 * ended. A child is the leader of a process group of its own, and its group ends with it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { patience } from './patience.ts'

export interface ChildOptions {
  readonly cwd?: string
  /** Those of ours unless given. What tells a process that it runs a test is taken out. */
  readonly env?: NodeJS.ProcessEnv
  /** Of stdin, stdout and stderr: stdout and stderr are piped unless told otherwise. */
  readonly stdio?: readonly ['ignore' | 'pipe', 'pipe' | number, 'pipe' | 'inherit' | number]
  readonly uid?: number
  readonly gid?: number
  /** Commands of a shell that set limits; the shell then becomes the program, and none is left. */
  readonly limits?: string
  /** Seconds after which it is killed, whatever became of its test. */
  readonly lifetime?: number
}

export interface Child extends ChildProcess {
  readonly stdout: Readable
}

export interface Finished {
  /** null where a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A program that ended with another code than 0, or could not be started. */
export class ChildError extends Error implements Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string

  constructor(line: string, { code, stdout, stderr }: Finished, signal: NodeJS.Signals | null) {
    super(`${line} failed: ${signal ?? `exit code ${code}`}\n${stderr}`)
    this.code = code
    this.stdout = stdout
    this.stderr = stderr
  }
}

/** Beyond the longest of a test's own waits, so that it is the test that says what did not happen. */
const LIFETIME_SECONDS = 600

/** The lifetime of a bench's child: the longest runs take hours. */
export const BENCH_SECONDS = 12 * 3600

/** Undefined outside of vitest, as in a bench. */
const vitest = '__vitest_worker__' in globalThis ? await import('vitest') : undefined
const living = new Set<ChildProcess>()
vitest?.afterAll(() => Promise.all([...living].map(endChild)))
process.once('exit', () => {
  for (const child of living) killGroup(child)
})

/** Starts a program and gives it its ends. Its errors of starting are events, as those of `spawn` are. */
export function startChild(program: string, args: readonly string[], options: ChildOptions = {}): Child {
  const { env = process.env, stdio = ['ignore', 'pipe', 'pipe'], limits, lifetime, ...rest } = options
  const [command, words] =
    limits === undefined
      ? [program, args]
      : ['/bin/sh', ['-c', `${limits}; exec "$0" "$@"`, program, ...args]]
  const child = spawn(command, words, {
    ...rest,
    env: outsideOfTests(env),
    stdio: [...stdio],
    // The leader of a group: what it starts in turn ends with it.
    detached: process.platform !== 'win32',
  })
  if (child.pid === undefined) return child as Child
  living.add(child)
  watch(child.pid, lifetime ?? LIFETIME_SECONDS)
  child.once('exit', () => {
    killGroup(child)
    living.delete(child)
    watch(child.pid!, null)
  })
  endWithTest(child)
  return child as Child
}

/** Kills a child and its group, and waits until it is gone. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  killGroup(child)
  await gone
}

/**
 * Runs a program to its end.
 * @throws {ChildError} where its code is not 0, or it cannot be started
 */
export async function runChild(
  program: string,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<Pick<Finished, 'stdout' | 'stderr'>> {
  const child = startChild(program, args, options)
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    textOf(child.stdout),
    textOf(child.stderr),
  ])
  if (code !== 0) throw new ChildError([program, ...args].join(' '), { code, stdout, stderr }, signal)
  return { stdout, stderr }
}

/** All that a stream brings; nothing where it is not piped. */
async function textOf(stream: Readable | null): Promise<string> {
  return stream === null ? '' : text(stream)
}

/** Runs a program that cannot run for long, and waits for it: for properties that are not asynchronous. */
export function runChildNow(
  program: string,
  args: readonly string[],
  { env = process.env, stdio = ['ignore', 'pipe', 'pipe'], cwd, uid, gid }: ChildOptions = {},
): Finished {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    uid,
    gid,
    env: outsideOfTests(env),
    stdio: [...stdio],
    encoding: 'utf8',
    timeout: patience(60_000),
    killSignal: 'SIGKILL',
  })
  if (error) throw error
  return { code: status, stdout, stderr }
}

function outsideOfTests(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('VITEST')))
}

function endWithTest(child: ChildProcess): void {
  try {
    vitest?.onTestFinished(() => endChild(child))
  } catch {
    // Outside of a test: it ends with the file.
  }
}

function killGroup({ pid }: ChildProcess): void {
  for (const target of [-pid!, pid!]) {
    try {
      process.kill(target, 'SIGKILL')
      return
    } catch {
      // No such group, as on Windows, or it is gone.
    }
  }
}

let watcher: Writable | undefined

/** Tells the process that outlives this one what to end. @param lifetime  seconds; null: it has ended by itself */
function watch(pid: number, lifetime: number | null): void {
  watcher ??= startWatcher()
  watcher.write(`${pid} ${lifetime ?? ''}\n`)
}

function startWatcher(): Writable {
  const outliving = spawn(process.execPath, [join(import.meta.dirname, 'child-process-watcher.ts')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: outsideOfTests(process.env),
    detached: true,
  })
  // It waits for us, and we do not wait for it.
  outliving.unref()
  outliving.stdin.on('error', () => {})
  ;(outliving.stdin as unknown as { unref(): void }).unref()
  return outliving.stdin
}
