import { checkDense, checkParts, checkTopKQuery, checkAdditions } from './checks.ts'
import type { DenseMatrix, TopKQuery, TopKResult, VectorIndex } from './kernels.ts'
import { lengthsOfItems, lengthsOfQueries } from './part-lengths.ts'
import { PANEL, PANEL_BOUNDS, QUERY_BOUNDS, quantiseItems, quantiseQueries, stretches } from './quantise.ts'
import type { Pieces } from './pieces.ts'
import { Arena } from './wasm-arena.ts'
import { Control, CONTROL_BYTES } from './wasm-control.ts'
import { padded, padRows } from './wasm-layout.ts'
import type { WorkerPool, PoolJob } from './wasm-pool.ts'
import type { KernelExports } from './wasm.ts'

/** Multiplications from which a search goes to the worker threads: about a millisecond's worth. */
const WORTH_A_JOB = 50_000_000

/** `Kernels.openVectors` in the core: full rows, and panels of lengths and codes for a first, coarse pass. */
export function* openVectors(
  module: WebAssembly.Module,
  pool: WorkerPool<SearchJob>,
  vectors: DenseMatrix,
  parts?: readonly number[],
): Pieces<VectorIndex> {
  checkDense(vectors, 'vectors')
  if (parts !== undefined) checkParts(parts, vectors.columns)
  const { rows, columns } = vectors
  const arena = new Arena(module)
  yield
  const stored = yield* storeVectors(arena, vectors, parts ?? [])
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

  /** In pieces whose additions and lists fit `MOST_BYTES`. */
  const searchAll = async (query: TopKQuery, count: number): Promise<TopKResult> => {
    const { k } = query
    const bytes = 4 * ((query.additions ? rows : 0) + 2 * Math.min(k, rows))
    const most = Math.max(TOGETHER, Math.floor(MOST_BYTES / bytes / CLAIM) * CLAIM)
    if (count <= most) return search(query, count)
    const result = noResults(count, k)
    for (let from = 0; from < count; from += most) {
      const to = Math.min(count, from + most)
      const piece = await search(pieceOf(query, from, to, columns), to - from)
      result.counts.set(piece.counts, from)
      result.indices.set(piece.indices, from * k)
      result.scores.set(piece.scores, from * k)
    }
    return result
  }

  return {
    topK(query) {
      const result = turn.then(() => {
        checkTopKQuery(query, rows, columns)
        const count = columns === 0 ? 0 : query.queries.length / columns
        if (count === 0 || query.k === 0 || rows === 0) return noResults(count, query.k)
        return searchAll(query, count)
      })
      turn = result.catch(() => {})
      return result
    },
    close() {},
  }
}

/** The queries from … to − 1 of many. */
function pieceOf(query: TopKQuery, from: number, to: number, columns: number): TopKQuery {
  const { queries, excluded, additions } = query
  const [begin, end] = excluded ? [excluded.indptr[from], excluded.indptr[to]] : [0, 0]
  return {
    ...query,
    queries: queries.subarray(from * columns, to * columns),
    ...(excluded && {
      excluded: {
        indptr: excluded.indptr.slice(from, to + 1).map((bound) => bound - begin),
        indices: excluded.indices.subarray(begin, end),
      },
    }),
    ...(additions && { additions: (q: number, sums: Float32Array) => additions(from + q, sums) }),
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

/** A top-K search as its threads see it; byte offsets and counts. */
export interface SearchPlan {
  readonly threads: number
  readonly control: number
  /** The Search (assembly/topk.ts). */
  readonly search: number
  /** Padded to a multiple of 4, or 1. */
  readonly queryCount: number
  /** Results a list has room for. */
  readonly kept: number
  readonly scores: number
  readonly items: number
  readonly counts: number
}

/** What a pool is asked to run. */
export type SearchJob = PoolJob<'search', SearchPlan>

/** What the additions and the lists of queries that are searched together may take: 256 MiB. */
const MOST_BYTES = 2 ** 28

/** Queries that a thread claims at once: they share each block of items while it is in the cache. */
const CLAIM = 64

/**
 * Runs one thread's part of a search to its end; without `control`, all of it on the calling thread. Each query
 * is answered by one thread alone, so the result does not depend on how many there are.
 */
export function runSearch(
  exports: KernelExports,
  control: Control | undefined,
  { threads, search, queryCount }: SearchPlan,
): void {
  if (control === undefined) exports.topK(search, 0, queryCount)
  else {
    control.share(threads, Math.ceil(queryCount / CLAIM), (claim) => {
      exports.topK(search, claim * CLAIM, Math.min(queryCount, (claim + 1) * CLAIM))
    })
  }
}

/** How an index of vectors and a search among them lie in the memory of the core (assembly/search.ts). */

/** Queries that are scored together (assembly/topk.ts). */
const TOGETHER = 4

/** The vectors as they lie in an arena: sizes, byte offsets, and the stretch of each dimension. */
export interface StoredVectors {
  readonly rows: number
  readonly columns: number
  readonly width: number
  readonly stretch: Float32Array
  readonly vectors: number
  readonly panels: number
  readonly panelBounds: number
  readonly parts: readonly number[]
  readonly panelLengths: number
}

/** Rows that are laid out at once: whole panels. */
const PIECE = 1024

/** Lays the vectors of an index out in its arena: rows in full, stretched, and panels of their codes and lengths. */
export function* storeVectors(
  arena: Arena,
  { rows, columns, data }: DenseMatrix,
  parts: readonly number[],
): Pieces<StoredVectors> {
  const width = padded(columns)
  const panelCount = Math.ceil(rows / PANEL)
  const vectors = arena.allocate(rows * width * 4)
  // A query alone takes four panels at a time: there must be something to read after the last.
  const panels = arena.allocate((panelCount + TOGETHER - 1) * PANEL * width)
  const panelBounds = arena.allocate(panelCount * PANEL_BOUNDS * 4)
  const lengths = panelCount * parts.length * PANEL
  const panelLengths = arena.allocate(lengths * 4)
  lengthsOfItems(data, rows, parts, arena.floats(panelLengths, lengths))
  yield
  const stretch = yield* stretches(data, rows, columns)
  // A piece at a time, copied as a whole: number by number, the core's shared memory is several times slower.
  const some = new Float32Array(PIECE * width)
  const codes = new Uint8Array(PIECE * width)
  const bounds = new Float32Array((PIECE / PANEL) * PANEL_BOUNDS)
  for (let first = 0; first < rows; first += PIECE) {
    yield
    const count = Math.min(PIECE, rows - first)
    const panelsOf = Math.ceil(count / PANEL)
    for (let row = 0; row < count; row++) {
      const from = (first + row) * columns
      for (let c = 0; c < columns; c++) some[row * width + c] = data[from + c] * stretch[c]
    }
    quantiseItems(some, count, width, codes, bounds)
    arena.floats(vectors + first * width * 4, count * width).set(some.subarray(0, count * width))
    new Uint8Array(arena.memory.buffer, panels + first * width, panelsOf * PANEL * width).set(
      codes.subarray(0, panelsOf * PANEL * width),
    )
    arena
      .floats(panelBounds + (first / PANEL) * PANEL_BOUNDS * 4, panelsOf * PANEL_BOUNDS)
      .set(bounds.subarray(0, panelsOf * PANEL_BOUNDS))
  }
  return { rows, columns, width, stretch, vectors, panels, panelBounds, parts, panelLengths }
}

/**
 * Lays a search out in an index's arena: queries, filters, additions, room for the results.
 * @throws {KernelError} where an addition is not finite
 */
export function layOutSearch(
  arena: Arena,
  { queries, k, excluded, eligible, additions }: TopKQuery,
  count: number,
  { rows, columns, width, stretch, vectors, panels, panelBounds, parts, panelLengths }: StoredVectors,
  { control, threads, scratch }: { control: number; threads: number; scratch: Float32Array },
): SearchPlan {
  // No list can be longer than the catalogue: a huge k costs no memory.
  const kept = Math.min(k, rows)
  const queryCount = count === 1 ? 1 : Math.ceil(count / TOGETHER) * TOGETHER
  const full = arena.allocate(queryCount * width * 4)
  const codes = arena.allocate(queryCount * width)
  const bounds = arena.allocate(queryCount * QUERY_BOUNDS * 4)
  const lengths = arena.allocate(queryCount * parts.length * 4)
  arena.floats(lengths, queryCount * parts.length).fill(0)
  lengthsOfQueries(queries, count, parts, arena.floats(lengths, queryCount * parts.length))
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
  const search = arena.putStructure('Search', {
    queries: full,
    queryCodes: codes,
    queryBounds: bounds,
    d: width,
    vectors,
    panels,
    panelBounds,
    parts: parts.length,
    queryLengths: lengths,
    panelLengths,
    itemCount: rows,
    k: kept,
    excludedBounds: excluded === undefined ? 0 : arena.putWords(excludedBounds(excluded.indptr, queryCount)),
    excluded: excluded === undefined ? 0 : arena.putWords(ascending(excluded)),
    eligible: eligible === undefined ? 0 : arena.putWords(eligible),
    additions: additions === undefined ? 0 : putAdditions(arena, additions, scratch, count, queryCount),
    scores,
    items,
    counts,
  })
  return {
    threads,
    control,
    search,
    queryCount,
    kept,
    scores,
    items,
    counts,
  }
}

/** Additions in rows of whole panels; 0 in the padding, and for the padding queries. */
function putAdditions(
  arena: Arena,
  additions: NonNullable<TopKQuery['additions']>,
  row: Float32Array,
  count: number,
  queryCount: number,
): number {
  const width = Math.ceil(row.length / PANEL) * PANEL
  const at = arena.allocate(queryCount * width * 4)
  const filled = arena.floats(at, queryCount * width)
  for (let q = 0; q < count; q++) {
    additions(q, row)
    filled.set(row, q * width)
    filled.fill(0, q * width + row.length, (q + 1) * width)
    // Looked for in the core, named here.
    if (!arena.exports.isFinite(at + q * width * 4, width)) checkAdditions(row, q)
  }
  filled.fill(0, count * width)
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
