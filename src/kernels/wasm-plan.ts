import type { AlsProblem, Csr, NormalEquation } from './kernels.ts'
import { baseRegularization, regularizationExcess } from './regularization.ts'
import { rowBlocks } from './row-blocks.ts'
import { CONTROL_BYTES } from './wasm-control.ts'
import { aligned, padded, ROWS_BYTES, rowsWords, SYSTEM_BYTES, writeSystem } from './wasm-layout.ts'

/** One side of the factorisation: its sparse rows over the other side, and its factors. Byte offsets and counts. */
export interface SidePlan {
  readonly name: 'user' | 'item'
  readonly rows: number
  /** The first row with entries: the one to name when none can be solved. */
  readonly firstRow: number
  /** Rows (assembly/system.ts): what lies where. */
  readonly sparse: number
  /** System: this side solved against the other, and the users' entries against plain items. */
  readonly system: number
  readonly indptr: number
  readonly indices: number
  readonly values: number
  /** rows × f. */
  readonly factors: number
  /** λ of a row beyond the base, rows f32, or 0 (regularization.ts). */
  readonly excess: number
  /** λ every row of this side has at least. */
  readonly base: number
  /** Row bounds of the blocks that threads claim; blockCount + 1 words. */
  readonly blocks: number
  readonly blockCount: number
  /** How many identical rows each row stands for, rows f32, or 0 (distinct-rows.ts). */
  readonly multiplicity: number
  /** f × f: what turns the factors, as they are stored, into plain ones; the identity to begin with. */
  readonly fromZ: number
  /** n × n f64, lower triangle: FᵀF as of the last half-sweep in which this side was fixed. */
  readonly gram: number
}

/** Everything a thread needs to know to take part; plain numbers, so that it can be posted to a worker. */
export interface FitPlan {
  readonly threads: number
  readonly iterations: number
  readonly trackLoss: boolean
  /** True and padded number of factors. */
  readonly n: number
  readonly f: number
  readonly unobservedWeight: number
  readonly users: SidePlan
  readonly items: SidePlan
  readonly control: number
  readonly partials: number
  readonly partialCount: number
  readonly work: number
  readonly toZ: number
  readonly toPlain: number
  readonly toSolve: number
  /** f × f: from the solved side's former basis into its new one. */
  readonly warm: number
  /** Of conjugate gradients, for long rows; 0: exact. */
  readonly steps: number
  /** L⁻¹L⁻ᵀ, wanted only where a side has an excess. */
  readonly shared: number
  /** One f64 a block of users. */
  readonly losses: number
  /** The result: one f64. */
  readonly loss: number
  readonly scratch: number
  readonly scratchBytes: number
}

/** Offsets handed out one after another; the memory is made once all are known. */
export class Layout {
  // Offset 0 stays unused: the kernels read a pointer of 0 as "absent".
  bytes = aligned(1)

  allocate(bytes: number): number {
    const at = this.bytes
    this.bytes += aligned(bytes)
    return at
  }
}

/**
 * Lays out one side: `matrix` its sparse rows, `multiplicity` how many identical rows each stands for. `fill` writes
 * what the fit starts from, the factors apart.
 */
export function planSide(
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
    firstRow: Math.max(0, matrix.indptr.findIndex((end) => end > 0) - 1),
    sparse: layout.allocate(ROWS_BYTES),
    system: layout.allocate(SYSTEM_BYTES),
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
    new Uint32Array(buffer, plan.sparse, ROWS_BYTES / 4).set(rowsWords(plan))
    const f = padded(factors)
    setIdentity(new Float32Array(buffer, plan.fromZ, f * f), f)
  }
  return { plan, fill }
}

/** Lays out what both sides share; the sides must have been laid out before. */
export function planFit(
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

/** Writes what each side's rows have in common: the other side's factors, and the equation. */
export function writeSystems({ buffer }: WebAssembly.Memory, plan: FitPlan, equation: NormalEquation): void {
  const { users, items, f, shared } = plan
  for (const [solved, fixed] of [
    [users, items],
    [items, users],
  ] as const) {
    const { factors: z, multiplicity } = fixed
    writeSystem(buffer, solved.system, { z, f, multiplicity, shared, equation })
  }
}

/** Makes an f × f matrix the identity. */
export function setIdentity(matrix: Float32Array, f: number): void {
  matrix.fill(0)
  for (let i = 0; i < f; i++) matrix[i * f + i] = 1
}
