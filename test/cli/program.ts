import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type Finished, startChild } from '../child-process.ts'

const LAUNCHER = join(import.meta.dirname, '../../bin/rationale.js')

const root = mkdtempSync(join(tmpdir(), 'rationale-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A run of the real program, from its launcher on. */
export interface Run {
  readonly process: ChildProcess
  readonly finished: Promise<Finished>
  /** Waits until the program has printed `text`, on stdout or stderr; gives all of stdout so far. */
  printed(text: string): Promise<string>
}

/** Starts `rationale <line>`; a line is split at spaces, a list may hold arguments with some. */
export function start(
  line: string | readonly string[],
  environment: Record<string, string> = {},
  folder = process.cwd(),
): Run {
  const args = typeof line === 'string' ? line.split(' ').filter(Boolean) : line
  const child = startChild(process.execPath, [LAUNCHER, ...args], {
    cwd: folder,
    env: { ...process.env, ...environment },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  let ended = false
  const finished = once(child, 'close').then(([code]) => {
    ended = true
    return { code, stdout, stderr }
  })
  return {
    process: child,
    finished,
    printed: async (text) => {
      while (!stdout.includes(text) && !stderr.includes(text)) {
        if (ended) throw new Error(`ended without printing "${text}":\n${stdout}${stderr}`)
        const heard = new AbortController()
        const more = [child.stdout, child.stderr!].map((stream) =>
          once(stream, 'data', { signal: heard.signal }).catch(() => {}),
        )
        await Promise.race([...more, finished])
        heard.abort()
      }
      return stdout
    },
  }
}

/** Runs `rationale <line>` to its end. */
export function rationale(line: string): Promise<Finished> {
  return start(line).finished
}

/** Runs `rationale <line> --json`; fails unless it ends well and stdout holds one line, a JSON object. */
export async function rationaleJson(line: string): Promise<Record<string, any>> {
  const { code, stdout, stderr } = await rationale(`${line} --json`)
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`)
  if (!/^\{.*\}\n$/.test(stdout)) throw new Error(`not one line of JSON: ${stdout}`)
  return JSON.parse(stdout)
}

/** An empty folder that lives as long as the tests of this file. */
export function temporaryFolder(): string {
  return mkdtempSync(join(root, 'folder-'))
}
