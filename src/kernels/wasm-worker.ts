import { parentPort, workerData } from 'node:worker_threads'
import { Cancelled, Control } from './wasm-control.ts'
import { type EaseJob, runEase } from './wasm-ease.ts'
import { type FitJob, runFit } from './wasm-fit.ts'
import { type PartnersJob, runPartners } from './wasm-partners.ts'
import type { Report, WorkerStart } from './wasm-pool.ts'
import { runSearch, type SearchJob } from './wasm-topk.ts'
import { instantiateKernels } from './wasm.ts'

/** What a pool posts to its workers. */
export type Job = FitJob | SearchJob | PartnersJob | EaseJob

const { module, thread } = workerData as WorkerStart
const port = parentPort
if (port === null) throw new Error('wasm-worker.ts runs as a worker thread only')

const report = (message: Report) => port.postMessage(message)

const open = (memory: WebAssembly.Memory) => instantiateKernels(module, memory)

function run(job: Job): void {
  const control = new Control(job.memory, job.plan.control)
  if (job.kind === 'search') return runSearch(open, control, job.plan)
  const exports = open(job.memory)
  if (job.kind === 'partners') runPartners(exports, control, job.plan, thread)
  else if (job.kind === 'ease') {
    runEase(exports, control, job.plan, thread, (done) =>
      report({ kind: 'iteration', done, loss: undefined }),
    )
  } else {
    runFit(exports, job.memory, control, job.plan, thread, (done, loss) => {
      report({ kind: 'iteration', done, loss })
    })
  }
}

port.on('message', (job: Job) => {
  try {
    run(job)
    report({ kind: 'done' })
  } catch (error) {
    if (error instanceof Cancelled) report({ kind: 'done' })
    else report({ kind: 'failed', message: String(error) })
  }
})
