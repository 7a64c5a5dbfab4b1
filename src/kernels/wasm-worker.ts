import { parentPort, workerData } from 'node:worker_threads'
import { type CoPurchasePlan, runCoPurchase } from './wasm-co-purchase.ts'
import { Cancelled, Control } from './wasm-control.ts'
import { runFit } from './wasm-fit.ts'
import type { FitPlan } from './wasm-plan.ts'
import { runSearch, type SearchPlan } from './wasm-search.ts'
import { instantiateKernels } from './wasm.ts'

/** What a pool posts to its workers. */
export type Job =
  | { readonly kind: 'fit'; readonly memory: WebAssembly.Memory; readonly plan: FitPlan }
  | { readonly kind: 'search'; readonly memory: WebAssembly.Memory; readonly plan: SearchPlan }
  | { readonly kind: 'coPurchase'; readonly memory: WebAssembly.Memory; readonly plan: CoPurchasePlan }

/** What a worker posts back. */
export type Report =
  | { readonly kind: 'iteration'; readonly done: number; readonly loss: number | undefined }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string }

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module
  readonly thread: number
}

const { module, thread } = workerData as WorkerStart
const port = parentPort
if (port === null) throw new Error('wasm-worker.ts runs as a worker thread only')

const report = (message: Report) => port.postMessage(message)

function run(job: Job): void {
  const control = new Control(job.memory, job.plan.control)
  const exports = instantiateKernels(module, job.memory)
  if (job.kind === 'search') runSearch(exports, control, job.plan)
  else if (job.kind === 'coPurchase') runCoPurchase(exports, control, job.plan, thread)
  else {
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
