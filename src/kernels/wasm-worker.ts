import { parentPort, workerData } from 'node:worker_threads'
import { Cancelled, Control } from './wasm-control.ts'
import { runFit } from './wasm-fit.ts'
import type { FitPlan } from './wasm-plan.ts'
import { instantiateKernels } from './wasm.ts'

/** What a pool posts to its workers. */
export interface Job {
  readonly memory: WebAssembly.Memory
  readonly plan: FitPlan
}

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

port.on('message', ({ memory, plan }: Job) => {
  try {
    const control = new Control(memory, plan.control)
    runFit(instantiateKernels(module, memory), memory, control, plan, thread, (done, loss) =>
      report({ kind: 'iteration', done, loss }),
    )
    report({ kind: 'done' })
  } catch (error) {
    if (error instanceof Cancelled) report({ kind: 'done' })
    else report({ kind: 'failed', message: String(error) })
  }
})
