/**
 * Commands that compute for minutes run in a thread of their own, so that the process hears Ctrl-C and SIGTERM whatever
 * the command is doing: a loop that holds its thread does not hold this one.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { CommandThread, Signal } from './interruption.ts'
import { Interruption, SIGNALS } from './interruption.ts'

/** How long a command may take to unwind before it is ended where it stands, in ms. */
const GRACE = 400

/**
 * Runs a command line in a thread, and passes signals on to it.
 * @param argv  the arguments after the program's name
 * @returns the command's exit code
 * @throws {Interruption} where it did not end by itself
 */
export async function runInThread(argv: readonly string[]): Promise<number> {
  const workerData: CommandThread = {
    kind: 'rationale command',
    isTerminal: process.stderr.isTTY === true,
  }
  const launcher = new URL('../../bin/rationale.js', import.meta.url)
  const worker = new Worker(launcher, { argv: [...argv], workerData })
  let asked: Interruption | undefined
  let isEnded = false
  const end = () => {
    isEnded = true
    void worker.terminate()
  }
  const interrupt = (signal: Signal) => {
    if (asked) return end()
    asked = new Interruption(signal)
    worker.postMessage(signal)
    setTimeout(end, GRACE).unref()
  }
  for (const signal of SIGNALS) process.on(signal, interrupt)
  try {
    const [code] = await once(worker, 'exit')
    if (asked && isEnded) throw asked
    return code
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt)
  }
}
