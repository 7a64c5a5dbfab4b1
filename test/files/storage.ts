/** An S3 server on this machine. */
import S3rver from '@20minutes/s3rver'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, vi } from 'vitest'

/** The credentials that the server knows. */
const KEY = 'S3RVER'

/**
 * Starts it with one bucket, `models`, and lets this process use it. It ends after the tests of the file.
 * @returns what other processes need in their environment
 */
export async function objectStorage(): Promise<Record<string, string>> {
  const directory = mkdtempSync(join(tmpdir(), 'rationale-s3-'))
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    // It computes another signature than Amazon's where a listing has a prefix with a slash.
    allowMismatchedSignatures: true,
    directory,
    configureBuckets: [{ name: 'models', configs: [] }],
  })
  const { port }: AddressInfo = await server.run()
  const environment = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: KEY,
    AWS_SECRET_ACCESS_KEY: KEY,
  }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  afterAll(async () => {
    vi.unstubAllEnvs()
    await server.close()
    rmSync(directory, { recursive: true })
  })
  return environment
}
