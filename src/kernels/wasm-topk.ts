import { checkDense, checkTopKQuery } from './checks.ts'
import type { DenseMatrix, TopKQuery, TopKResult, VectorIndex } from './kernels.ts'
import { Arena } from './wasm-arena.ts'
import { Control, CONTROL_BYTES } from './wasm-control.ts'
import { padded, padRows } from './wasm-layout.ts'
import type { WorkerPool } from './wasm-pool.ts'
import { runSearch, type SearchPlan, TILE_BYTES } from './wasm-search.ts'

/** Items in a panel, and queries in a tile (assembly/topk.ts). */
const PANEL = 8
const TILE_QUERIES = 4

/** Multiplications from which a search goes to the worker threads: about a millisecond's worth. */
const WORTH_A_JOB = 20_000_000

/** `Kernels.openVectors` in the core: the vectors lie in panels of eight, interleaved by dimension. */
export function openVectors(module: WebAssembly.Module, pool: WorkerPool, vectors: DenseMatrix): VectorIndex {
  checkDense(vectors, 'vectors')
  const { rows, columns, data } = vectors
  const arena = new Arena(module)
  const width = padded(columns)
  const panelFloats = Math.ceil(rows / PANEL) * PANEL * width
  const panels = arena.allocate(panelFloats * 4)
  interleave(data, rows, columns, arena.floats(panels, panelFloats))
  const control = arena.allocate(CONTROL_BYTES)
  // Searches share the arena's scratch space: one at a time.
  let turn: Promise<unknown> = Promise.resolve()

  const search = async (query: TopKQuery, count: number): Promise<TopKResult> => {
    const mark = arena.mark()
    try {
      // Anew for every search: one that failed may have left its threads at the barrier.
      arena.words(control, CONTROL_BYTES / 4).fill(0)
      const plan = layOut(arena, query, count, {
        width,
        columns,
        panels,
        rows,
        control,
        threads: pool.threads,
      })
      const work = plan.queryCount * rows * width
      // A pool that is busy with a fit would keep the search waiting for as long as that takes.
      if (work < WORTH_A_JOB || pool.isBusy()) runSearch(arena.exports, undefined, plan, 0)
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

function layOut(
  arena: Arena,
  { queries, k, excluded, eligible }: TopKQuery,
  count: number,
  index: { width: number; columns: number; panels: number; rows: number; control: number; threads: number },
): SearchPlan {
  const { width, columns, panels, rows, control, threads } = index
  // No list can be longer than the catalogue: a huge k costs no memory.
  const kept = Math.min(k, rows)
  const queryCount = Math.ceil(count / TILE_QUERIES) * TILE_QUERIES
  const queriesAt = arena.allocate(queryCount * width * 4)
  arena.floats(queriesAt, queryCount * width).fill(0)
  padRows(queries, columns, arena.floats(queriesAt, count * width))
  const plan = {
    threads,
    control,
    queryCount,
    kept,
    scores: arena.allocate(queryCount * kept * 4),
    items: arena.allocate(queryCount * kept * 4),
    counts: arena.allocate(queryCount * 4),
    tiles: arena.allocate(threads * TILE_BYTES),
  }
  const search = arena.putWords(
    Uint32Array.of(
      queriesAt,
      width,
      panels,
      rows,
      kept,
      excluded === undefined ? 0 : arena.putWords(excludedBounds(excluded.indptr, queryCount)),
      excluded === undefined ? 0 : arena.putWords(ascending(excluded)),
      eligible === undefined ? 0 : arena.putWords(eligible),
      plan.scores,
      plan.items,
      plan.counts,
    ),
  )
  return { ...plan, search }
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

/** Row bounds for the padding queries too: they exclude nothing. */
function excludedBounds(indptr: Uint32Array, queries: number): Uint32Array {
  const bounds = new Uint32Array(queries + 1).fill(indptr[indptr.length - 1])
  bounds.set(indptr)
  return bounds
}

/** The kernel searches each query's exclusions by halving: ascending within a row. */
function ascending(excluded: { indptr: Uint32Array; indices: Uint32Array }): Uint32Array {
  const sorted = excluded.indices.slice()
  for (let q = 0; q + 1 < excluded.indptr.length; q++) {
    sorted.subarray(excluded.indptr[q], excluded.indptr[q + 1]).sort()
  }
  return sorted
}

function interleave(data: Float32Array, rows: number, columns: number, panels: Float32Array): void {
  const width = padded(columns)
  panels.fill(0)
  for (let row = 0; row < rows; row++) {
    let to = (row - (row % PANEL)) * width + (row % PANEL)
    for (let from = row * columns; from < (row + 1) * columns; from++, to += PANEL) panels[to] = data[from]
  }
}
