import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runChild } from './child-process.ts'

const folder = join(import.meta.dirname, '../docs/reference')

test('every export of the library and of its client is documented, and so is all that they speak of', async () => {
  const typedoc = [join(folder, 'node_modules/typedoc/bin/typedoc'), '--emit', 'none', '--logLevel', 'Warn']
  const run = runChild(process.execPath, typedoc, { cwd: folder })
  await expect(run).resolves.toEqual({ stdout: '', stderr: '' })
})
