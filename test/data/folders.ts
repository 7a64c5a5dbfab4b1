import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DataError } from '../../src/data/data-error.ts'

/** A folder of those files, by name; gone when the test is over. */
export async function folderOf(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rationale-data-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

/** The error that a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<DataError> {
  return promise.then(
    () => {
      throw new Error('it went well')
    },
    (error) => error,
  )
}

/** Where the real data is: see the README of shared/data. */
export const REAL_DATA = process.env['RATIONALE_DATA'] ?? '../shared/data'
