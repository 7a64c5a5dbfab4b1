import { checkDense, checkTopKQuery } from './checks.ts'
import type { DenseMatrix, TopKQuery, TopKResult, VectorIndex } from './kernels.ts'
import { PANEL, PANEL_BOUNDS, QUERY_BOUNDS, quantiseItems, quantiseQueries, stretches } from './quantise.ts'
import { Arena } from './wasm-arena.ts'
import { Control, CONTROL_BYTES } from './wasm-control.ts'
import { padded, padRows } from './wasm-layout.ts'
import type { WorkerPool } from './wasm-pool.ts'
import { runSearch, type SearchPlan } from './wasm-search.ts'

/** Queries that are scored together (assembly/topk.ts). */
const TOGETHER = 4

/** Multiplications from which a search goes to the worker threads: about a millisecond's worth. */
const WORTH_A_JOB = 50_000_000

/** The vectors as they lie in an arena: sizes, byte offsets, and the stretch of each dimension. */
interface StoredVectors {
  readonly rows: number
  readonly columns: number
  readonly width: number
  readonly stretch: Float32Array
  readonly vectors: number
  readonly panels: number
  readonly panelBounds: number
}

/** `Kernels.openVectors` in the core: rows in full, and beside them panels of codes for a coarse look first. */
export function openVectors(module: WebAssembly.Module, pool: WorkerPool, vectors: DenseMatrix): VectorIndex {
  checkDense(vectors, 'vectors')
  const { rows, columns } = vectors
  const arena = new Arena(module)
  const stored = store(arena, vectors)
  const control = arena.allocate(CONTROL_BYTES)
  // Searches share the arena's scratch space: one at a time.
  let turn: Promise<unknown> = Promise.resolve()

  const search = async (query: TopKQuery, count: number): Promise<TopKResult> => {
    const mark = arena.mark()
    try {
      // Anew for every search: one that failed may have left its threads at the barrier.
      arena.words(control, CONTROL_BYTES / 4).fill(0)
      const plan = layOut(arena, query, count, stored, { control, threads: pool.threads })
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

function store(arena: Arena, { rows, columns, data }: DenseMatrix): StoredVectors {
  const width = padded(columns)
  const panelCount = Math.ceil(rows / PANEL)
  const vectors = arena.allocate(rows * width * 4)
  // A query alone takes four panels at a time: there must be something to read after the last.
  const panels = arena.allocate((panelCount + TOGETHER - 1) * PANEL * width)
  const panelBounds = arena.allocate(panelCount * PANEL_BOUNDS * 4)
  const stretch = stretches(data, rows, columns)
  const full = arena.floats(vectors, rows * width)
  padRows(data, columns, full)
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) full[row * width + c] *= stretch[c]
  }
  quantiseItems(
    full,
    rows,
    width,
    new Uint8Array(arena.memory.buffer, panels, panelCount * PANEL * width),
    arena.floats(panelBounds, panelCount * PANEL_BOUNDS),
  )
  return { rows, columns, width, stretch, vectors, panels, panelBounds }
}

function layOut(
  arena: Arena,
  { queries, k, excluded, eligible, additions }: TopKQuery,
  count: number,
  { rows, columns, width, stretch, vectors, panels, panelBounds }: StoredVectors,
  { control, threads }: { control: number; threads: number },
): SearchPlan {
  // No list can be longer than the catalogue: a huge k costs no memory.
  const kept = Math.min(k, rows)
  const queryCount = count === 1 ? 1 : Math.ceil(count / TOGETHER) * TOGETHER
  const full = arena.allocate(queryCount * width * 4)
  const codes = arena.allocate(queryCount * width)
  const bounds = arena.allocate(queryCount * QUERY_BOUNDS * 4)
  const shrunk = arena.floats(full, queryCount * width)
  shrunk.fill(0)
  padRows(queries, columns, shrunk.subarray(0, count * width))
  for (let q = 0; q < count; q++) {
    for (let c = 0; c < columns; c++) shrunk[q * width + c] /= stretch[c]
  }
  quantiseQueries(
    shrunk,
    queryCount,
    width,
    new Int8Array(arena.memory.buffer, codes, queryCount * width),
    arena.floats(bounds, queryCount * QUERY_BOUNDS),
  )
  const scores = arena.allocate(queryCount * kept * 4)
  const items = arena.allocate(queryCount * kept * 4)
  const counts = arena.allocate(queryCount * 4)
  const stored = [full, codes, bounds, width, vectors, panels, panelBounds, rows, kept]
  const filters = [
    excluded === undefined ? 0 : arena.putWords(excludedBounds(excluded.indptr, queryCount)),
    excluded === undefined ? 0 : arena.putWords(ascending(excluded)),
    eligible === undefined ? 0 : arena.putWords(eligible),
  ]
  const added = additions === undefined ? 0 : putAdditions(arena, additions, rows, queryCount)
  const search = [...stored, ...filters, added, scores, items, counts]
  return {
    threads,
    control,
    search: arena.putWords(Uint32Array.from(search)),
    queryCount,
    kept,
    scores,
    items,
    counts,
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

/** In rows of whole panels; 0 for what pads them, and for the padding queries. */
function putAdditions(
  arena: Arena,
  additions: readonly Float32Array[],
  rows: number,
  queries: number,
): number {
  const width = Math.ceil(rows / PANEL) * PANEL
  const at = arena.allocate(queries * width * 4)
  const filled = arena.floats(at, queries * width)
  additions.forEach((row, q) => {
    filled.set(row, q * width)
    filled.fill(0, q * width + rows, (q + 1) * width)
  })
  filled.fill(0, additions.length * width)
  return at
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
