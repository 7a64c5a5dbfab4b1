/** How an index of vectors and a search among them lie in the memory of the core (assembly/search.ts). */
import { checkAdditions } from './checks.ts'
import type { DenseMatrix, TopKQuery } from './kernels.ts'
import { lengthsOfItems, lengthsOfQueries } from './part-lengths.ts'
import { PANEL, PANEL_BOUNDS, QUERY_BOUNDS, quantiseItems, quantiseQueries, stretches } from './quantise.ts'
import type { Arena } from './wasm-arena.ts'
import { padded, padRows } from './wasm-layout.ts'
import type { SearchPlan } from './wasm-search.ts'

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

/** Lays the vectors of an index out in its arena: rows in full, stretched, and panels of their codes and lengths. */
export function storeVectors(
  arena: Arena,
  { rows, columns, data }: DenseMatrix,
  parts: readonly number[],
): StoredVectors {
  const width = padded(columns)
  const panelCount = Math.ceil(rows / PANEL)
  const vectors = arena.allocate(rows * width * 4)
  // A query alone takes four panels at a time: there must be something to read after the last.
  const panels = arena.allocate((panelCount + TOGETHER - 1) * PANEL * width)
  const panelBounds = arena.allocate(panelCount * PANEL_BOUNDS * 4)
  const lengths = panelCount * parts.length * PANEL
  const panelLengths = arena.allocate(lengths * 4)
  lengthsOfItems(data, rows, parts, arena.floats(panelLengths, lengths))
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
  const coarse = [panels, panelBounds, parts.length, lengths, panelLengths]
  const stored = [full, codes, bounds, width, vectors, ...coarse, rows, kept]
  const filters = [
    excluded === undefined ? 0 : arena.putWords(excludedBounds(excluded.indptr, queryCount)),
    excluded === undefined ? 0 : arena.putWords(ascending(excluded)),
    eligible === undefined ? 0 : arena.putWords(eligible),
  ]
  const added = additions === undefined ? 0 : putAdditions(arena, additions, scratch, count, queryCount)
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

/** In rows of whole panels; 0 for what pads them, and for the padding queries. */
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
