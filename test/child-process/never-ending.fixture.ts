/** Starts a child and then never lets go of its own thread: nothing here can end it. */
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { test } from 'vitest'
import { startChild } from '../child-process.ts'

test('blocks', async () => {
  const child = startChild(process.execPath, ['-e', 'process.stdout.write(process.pid + "\\n"); for (;;);'])
  const [pid] = await once(child.stdout, 'data')
  appendFileSync(process.env['PROCESSES']!, String(pid))
  for (;;);
})
