import { checkProblem, notPositiveDefinite } from './checks.ts'
import { transpose } from './csr.ts'
import { type DistinctRows, distinctRows } from './distinct-rows.ts'
import { type AlsProblem, type AlsResult, type Csr, KernelError } from './kernels.ts'
import { baseRegularization, regularizationExcess } from './regularization.ts'
import { aligned, equationCoefficients, padded, padRows, unpadRows } from './wasm-arena.ts'
import { Control, CONTROL_BYTES } from './wasm-control.ts'
import { type FitPlan, setIdentity, type SidePlan } from './wasm-fit.ts'
import type { WorkerPool } from './wasm-pool.ts'
import { createMemory, MAX_PAGES, PAGE_BYTES } from './wasm.ts'

/** Rows and entries that a thread claims at once: small enough to share out evenly and to stop soon after a cancel. */
const BLOCK_ROWS = 512
const BLOCK_ENTRIES = 8192

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
  const users = planSide(layout, 'user', distinct.matrix, problem, distinct.multiplicity)
  const items = planSide(layout, 'item', transpose(distinct.matrix), problem, undefined)
  const plan = planFit(layout, problem, pool.threads, users.plan, items.plan, rowScratch)
  refuseTooLarge(layout.bytes, problem)
  const memory = createMemory(layout.bytes, 0)
  users.fill(memory)
  items.fill(memory)
  new Float32Array(memory.buffer, plan.coefficients, 4).set(equationCoefficients(equation))
  padRows(problem.itemFactors, factors, factorView(memory, items.plan, plan.f))
  if (problem.userFactors !== undefined) {
    const start = takeRows(problem.userFactors, factors, distinct)
    padRows(start, factors, factorView(memory, users.plan, plan.f))
  }

  const control = new Control(memory, plan.control)
  const cancel = () => control.cancel()
  signal?.addEventListener('abort', cancel)
  try {
    await pool.run({ memory, plan }, control, (report) => {
      if (report.kind === 'iteration') problem.onIteration?.(report.done, scaledLoss(report.loss, problem))
    })
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
  const failure = control.failure()
  if (failure !== undefined) notPositiveDefinite(failure.side, failure.row, equation.regularization)
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
  distinctOf.forEach((from, to) => all.set(rows.subarray(from * width, (from + 1) * width), to * width))
  return all
}

/** Rows of the distinct users from rows of all: any of those that are alike will do for a start. */
function takeRows(all: Float32Array, width: number, { distinctOf, matrix }: DistinctRows): Float32Array {
  const rows = new Float32Array(matrix.rows * width)
  distinctOf.forEach((to, from) => rows.set(all.subarray(from * width, (from + 1) * width), to * width))
  return rows
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

/** Offsets handed out one after another; the memory is made once all are known. */
class Layout {
  // Offset 0 stays unused: the kernels read a pointer of 0 as "absent".
  bytes = aligned(1)

  allocate(bytes: number): number {
    const at = this.bytes
    this.bytes += aligned(bytes)
    return at
  }
}

function planSide(
  layout: Layout,
  name: 'user' | 'item',
  matrix: Csr,
  { factors, equation }: AlsProblem,
  multiplicity: Float32Array | undefined,
): { plan: SidePlan; fill: (memory: WebAssembly.Memory) => void } {
  const entries = matrix.indices.length
  const blocks = rowBlocks(matrix)
  const excess = regularizationExcess(matrix, equation)
  const plan: SidePlan = {
    name,
    rows: matrix.rows,
    indptr: layout.allocate((matrix.rows + 1) * 4),
    indices: layout.allocate(entries * 4),
    values: layout.allocate(entries * 4),
    factors: layout.allocate(matrix.rows * padded(factors) * 4),
    excess: excess === undefined ? 0 : layout.allocate(matrix.rows * 4),
    base: baseRegularization(equation, matrix.columns),
    multiplicity: multiplicity === undefined ? 0 : layout.allocate(matrix.rows * 4),
    fromZ: layout.allocate(padded(factors) ** 2 * 4),
    blocks: layout.allocate(blocks.length * 4),
    blockCount: blocks.length - 1,
    gram: layout.allocate(factors * factors * 8),
  }
  const fill = ({ buffer }: WebAssembly.Memory) => {
    new Uint32Array(buffer, plan.indptr, matrix.rows + 1).set(matrix.indptr)
    new Uint32Array(buffer, plan.indices, entries).set(matrix.indices)
    new Float32Array(buffer, plan.values, entries).set(matrix.values)
    new Uint32Array(buffer, plan.blocks, blocks.length).set(blocks)
    if (excess !== undefined) new Float32Array(buffer, plan.excess, matrix.rows).set(excess)
    if (multiplicity !== undefined) new Float32Array(buffer, plan.multiplicity, matrix.rows).set(multiplicity)
    const f = padded(factors)
    setIdentity(new Float32Array(buffer, plan.fromZ, f * f), f)
  }
  return { plan, fill }
}

function planFit(
  layout: Layout,
  { factors, iterations, trackLoss, equation, conjugateGradientSteps }: AlsProblem,
  threads: number,
  users: SidePlan,
  items: SidePlan,
  rowScratch: (f: number) => number,
): FitPlan {
  const f = padded(factors)
  const square = f * f * 4
  // Fixed by f alone: the order of summation must not depend on the number of threads.
  const partialCount = Math.max(2, Math.min(16, Math.floor(2 ** 22 / square)))
  const scratchBytes = aligned(rowScratch(f) * 4)
  return {
    threads,
    iterations,
    trackLoss: trackLoss === true,
    n: factors,
    f,
    unobservedWeight: equation.unobservedWeight,
    users,
    items,
    control: layout.allocate(CONTROL_BYTES),
    coefficients: layout.allocate(16),
    partials: layout.allocate(partialCount * square),
    partialCount,
    work: layout.allocate(2 * factors * factors * 8),
    toZ: layout.allocate(square),
    toPlain: layout.allocate(square),
    toSolve: layout.allocate(square),
    warm: layout.allocate(square),
    steps: conjugateGradientSteps ?? 0,
    shared: layout.allocate(square),
    losses: layout.allocate(users.blockCount * 8),
    loss: layout.allocate(8),
    scratch: layout.allocate(threads * scratchBytes),
    scratchBytes,
  }
}

/** Bounds of blocks of rows with about the same work in each. */
function rowBlocks(matrix: Csr): Uint32Array {
  const bounds = [0]
  for (let from = 0; from < matrix.rows; ) {
    let to = from + 1
    while (
      to < matrix.rows &&
      to - from < BLOCK_ROWS &&
      matrix.indptr[to + 1] - matrix.indptr[from] <= BLOCK_ENTRIES
    ) {
      to++
    }
    bounds.push(to)
    from = to
  }
  return Uint32Array.from(bounds)
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
