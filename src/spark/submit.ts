/** Runs a job on Spark by `spark-submit`, whose driver is a process of this machine, and ends with it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'

/** A job that Spark refused or failed at; the message says why, and where its log is. */
export class SparkError extends Error {
  override readonly name = 'SparkError'
}

/** Where and how Spark runs. */
export interface SparkOptions {
  /** `local[*]`, `spark://host:7077`, `k8s://…`, `yarn`. */
  readonly master: string
  /** Settings of Spark by name; they override ours. Default: none. */
  readonly conf?: Readonly<Record<string, string>>
  /** The program. Default: that of SPARK_HOME, else `spark-submit` on the path. */
  readonly submit?: string
}

export interface SparkJob extends SparkOptions {
  readonly script: string
  readonly args: readonly string[]
  /** Gets what Spark writes, readable by its owner alone. */
  readonly log: string
  /** Called with each line of JSON that the script says (spark/train.py). */
  readonly onLine: (line: Readonly<Record<string, unknown>>) => void
  readonly signal?: AbortSignal
}

/** What the script's own lines begin with. */
const MARK = 'rationale '

/** How long a driver may take to end its executors when it is told to end. */
const GRACE_MS = 10_000

/**
 * Runs a job to its end. Aborted, it returns when no process of it is left.
 * @throws {SparkError} when Spark cannot be started, or the job fails
 * @throws the reason of `signal`, when that aborts
 */
export async function runSpark(job: SparkJob): Promise<void> {
  const { signal, script, args, onLine } = job
  signal?.throwIfAborted()
  const submit = submitOf(job)
  const log = openSync(job.log, 'w', 0o600)
  let refusal: unknown
  try {
    const settings = Object.entries({ ...defaults(job.master), ...job.conf })
    const conf = settings.flatMap(([name, value]) => ['--conf', `${name}=${value}`])
    const words = ['--master', job.master, '--name', 'rationale train', ...conf, script, ...args]
    const child = spawn(submit, [...words, '--parent', String(process.pid)], {
      stdio: ['ignore', 'pipe', log],
      env: { ...process.env, ...pythonOf(submit) },
      // The leader of a group: the script's Python is a child of the Java virtual machine, and ends with it.
      detached: true,
    })
    const stop = () => void endGroup(child)
    signal?.addEventListener('abort', stop, { once: true })
    try {
      const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
      ended.catch(() => {})
      for await (const line of createInterface({ input: child.stdout! })) {
        if (!line.startsWith(MARK)) {
          writeSync(log, `${line}\n`)
          continue
        }
        const said = JSON.parse(line.slice(MARK.length))
        if (said.refused !== undefined) refusal = said.refused
        else onLine(said)
      }
      const [code, killed] = await ended
      signal?.throwIfAborted()
      if (refusal !== undefined) throw new SparkError(`Spark cannot train on this: ${refusal}`)
      if (code !== 0) throw new SparkError(failureOf(job.log, killed ?? `exit code ${code}`))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'EACCES') throw new SparkError(missing(submit), { cause: error })
      throw error
    } finally {
      signal?.removeEventListener('abort', stop)
      await endGroup(child)
    }
  } finally {
    closeSync(log)
  }
}

/** The pages of a driver tell everything to whoever asks, and on this machine alone nobody else is needed. */
function defaults(master: string): Record<string, string> {
  const onThisMachine = master.startsWith('local')
    ? { 'spark.driver.bindAddress': '127.0.0.1', 'spark.driver.host': '127.0.0.1' }
    : {}
  return { 'spark.ui.enabled': 'false', 'spark.sql.session.timeZone': 'UTC', ...onThisMachine }
}

function submitOf({ submit }: SparkOptions): string {
  const home = process.env.SPARK_HOME
  return submit ?? (home ? join(home, 'bin', 'spark-submit') : 'spark-submit')
}

/** The Python of the environment that Spark is installed in: it has what the script imports. */
function pythonOf(submit: string): Record<string, string> {
  const python = join(dirname(submit), 'python')
  if (process.env.PYSPARK_PYTHON || !submit.includes('/')) return {}
  try {
    accessSync(python, constants.X_OK)
    return { PYSPARK_PYTHON: python }
  } catch {
    return {}
  }
}

function missing(submit: string): string {
  return (
    `there is no Spark here: ${submit} cannot be run. Install Java 17 and pyspark (\`spark/install <folder>\`), and give ` +
    '--spark-submit <folder>/bin/spark-submit, or set SPARK_HOME'
  )
}

/** Ends a driver and whatever it started, and waits until all are gone. */
async function endGroup({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined) return
  const until = performance.now() + GRACE_MS
  for (let name: NodeJS.Signals | 0 = 'SIGTERM'; ; name = performance.now() > until ? 'SIGKILL' : 0) {
    try {
      process.kill(-pid, name)
    } catch {
      return
    }
    await setTimeout(50)
  }
}

const CAUSE = /^(?:Caused by: )?((?:[\w$]+\.)*[\w$]*(?:Exception|Error)): (.+)$/

/** The last cause that the log names. */
function failureOf(log: string, how: string): string {
  const causes = readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => CAUSE.exec(line) ?? [])
  const [, , text] = causes.length > 0 ? causes.slice(-3) : []
  return `Spark failed (${how})${text ? `: ${text}` : ''}. Its log is ${log}`
}
