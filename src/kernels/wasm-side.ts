import type { AlsProblem } from './kernels.ts'
import { baseRegularization, regularizationExcess } from './regularization.ts'
import { type Layout, padded, setIdentity } from './wasm-layout.ts'
import { sizeOf, writeFields } from './wasm-structures.ts'
import type { KernelExports } from './wasm.ts'

/** Rows and entries that a thread claims at once: small enough to share out evenly and to stop soon after a cancel. */
const BLOCK_ROWS = 512
const BLOCK_ENTRIES = 8192

/** One side of the factorisation: its sparse rows over the other side, and its factors. Byte offsets and counts. */
export interface SidePlan {
  readonly name: 'user' | 'item'
  readonly rows: number
  /** The first row with entries: the one to name when none can be solved. */
  readonly firstRow: number
  /** Rows (assembly/system.ts): what lies where. */
  readonly sparse: number
  /** System: this side solved against the other. */
  readonly system: number
  readonly indptr: number
  readonly entries: number
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
  /** How many identical rows each row represents, rows f32, or 0 (distinct-rows.ts). */
  readonly multiplicity: number
  /** Each row's total weight, rows f32, or 0 where nothing is preconditioned (assembly/system.ts). */
  readonly weights: number
  /** Its share of the weight of all rows, rows f32, or 0. */
  readonly shares: number
  /** f × f: what turns the factors, as they are stored, into plain ones; the identity to begin with. */
  readonly fromZ: number
  /** n × n f64, lower triangle: FᵀF of the factors as they were last solved. */
  readonly gram: number
  /** A number a block, f64: what its entries add to the training loss, as they were last asked to. */
  readonly losses: number
  /** The same of the penalty that rows have beyond the base, or 0 where none has any. */
  readonly penalties: number
}

interface SideOptions {
  readonly multiplicity: Float32Array | undefined
  readonly preconditioned: boolean
  readonly lengths: Uint32Array
}

/**
 * Lays out one side: rows over `columns`, bounded by `indptr`; `multiplicity`: how many identical rows each
 * represents; `lengths`: the bounds that the rows would have were no two of them put together, on either side. `fill`
 * writes all that the fit starts from but the entries and the factors.
 */
export function planSide(
  layout: Layout,
  name: 'user' | 'item',
  indptr: Uint32Array,
  columns: number,
  { factors, equation }: AlsProblem,
  { multiplicity, preconditioned, lengths }: SideOptions,
  exports: KernelExports,
): { plan: SidePlan; fill: (memory: WebAssembly.Memory) => void } {
  const rows = indptr.length - 1
  const f = padded(factors)
  const blocks = rowBlocks(indptr)
  const excess = regularizationExcess(lengths, columns, equation)
  const plan: SidePlan = {
    name,
    rows,
    firstRow: Math.max(0, indptr.findIndex((end) => end > 0) - 1),
    sparse: layout.allocate(sizeOf(exports, 'Rows')),
    system: layout.allocate(sizeOf(exports, 'System')),
    indptr: layout.allocate(indptr.byteLength),
    entries: indptr[rows],
    indices: layout.allocate(indptr[rows] * 4),
    values: layout.allocate(indptr[rows] * 4),
    factors: layout.allocate(rows * f * 4),
    excess: excess === undefined ? 0 : layout.allocate(rows * 4),
    base: baseRegularization(equation, columns),
    multiplicity: multiplicity === undefined ? 0 : layout.allocate(rows * 4),
    weights: preconditioned ? layout.allocate(rows * 4) : 0,
    shares: preconditioned ? layout.allocate(rows * 4) : 0,
    fromZ: layout.allocate(f * f * 4),
    blocks: layout.allocate(blocks.byteLength),
    blockCount: blocks.length - 1,
    gram: layout.allocate(factors * factors * 8),
    losses: layout.allocate((blocks.length - 1) * 8),
    penalties: excess === undefined ? 0 : layout.allocate((blocks.length - 1) * 8),
  }
  const fill = ({ buffer }: WebAssembly.Memory) => {
    const { indices, values, factors: solved, weights } = plan
    writeFields(exports, buffer, plan.sparse, 'Rows', {
      indptr: plan.indptr,
      indices,
      values,
      excess: plan.excess,
      factors: solved,
      weights,
    })
    new Uint32Array(buffer, plan.indptr, rows + 1).set(indptr)
    new Uint32Array(buffer, plan.blocks, blocks.length).set(blocks)
    if (excess !== undefined) new Float32Array(buffer, plan.excess, rows).set(excess)
    if (multiplicity !== undefined) new Float32Array(buffer, plan.multiplicity, rows).set(multiplicity)
    setIdentity(new Float32Array(buffer, plan.fromZ, f * f), f)
  }
  return { plan, fill }
}

/** Where a side's entries go: views of their columns and values. */
export function entryViews({ buffer }: WebAssembly.Memory, { entries, indices, values }: SidePlan) {
  return {
    indices: new Uint32Array(buffer, indices, entries),
    values: new Float32Array(buffer, values, entries),
  }
}

/** A side's row bounds. */
export function boundsView({ buffer }: WebAssembly.Memory, { indptr, rows }: SidePlan): Uint32Array {
  return new Uint32Array(buffer, indptr, rows + 1)
}

/** Bounds of blocks of rows with about the same work in each, from the rows' own bounds. */
function rowBlocks(indptr: Uint32Array): Uint32Array {
  const rows = indptr.length - 1
  const bounds = [0]
  for (let from = 0; from < rows; ) {
    let to = from + 1
    while (to < rows && to - from < BLOCK_ROWS && indptr[to + 1] - indptr[from] <= BLOCK_ENTRIES) to++
    bounds.push(to)
    from = to
  }
  return Uint32Array.from(bounds)
}
