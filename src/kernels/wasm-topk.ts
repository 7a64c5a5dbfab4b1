import { checkDense, checkParts, checkTopKQuery } from './checks.ts'
import type { DenseMatrix, TopKQuery, TopKResult, VectorIndex } from './kernels.ts'
import { Arena } from './wasm-arena.ts'
import { Control, CONTROL_BYTES } from './wasm-control.ts'
import type { WorkerPool } from './wasm-pool.ts'
import { runSearch, type SearchPlan } from './wasm-search.ts'
import { layOutSearch, storeVectors } from './wasm-topk-layout.ts'

/** Multiplications from which a search goes to the worker threads: about a millisecond's worth. */
const WORTH_A_JOB = 50_000_000

/** `Kernels.openVectors` in the core: rows in full, and beside them panels of lengths and codes for coarse looks first. */
export function openVectors(
  module: WebAssembly.Module,
  pool: WorkerPool,
  vectors: DenseMatrix,
  parts?: readonly number[],
): VectorIndex {
  checkDense(vectors, 'vectors')
  if (parts !== undefined) checkParts(parts, vectors.columns)
  const { rows, columns } = vectors
  const arena = new Arena(module)
  const stored = storeVectors(arena, vectors, parts ?? [])
  const control = arena.allocate(CONTROL_BYTES)
  // Where additions are written: number by number, the core's shared memory is several times slower.
  const scratch = new Float32Array(rows)
  // Searches share the arena's scratch space: one at a time.
  let turn: Promise<unknown> = Promise.resolve()

  const search = async (query: TopKQuery, count: number): Promise<TopKResult> => {
    const mark = arena.mark()
    try {
      // Anew for every search: one that failed may have left its threads at the barrier.
      arena.words(control, CONTROL_BYTES / 4).fill(0)
      const plan = layOutSearch(arena, query, count, stored, { control, threads: pool.threads, scratch })
      const work = plan.queryCount * rows * stored.width
      // A pool that is busy with a fit would keep the search waiting for as long as that takes.
      if (work < WORTH_A_JOB || pool.isBusy()) runSearch(arena.exports, undefined, plan)
      else await pool.run({ kind: 'search', memory: arena.memory, plan }, new Control(arena.memory, control))
      return collect(arena, plan, count, query.k)
    } finally {
      arena.release(mark)
    }
  }

  return {
    topK(query) {
      const result = turn.then(() => {
        checkTopKQuery(query, rows, columns)
        const count = columns === 0 ? 0 : query.queries.length / columns
        if (count === 0 || query.k === 0 || rows === 0) return noResults(count, query.k)
        return search(query, count)
      })
      turn = result.catch(() => {})
      return result
    },
    close() {},
  }
}

function collect(
  arena: Arena,
  { kept, counts, items, scores }: SearchPlan,
  count: number,
  k: number,
): TopKResult {
  const result = noResults(count, k)
  result.counts.set(arena.words(counts, count))
  for (let q = 0; q < count; q++) {
    const found = result.counts[q]
    result.indices.set(arena.words(items + q * kept * 4, found), q * k)
    result.scores.set(arena.floats(scores + q * kept * 4, found), q * k)
  }
  return result
}

function noResults(queries: number, k: number): TopKResult {
  return {
    counts: new Uint32Array(queries),
    indices: new Uint32Array(queries * k),
    scores: new Float32Array(queries * k),
  }
}
