import { checkProblem, notPositiveDefinite } from './checks.ts'
import { columnBounds, transposeInto } from './csr.ts'
import { copyDistinct, type DistinctRows, distinctRows } from './distinct-rows.ts'
import type { AlsProblem, AlsResult } from './kernels.ts'
import { Control, throwIfCancelled } from './wasm-control.ts'
import { Layout, padRows, unpadRows } from './wasm-layout.ts'
import { type FitPlan, planFit, writeSystems } from './wasm-plan.ts'
import type { FitJob } from './wasm-fit.ts'
import type { WorkerPool } from './wasm-pool.ts'
import { boundsView, entryViews, planSide, type SidePlan } from './wasm-side.ts'
import { createMemory, type KernelExports, MAX_PAGES, PAGE_BYTES, type Purpose } from './wasm.ts'

/** `Kernels.fitAls` in the core: lays the problem out in one shared memory and lets the pool run wasm-fit.ts on it. */
export async function fitAls(
  pool: WorkerPool<FitJob>,
  exports: KernelExports,
  problem: AlsProblem,
): Promise<AlsResult> {
  checkProblem(problem)
  throwIfCancelled(problem.signal)
  const { equation, factors, signal } = problem
  const confidence = totalConfidence(problem)
  const distinct = distinctRows(problem.interactions)
  const { memory, plan } = layOut(pool.threads, exports, problem, distinct)
  writeEntries(memory, plan, problem, distinct)
  writeSystems(exports, memory, plan, equation)
  padRows(problem.itemFactors, factors, factorView(memory, plan.items, plan.f))
  if (problem.handOver === true) release(problem.itemFactors.buffer)
  if (problem.userFactors !== undefined) {
    const start = takeRows(problem.userFactors, factors, distinct)
    padRows(start, factors, factorView(memory, plan.users, plan.f))
  }

  const control = new Control(memory, plan.control)
  const cancel = () => control.cancel()
  signal?.addEventListener('abort', cancel)
  try {
    await pool.run({ kind: 'fit', memory, plan }, control, (report) => {
      if (report.kind !== 'iteration') return
      problem.onIteration?.(report.done, report.loss === undefined ? undefined : report.loss / confidence)
    })
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
  const failure = control.failure()
  if (failure !== undefined) {
    const row = failure.side === 'user' ? distinct.distinctOf.indexOf(failure.row) : failure.row
    notPositiveDefinite(failure.side, row, equation.regularization)
  }
  throwIfCancelled(signal)
  const factorsOf = (side: SidePlan) => unpadRows(factorView(memory, side, plan.f), factors)
  return {
    userFactors:
      problem.itemsOnly === true ? new Float32Array() : spreadRows(factorsOf(plan.users), factors, distinct),
    itemFactors: factorsOf(plan.items),
    loss: new Float64Array(memory.buffer, plan.loss, 1)[0] / confidence,
  }
}

/** Plans the fit and makes its memory, with all that it starts from but entries and factors. */
function layOut(threads: number, exports: KernelExports, problem: AlsProblem, distinct: DistinctRows) {
  const { interactions } = problem
  const { indptr, multiplicity, sources } = distinct
  const itemBounds = columnBounds(interactions, sources)
  const preconditioned = preconditioningPays([indptr, itemBounds], problem, exports.SHORT.value)
  const layout = new Layout()
  const ofUsers = { multiplicity, preconditioned, lengths: indptr }
  // A user counts as often as there are users like them.
  const lengths = sources === undefined ? itemBounds : columnBounds(interactions)
  const ofItems = { multiplicity: undefined, preconditioned, lengths }
  const users = planSide(layout, 'user', indptr, interactions.columns, problem, ofUsers, exports)
  const items = planSide(layout, 'item', itemBounds, interactions.rows, problem, ofItems, exports)
  const plan = planFit(layout, problem, threads, users.plan, items.plan, exports)
  const memory = createMemory(layout.bytes, purposeOf(layout.bytes, problem), 0)
  users.fill(memory)
  items.fill(memory)
  return { memory, plan }
}

/** Writes both sides' entries, and gives back the caller's in between where they are handed over. */
function writeEntries(
  memory: WebAssembly.Memory,
  { users, items }: FitPlan,
  { interactions, handOver }: AlsProblem,
  distinct: DistinctRows,
): void {
  const [byUser, byItem] = [entryViews(memory, users), entryViews(memory, items)]
  copyDistinct(interactions, distinct, byUser.indices, byUser.values)
  if (handOver === true) {
    release(interactions.indices.buffer)
    release(interactions.values.buffer)
  }
  const { columns } = interactions
  const matrix = { rows: users.rows, columns, indptr: distinct.indptr, ...byUser }
  transposeInto(matrix, boundsView(memory, items), byItem.indices, byItem.values)
}

/** Gives a buffer's memory back; a shared one stays. */
function release(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/**
 * Whether preconditioning long rows (assembly/spectrum.ts) saves more than it costs: about one pass of 4f operations
 * over the entries of long rows, at half the speed of the dense products, against 3f² operations a row of either
 * side, for a second gram and two whole matrices instead of triangular ones.
 */
function preconditioningPays(
  sides: readonly Uint32Array[],
  { factors, conjugateGradientSteps = 0 }: AlsProblem,
  longestShort: number,
): boolean {
  if (conjugateGradientSteps === 0) return false
  let rows = 0
  let longEntries = 0
  for (const indptr of sides) {
    rows += indptr.length - 1
    for (let r = 1; r < indptr.length; r++) {
      const entries = indptr[r] - indptr[r - 1]
      if (entries > longestShort) longEntries += entries
    }
  }
  return 8 * longEntries > 3 * factors * rows
}

/** Rows of all users from rows of the distinct ones. */
function spreadRows(
  rows: Float32Array,
  width: number,
  { distinctOf, multiplicity }: DistinctRows,
): Float32Array {
  if (multiplicity === undefined) return rows
  const all = new Float32Array(distinctOf.length * width)
  distinctOf.forEach((from, to) => copyRow(rows, from, all, to, width))
  return all
}

/** Rows of the distinct users from rows of all: of identical users, any is a good start. */
function takeRows(all: Float32Array, width: number, { distinctOf, indptr }: DistinctRows): Float32Array {
  const rows = new Float32Array((indptr.length - 1) * width)
  distinctOf.forEach((to, from) => copyRow(all, from, rows, to, width))
  return rows
}

/** A plain loop: for rows this short, set() spends more on its views than on copying. */
function copyRow(source: Float32Array, from: number, target: Float32Array, to: number, width: number): void {
  for (let c = 0; c < width; c++) target[to * width + c] = source[from * width + c]
}

/** Says how many factors would fit a 32-bit memory. @param bytes  that the layout takes */
function purposeOf(bytes: number, { interactions, factors }: AlsProblem): Purpose {
  const { rows, columns } = interactions
  const perFactor = (rows + columns) * 4
  const fitting = Math.floor((MAX_PAGES * PAGE_BYTES - (bytes - perFactor * factors)) / perFactor)
  const less = 'train on fewer customers or a shorter time'
  return {
    what: `a fit of ${rows} users × ${columns} items × ${factors} factors`,
    advice: fitting > 0 && fitting < factors ? `use at most ${fitting} factors, or ${less}` : less,
  }
}

function factorView(memory: WebAssembly.Memory, side: SidePlan, f: number): Float32Array {
  return new Float32Array(memory.buffer, side.factors, side.rows * f)
}

/** What the summed loss is divided by (AlsResult.loss): Σ t + w₀(U·I − nnz). */
function totalConfidence({ interactions, equation }: AlsProblem): number {
  const { rows, columns, indices, values } = interactions
  let targets = 0
  for (let e = 0; e < values.length; e++)
    targets += equation.targetSlope * values[e] + equation.targetIntercept
  return targets + equation.unobservedWeight * (rows * columns - indices.length)
}
