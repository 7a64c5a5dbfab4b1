import { checkProblem, notPositiveDefinite } from './checks.ts'
import { columnBounds, transposeInto } from './csr.ts'
import { type DistinctRows, distinctRows } from './distinct-rows.ts'
import { type AlsProblem, type AlsResult, KernelError } from './kernels.ts'
import { Control } from './wasm-control.ts'
import { padRows, unpadRows } from './wasm-layout.ts'
import { entryViews, Layout, planFit, planSide, type SidePlan, writeSystems } from './wasm-plan.ts'
import type { WorkerPool } from './wasm-pool.ts'
import { createMemory, MAX_PAGES, PAGE_BYTES } from './wasm.ts'

/** `Kernels.fitAls` in the core: lays the problem out in one shared memory and lets the pool run wasm-fit.ts on it. */
export async function fitAls(
  pool: WorkerPool,
  rowScratch: (f: number) => number,
  problem: AlsProblem,
): Promise<AlsResult> {
  checkProblem(problem)
  throwIfCancelled(problem.signal)
  const { equation, factors, signal } = problem
  const distinct = findDistinct(problem)
  const layout = new Layout()
  const { matrix, multiplicity } = distinct
  const itemBounds = columnBounds(matrix)
  const users = planSide(layout, 'user', matrix.indptr, matrix.columns, problem, multiplicity)
  const items = planSide(layout, 'item', itemBounds, matrix.rows, problem, undefined)
  const plan = planFit(layout, problem, pool.threads, users.plan, items.plan, rowScratch)
  refuseTooLarge(layout.bytes, problem)
  const memory = createMemory(layout.bytes, 0)
  users.fill(memory)
  items.fill(memory)
  const [byUser, byItem] = [entryViews(memory, users.plan), entryViews(memory, items.plan)]
  byUser.indices.set(matrix.indices)
  byUser.values.set(matrix.values)
  transposeInto(matrix, itemBounds, byItem.indices, byItem.values)
  writeSystems(memory, plan, equation)
  padRows(problem.itemFactors, factors, factorView(memory, items.plan, plan.f))
  if (problem.userFactors !== undefined) {
    const start = takeRows(problem.userFactors, factors, distinct)
    padRows(start, factors, factorView(memory, users.plan, plan.f))
  }

  const control = new Control(memory, plan.control)
  const cancel = () => control.cancel()
  signal?.addEventListener('abort', cancel)
  try {
    await pool.run({ kind: 'fit', memory, plan }, control, (report) => {
      if (report.kind === 'iteration') problem.onIteration?.(report.done, scaledLoss(report.loss, problem))
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
  return {
    userFactors: spreadRows(unpadRows(factorView(memory, users.plan, plan.f), factors), factors, distinct),
    itemFactors: unpadRows(factorView(memory, items.plan, plan.f), factors),
    loss: scaledLoss(new Float64Array(memory.buffer, plan.loss, 1)[0], problem) ?? Number.NaN,
  }
}

/** Identical users once; not where λ depends on an item's number of entries, which only the full matrix tells. */
function findDistinct({ interactions, equation }: AlsProblem): DistinctRows {
  if (equation.frequencyExponent === 0) return distinctRows(interactions)
  const distinctOf = Uint32Array.from({ length: interactions.rows }, (_, row) => row)
  return { matrix: interactions, multiplicity: undefined, distinctOf }
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

/** Rows of the distinct users from rows of all: any of those that are alike will do for a start. */
function takeRows(all: Float32Array, width: number, { distinctOf, matrix }: DistinctRows): Float32Array {
  const rows = new Float32Array(matrix.rows * width)
  distinctOf.forEach((to, from) => copyRow(all, from, rows, to, width))
  return rows
}

/** A plain loop: for rows this short, set() spends more on its views than on copying. */
function copyRow(source: Float32Array, from: number, target: Float32Array, to: number, width: number): void {
  for (let c = 0; c < width; c++) target[to * width + c] = source[from * width + c]
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new KernelError('the fit was cancelled', { cause: signal.reason })
}

/** @throws {KernelError} when the layout does not fit a 32-bit memory, saying how many factors would */
function refuseTooLarge(bytes: number, { interactions, factors }: AlsProblem): void {
  const limit = MAX_PAGES * PAGE_BYTES
  if (bytes <= limit) return
  const { rows, columns } = interactions
  const perFactor = (rows + columns) * 4
  const fitting = Math.floor((limit - (bytes - perFactor * factors)) / perFactor)
  const advice = fitting > 0 ? `use at most ${fitting} factors, or another engine` : 'use another engine'
  throw new KernelError(
    `${rows} users × ${columns} items × ${factors} factors need ${(bytes / 2 ** 30).toFixed(1)} GiB, ` +
      `and a WebAssembly memory holds 4 GiB: ${advice}`,
  )
}

function factorView(memory: WebAssembly.Memory, side: SidePlan, f: number): Float32Array {
  return new Float32Array(memory.buffer, side.factors, side.rows * f)
}

/** The summed loss over the total confidence (AlsResult.loss). */
function scaledLoss(total: number | undefined, { interactions, equation }: AlsProblem): number | undefined {
  if (total === undefined) return undefined
  let targets = 0
  for (const r of interactions.values) targets += equation.targetSlope * r + equation.targetIntercept
  const unobserved = interactions.rows * interactions.columns - interactions.indices.length
  return total / (targets + equation.unobservedWeight * unobserved)
}
