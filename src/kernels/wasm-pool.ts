import { Worker } from 'node:worker_threads'
import { KernelError } from './kernels.ts'
import type { Control } from './wasm-control.ts'

/** Work over one shared memory, which every thread of a pool takes part in. */
export interface PoolJob<Kind extends string = string, Plan = unknown> {
  readonly kind: Kind
  readonly memory: WebAssembly.Memory
  readonly plan: Plan
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

/**
 * The worker threads of one Kernels object: started at the first job, kept for the next, replaced when one dies.
 * Jobs run one after another; an idle pool does not keep the process alive.
 */
export class WorkerPool<Job extends PoolJob> {
  readonly threads: number
  readonly #module: WebAssembly.Module
  #workers: Worker[] = []
  #queue: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(module: WebAssembly.Module, threads: number) {
    this.#module = module
    this.threads = threads
  }

  /**
   * Runs a job on all threads; settles when every thread has left it.
   * @throws {KernelError} when a worker died or threw; the pool starts afresh with the next job
   */
  run(job: Job, control: Control, onReport: (report: Report) => void = () => {}): Promise<void> {
    this.#waiting++
    const result = this.#queue
      .then(() => this.#run(job, control, onReport))
      .finally(() => {
        this.#waiting--
      })
    this.#queue = result.catch(() => {})
    return result
  }

  /** Whether a job runs or waits. */
  isBusy(): boolean {
    return this.#waiting > 0
  }

  async close(): Promise<void> {
    await this.#queue
    await this.#stop()
  }

  async #run(job: Job, control: Control, onReport: (report: Report) => void): Promise<void> {
    this.#start()
    for (const worker of this.#workers) worker.ref()
    const outcomes = await Promise.allSettled(
      this.#workers.map((worker) =>
        runOn(worker, job, onReport).catch((error: unknown) => {
          // The others would wait at a barrier for a thread that has exited.
          control.cancel()
          throw error
        }),
      ),
    )
    for (const worker of this.#workers) worker.unref()
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed === undefined) return
    await this.#stop()
    throw failed.reason
  }

  #start(): void {
    if (this.#workers.length > 0) return
    // The worker's file has the extension of this one: .ts in a clone, .js in the npm package.
    const url = new URL(import.meta.url.replace(/wasm-pool(\.\w+)$/, 'wasm-worker$1'))
    this.#workers = Array.from({ length: this.threads }, (_, thread) => {
      const workerData: WorkerStart = { module: this.#module, thread }
      const worker = new Worker(url, { workerData, name: `rationale-kernels-${thread}` })
      // Deaths are noticed by the job that runs; without a listener an idle one would take the process along.
      worker.on('error', () => {})
      worker.unref()
      return worker
    })
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.terminate()))
  }
}

function runOn(worker: Worker, job: PoolJob, onReport: (report: Report) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      worker.off('message', onMessage).off('exit', onExit).off('error', onError)
      finish()
    }
    const onMessage = (report: Report) => {
      if (report.kind === 'iteration') onReport(report)
      else if (report.kind === 'done') settle(resolve)
      else settle(() => reject(new KernelError(`a worker thread failed: ${report.message}`)))
    }
    const onError = (error: Error) =>
      settle(() => reject(new KernelError(`a worker thread died: ${error.message}`)))
    const onExit = (code: number) =>
      settle(() => reject(new KernelError(`a worker thread died (exit code ${code})`)))
    worker.on('message', onMessage).on('exit', onExit).on('error', onError)
    worker.postMessage(job)
  })
}
