import { once } from 'node:events'
import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads'

interface Part {
  readonly memory: SharedArrayBuffer
  readonly from: number
  readonly length: number
}

const passes = 10

/**
 * Bytes a second that `threads` threads together read out of `bytes` of memory, in the best of 10 passes: the C
 * library's memchr, looking for what is not there.
 */
export async function readBandwidth(bytes: number, threads: number): Promise<number> {
  const memory = new SharedArrayBuffer(bytes)
  new Uint8Array(memory).fill(1) // untouched pages are all one page of zeros, which stays in the cache
  const length = Math.floor(bytes / threads)
  const workers = Array.from({ length: threads }, (_, t) => {
    const part: Part = { memory, from: t * length, length }
    return new Worker(new URL(import.meta.url), { workerData: part })
  })
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  let best = 0
  for (let pass = 0; pass < passes; pass++) {
    const done = Promise.all(workers.map((worker) => once(worker, 'message')))
    const started = performance.now()
    for (const worker of workers) worker.postMessage('read')
    await done
    best = Math.max(best, (length * threads) / ((performance.now() - started) / 1000))
  }
  await Promise.all(workers.map((worker) => worker.terminate()))
  return best
}

/** Reads its part once whenever it is told to. */
function readParts({ memory, from, length }: Part, port: MessagePort): void {
  const part = Buffer.from(memory, from, length)
  port.on('message', () => {
    if (part.includes(0)) throw new Error('the memory was to hold ones alone')
    port.postMessage('done')
  })
  port.postMessage('ready')
}

if (parentPort !== null) readParts(workerData, parentPort)
