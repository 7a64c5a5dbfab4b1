import { checkEligible, checkInteractions, checkItems } from './checks.ts'
import { transpose } from './csr.ts'
import type { CosineIndex, CosineTopKQuery, CosineTopKResult, Csr } from './kernels.ts'
import { Arena } from './wasm-arena.ts'
import { Control, CONTROL_BYTES } from './wasm-control.ts'
import type { PoolJob, WorkerPool } from './wasm-pool.ts'
import type { KernelExports } from './wasm.ts'

/** Items that a thread claims at once. */
const CLAIM = 256

/** A search as its threads see it; byte offsets and counts. */
export interface CoPurchasePlan {
  readonly threads: number
  readonly control: number
  /** The CoPurchase (assembly/co-purchase.ts). */
  readonly search: number
  readonly asked: number
  /** Scratch space of each thread: item sums (f64) and the list of items touched (u32). */
  readonly scratch: number
  readonly itemCount: number
}

/** What a pool is asked to run. */
export type CoPurchaseJob = PoolJob<'coPurchase', CoPurchasePlan>

/** Runs thread number `thread` of a search to its end; each item is answered by one thread alone. */
export function runCoPurchase(
  exports: KernelExports,
  control: Control,
  { threads, search, asked, scratch, itemCount }: CoPurchasePlan,
  thread: number,
): void {
  const sums = scratch + thread * itemCount * 16
  const touched = sums + itemCount * 8
  control.share(threads, Math.ceil(asked / CLAIM), (claim) => {
    exports.coPurchase(search, claim * CLAIM, Math.min(asked, (claim + 1) * CLAIM), sums, touched)
  })
}

/** `Kernels.openCoPurchase` in the core: the matrix both ways stays resident. */
export function openCoPurchase(
  module: WebAssembly.Module,
  pool: WorkerPool<CoPurchaseJob>,
  interactions: Csr,
): CosineIndex {
  checkInteractions(interactions)
  const arena = new Arena(module)
  const byItem = transpose(interactions)
  const users = arena.putCsr(interactions)
  const items = arena.putCsr(byItem)
  const inverseNorms = arena.allocate(byItem.rows * 8)
  const norms = new Float64Array(arena.memory.buffer, inverseNorms, byItem.rows)
  for (let i = 0; i < byItem.rows; i++) {
    let square = 0
    for (let e = byItem.indptr[i]; e < byItem.indptr[i + 1]; e++) square += byItem.values[e] ** 2
    norms[i] = square > 0 ? 1 / Math.sqrt(square) : 0
  }
  // Searches share the arena's scratch space: one at a time.
  let turn: Promise<unknown> = Promise.resolve()

  const search = async ({ items: asked, k, eligible }: CosineTopKQuery): Promise<CosineTopKResult> => {
    checkItems(asked, byItem.rows)
    checkEligible(eligible, byItem.rows)
    const kept = Math.min(k, byItem.rows)
    const mark = arena.mark()
    try {
      const scores = arena.allocate(asked.length * kept * 4)
      const found = arena.allocate(asked.length * kept * 4)
      const counts = arena.allocate(asked.length * 4)
      const plan: CoPurchasePlan = {
        threads: pool.threads,
        control: arena.allocate(CONTROL_BYTES),
        search: arena.putStructure('CoPurchase', {
          userBounds: users.indptr,
          userItems: users.indices,
          userValues: users.values,
          itemBounds: items.indptr,
          itemUsers: items.indices,
          itemValues: items.values,
          inverseNorms,
          asked: arena.putWords(asked),
          k: kept,
          eligible: eligible === undefined ? 0 : arena.putWords(eligible),
          scores,
          items: found,
          counts,
        }),
        asked: asked.length,
        scratch: arena.allocate(pool.threads * byItem.rows * 16),
        itemCount: byItem.rows,
      }
      arena.words(plan.control, CONTROL_BYTES / 4).fill(0)
      arena.words(plan.scratch, pool.threads * byItem.rows * 4).fill(0)
      const control = new Control(arena.memory, plan.control)
      if (kept > 0) await pool.run({ kind: 'coPurchase', memory: arena.memory, plan }, control)
      const result = {
        counts:
          kept === 0 ? new Uint32Array(asked.length) : new Uint32Array(arena.words(counts, asked.length)),
        indices: new Uint32Array(asked.length * k),
        similarities: new Float64Array(asked.length * k),
      }
      for (let q = 0; q < asked.length; q++) {
        result.indices.set(arena.words(found + q * kept * 4, result.counts[q]), q * k)
        result.similarities.set(arena.floats(scores + q * kept * 4, result.counts[q]), q * k)
      }
      return result
    } finally {
      arena.release(mark)
    }
  }

  return {
    topK(query) {
      const result = turn.then(() => search(query))
      turn = result.catch(() => {})
      return result
    },
    close() {},
  }
}
