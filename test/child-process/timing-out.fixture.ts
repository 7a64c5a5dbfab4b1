/** Leaves children in endless loops: one that the file started, one of a test that times out, and one of its own child. */
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { test } from 'vitest'
import { startChild } from '../child-process.ts'

const LOOP = 'process.stdout.write(process.pid + "\\n"); for (;;);'

/** Its process number, once it is in its loop. */
async function note(child: ReturnType<typeof startChild>): Promise<void> {
  const [pid] = await once(child.stdout, 'data')
  appendFileSync(process.env['PROCESSES']!, String(pid))
}

await note(startChild(process.execPath, ['-e', LOOP]))

test('times out', async () => {
  await note(startChild(process.execPath, ['-e', LOOP]))
  // A shell that waits for its own child.
  await note(startChild('/bin/sh', ['-c', '"$0" -e "$1" & wait', process.execPath, LOOP]))
  await new Promise(() => {})
})
