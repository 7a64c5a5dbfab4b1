import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSchema } from 'graphql'
import { afterAll, expect, test } from 'vitest'
import { runChild } from '../child-process.ts'

const script = fileURLToPath(new URL('../../schema/print-schema.ts', import.meta.url))
const print = (...args: string[]) => runChild(process.execPath, [script, ...args])
const folder = await mkdtemp(join(tmpdir(), 'schema-'))
afterAll(() => rm(folder, { recursive: true }))

test('the committed schema is what the code says: else run "npm run schema:write"', async () => {
  await expect(print('--check')).resolves.toMatchObject({ stderr: '' })
})

test('a schema that is written passes the check, and is SDL', async () => {
  const file = join(folder, 'written.graphql')
  await print('--write', file)
  await expect(print('--check', file)).resolves.toMatchObject({ stderr: '' })
  expect(buildSchema(await readFile(file, 'utf8')).getQueryType()?.name).toBe('Query')
})

test('a schema that differs from the code, or is not there, fails the check with what to do', async () => {
  const file = join(folder, 'stale.graphql')
  await writeFile(file, 'type Query { nothing: Int }\n')
  const failure = { code: 1, stderr: expect.stringContaining('npm run schema:write') }
  await expect(print('--check', file)).rejects.toMatchObject(failure)
  await expect(print('--check', join(folder, 'missing.graphql'))).rejects.toMatchObject(failure)
})

test('anything else is wrong usage', async () => {
  await expect(print('--print')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('Usage') })
})
