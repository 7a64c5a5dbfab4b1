import { checkEaseItems, checkEaseProblem } from './checks.ts'
import { transpose } from './csr.ts'
import { type Csr, type Ease, type EaseProblem, KernelError } from './kernels.ts'
import { Arena } from './wasm-arena.ts'
import { Control, CONTROL_BYTES, throwIfCancelled } from './wasm-control.ts'
import { Layout } from './wasm-layout.ts'
import type { PoolJob, WorkerPool } from './wasm-pool.ts'
import { sizeOf, writeFields } from './wasm-structures.ts'
import { createMemory, instantiateKernels, type KernelExports } from './wasm.ts'

/** What a thread claims at once: rows of the matrix, and panels of eight columns. */
const ROWS = 64
const PANELS = 8

/** A fit as its threads see it; byte offsets and counts. */
export interface EasePlan {
  readonly threads: number
  readonly control: number
  /** The Ease (assembly/ease.ts). */
  readonly ease: number
  readonly items: number
  /** Padded to a multiple of 8. */
  readonly n: number
  readonly regularization: number
  /** SWEEP × 8 f32 of each thread. */
  readonly scratch: number
}

/** What a pool is asked to run. */
export type EaseJob = PoolJob<'ease', EasePlan>

/**
 * Runs one thread's part of the fit to its end. Each number is computed by one thread alone, in an order that does
 * not depend on how many there are.
 * @param onSweep  called on thread 0 with the columns swept so far
 */
export function runEase(
  exports: KernelExports,
  control: Control,
  { threads, ease, items, n, regularization, scratch }: EasePlan,
  thread: number,
  onSweep: (columns: number) => void,
): void {
  const sweep = exports.SWEEP.value
  const own = scratch + thread * sweep * 32
  const share = (count: number, each: number, work: (from: number, to: number) => void) =>
    control.share(threads, Math.ceil(count / each), (claim) =>
      work(claim * each, Math.min(count, (claim + 1) * each)),
    )
  share(n, ROWS, (from, to) => exports.easeGram(ease, from, to, regularization))
  for (let first = 0; first < n; first += sweep) {
    const d = Math.min(sweep, n - first)
    if (thread === 0 && !exports.easePivot(ease, first, d)) control.fail('item', first)
    control.meet(threads)
    share(n / 8, PANELS, (from, to) => exports.easePanels(ease, first, d, from, to, own))
    share(n, ROWS, (from, to) => exports.easeSweep(ease, d, from, to))
    share(n / 8, PANELS, (from, to) => exports.easeWriteBack(ease, first, d, from, to))
    if (thread === 0) onSweep(Math.min(items, first + d))
  }
  share(items, ROWS, (from, to) => exports.easeMirror(ease, from, to))
  share(items, ROWS, (from, to) => exports.easeWeights(ease, from, to))
}

/** `Kernels.openEase` in the core: one dense matrix, inverted in place, which stays. */
export async function openEase(
  module: WebAssembly.Module,
  pool: WorkerPool<EaseJob>,
  problem: EaseProblem,
): Promise<Ease> {
  checkEaseProblem(problem)
  const { interactions, regularization, neighbours, signal } = problem
  throwIfCancelled(signal)
  const { columns: items } = interactions
  const purpose = { what: `EASE over ${items} items`, advice: 'fit it on fewer of them' }
  // Only for what its exports say of sizes: the fit has a memory of its own.
  const { exports } = new Arena(module, purpose)
  const n = Math.ceil(items / 8) * 8
  const k = Math.min(neighbours, Math.max(0, items - 1))
  const byItem = transpose(interactions)
  const sweep = exports.SWEEP.value
  const layout = new Layout()
  const words = (length: number) => layout.allocate(length * 4)
  const plan: EasePlan = {
    threads: pool.threads,
    control: layout.allocate(CONTROL_BYTES),
    ease: layout.allocate(sizeOf(exports, 'Ease')),
    items,
    n,
    regularization,
    scratch: words(pool.threads * sweep * 8),
  }
  const fields = {
    userBounds: words(interactions.indptr.length),
    userItems: words(interactions.indices.length),
    itemBounds: words(byItem.indptr.length),
    itemUsers: words(byItem.indices.length),
    columns: words(n * sweep),
    solved: words(n * sweep),
    pivot: words(sweep * sweep),
    work: words(sweep * sweep * 2),
    diagonal: words(n),
    scores: words(n),
    weights: words(items * k),
    targets: words(items * k),
    counts: words(items),
    matrix: words(n * n),
  }
  const memory = createMemory(layout.bytes, purpose, 0)
  const { buffer } = memory
  writeFields(exports, buffer, plan.ease, 'Ease', { ...fields, n, items, k })
  for (const [at, values] of [
    [fields.userBounds, interactions.indptr],
    [fields.userItems, interactions.indices],
    [fields.itemBounds, byItem.indptr],
    [fields.itemUsers, byItem.indices],
  ] as const) {
    new Uint32Array(buffer, at, values.length).set(values)
  }
  const control = new Control(memory, plan.control)
  const cancel = () => control.cancel()
  signal?.addEventListener('abort', cancel)
  try {
    await pool.run({ kind: 'ease', memory, plan }, control, (report) => {
      if (report.kind === 'iteration') problem.onProgress?.(report.done, items)
    })
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
  throwIfCancelled(signal)
  if (control.failure() !== undefined) {
    throw new KernelError(
      `EASE: the matrix is not positive definite to the precision of the core with λ = ${regularization}: use a larger λ`,
    )
  }
  const weights = collect(buffer, fields, items, k)
  let resident: KernelExports | undefined = instantiateKernels(module, memory)
  const scores = new Float32Array(buffer, fields.scores, n)
  return {
    weights,
    scores(asked, out) {
      if (resident === undefined) throw new KernelError('EASE is closed')
      checkEaseItems(asked, out, items)
      scores.fill(0)
      for (const item of asked) resident.easeAdd(plan.ease, item)
      out.set(scores.subarray(0, items))
    },
    close() {
      resident = undefined
    },
  }
}

/** The weights in rows of their own length, targets ascending. */
function collect(
  buffer: ArrayBufferLike,
  { weights, targets, counts }: { weights: number; targets: number; counts: number },
  items: number,
  k: number,
): Csr {
  const lengths = new Uint32Array(buffer, counts, items)
  const indptr = new Uint32Array(items + 1)
  for (let i = 0; i < items; i++) indptr[i + 1] = indptr[i] + lengths[i]
  const indices = new Uint32Array(indptr[items])
  const values = new Float32Array(indptr[items])
  /** The weight of each target of the row at hand. */
  const weightOf = new Float32Array(items)
  for (let i = 0; i < items; i++) {
    const row = new Uint32Array(buffer, targets + i * k * 4, lengths[i])
    const sizes = new Float32Array(buffer, weights + i * k * 4, lengths[i])
    for (let entry = 0; entry < row.length; entry++) weightOf[row[entry]] = sizes[entry]
    indices.subarray(indptr[i], indptr[i + 1]).set(row)
    indices.subarray(indptr[i], indptr[i + 1]).sort()
    for (let at = indptr[i]; at < indptr[i + 1]; at++) values[at] = weightOf[indices[at]]
  }
  return { rows: items, columns: items, indptr, indices, values }
}
