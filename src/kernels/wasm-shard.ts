/**
 * How some of an index's vectors, and a search among them, lie in one memory of the core (assembly/search.ts). Items have
 * the numbers of the whole index outside, and count from the shard's first one inside.
 */
import { checkAdditions } from './checks.ts'
import type { RowSource, TopKQuery, TopKResult } from './kernels.ts'
import { lengthsOfItems, lengthsOfQueries } from './part-lengths.ts'
import { PANEL, PANEL_BOUNDS, QUERY_BOUNDS, quantiseItems, quantiseQueries } from './quantise.ts'
import type { Pieces } from './pieces.ts'
import { eachPiece } from './rows.ts'
import { Arena } from './wasm-arena.ts'
import { padded, padRows } from './wasm-layout.ts'

/** Queries that are scored together (assembly/topk.ts). */
export const TOGETHER = 4

/** What the vectors of an index have in common: their sizes and parts, and the stretch of each dimension. */
export interface Shape {
  readonly columns: number
  readonly width: number
  readonly parts: readonly number[]
  /** One for all shards: the codes of a query are then the same in each, and so is every inner product, to the bit. */
  readonly stretch: Float32Array
}

/** Queries in the form in which all shards take them. */
export interface PreparedQueries {
  /** How many were asked. */
  readonly count: number
  /** Padded to a multiple of 4, or 1. */
  readonly queryCount: number
  /** queryCount × width, shrunk by the stretches. */
  readonly shrunk: Float32Array
  readonly codes: Int8Array
  readonly bounds: Float32Array
  readonly lengths: Float32Array
}

/** Where one shard's search lies; byte offsets and counts. */
export interface ShardSearch {
  /** The Search (assembly/topk.ts). */
  readonly search: number
  /** Results a list has room for. */
  readonly kept: number
  readonly scores: number
  readonly items: number
  readonly counts: number
  /** Of the additions, a row of whole panels a query; 0: nothing is added. */
  readonly additions: number
}

/** The bytes that one vector takes in a memory: the row in full, its codes and their bounds, the lengths of its parts. */
export function bytesOfVector(columns: number, parts: number): number {
  const width = padded(columns)
  return 4 * width + width + (4 * PANEL_BOUNDS) / PANEL + 4 * parts
}

/** @param queries  count × columns */
export function prepareQueries(
  queries: Float32Array,
  count: number,
  { columns, width, parts, stretch }: Shape,
): PreparedQueries {
  const queryCount = count === 1 ? 1 : Math.ceil(count / TOGETHER) * TOGETHER
  const shrunk = new Float32Array(queryCount * width)
  padRows(queries, columns, shrunk.subarray(0, count * width))
  for (let q = 0; q < count; q++) {
    for (let c = 0; c < columns; c++) shrunk[q * width + c] /= stretch[c]
  }
  const codes = new Int8Array(queryCount * width)
  const bounds = new Float32Array(queryCount * QUERY_BOUNDS)
  quantiseQueries(shrunk, queryCount, width, codes, bounds)
  const lengths = new Float32Array(queryCount * parts.length)
  lengthsOfQueries(queries, count, parts, lengths)
  return { count, queryCount, shrunk, codes, bounds, lengths }
}

/** Where a shard's vectors lie; byte offsets. */
interface ShardLayout {
  readonly vectors: number
  readonly panels: number
  readonly panelBounds: number
  readonly panelLengths: number
}

/** Some of an index's vectors in a memory of their own. */
export class Shard {
  readonly first: number
  readonly rows: number
  readonly arena: Arena
  readonly #shape: Shape
  readonly #at: ShardLayout

  constructor(arena: Arena, first: number, rows: number, shape: Shape, at: ShardLayout) {
    this.first = first
    this.rows = rows
    this.arena = arena
    this.#shape = shape
    this.#at = at
  }

  /**
   * Lays a search out: queries, filters, room for additions and results. The caller releases what it allocates.
   * @throws {KernelError} when that does not fit the memory
   */
  layOut(query: TopKQuery, { queryCount, ...prepared }: PreparedQueries): ShardSearch {
    const { arena, rows, first } = this
    const { excluded, eligible } = query
    // No list can be longer than the shard: a huge k costs no memory.
    const kept = Math.min(query.k, rows)
    const scores = arena.allocate(queryCount * kept * 4)
    const items = arena.allocate(queryCount * kept * 4)
    const counts = arena.allocate(queryCount * 4)
    const own = excluded && ascending(excluded, first, rows, queryCount)
    const additions = query.additions === undefined ? 0 : arena.allocate(queryCount * this.#addedWidth * 4)
    if (additions !== 0) {
      // The padding queries add nothing.
      const padding = (queryCount - prepared.count) * this.#addedWidth
      arena.floats(additions + prepared.count * this.#addedWidth * 4, padding).fill(0)
    }
    const search = arena.putStructure('Search', {
      queries: arena.putFloats(prepared.shrunk),
      queryCodes: arena.putBytes(prepared.codes),
      queryBounds: arena.putFloats(prepared.bounds),
      d: this.#shape.width,
      vectors: this.#at.vectors,
      panels: this.#at.panels,
      panelBounds: this.#at.panelBounds,
      parts: this.#shape.parts.length,
      queryLengths: arena.putFloats(prepared.lengths),
      panelLengths: this.#at.panelLengths,
      itemCount: rows,
      k: kept,
      excludedBounds: own === undefined ? 0 : arena.putWords(own.bounds),
      excluded: own === undefined ? 0 : arena.putWords(own.items),
      // A shard begins at a whole word of bits.
      eligible:
        eligible === undefined
          ? 0
          : arena.putWords(eligible.subarray(first >>> 5, (first + rows + 31) >>> 5)),
      additions,
      scores,
      items,
      counts,
    })
    return { search, kept, scores, items, counts, additions }
  }

  /** Floats in a query's row of additions: whole panels. */
  get #addedWidth(): number {
    return Math.ceil(this.rows / PANEL) * PANEL
  }

  /**
   * Writes what a query adds to this shard's items.
   * @param row  of the whole index
   * @throws {KernelError} where a number is not finite
   */
  putAdditions({ additions }: ShardSearch, query: number, row: Float32Array): void {
    const { arena, rows, first } = this
    const width = this.#addedWidth
    const at = additions + query * width * 4
    const filled = arena.floats(at, width)
    filled.set(row.subarray(first, first + rows))
    filled.fill(0, rows)
    // Looked for in the core, named here.
    if (!arena.exports.isFinite(at, width)) checkAdditions(row, query)
  }

  /** The lists of a search that was run, as far as each goes. */
  collect({ kept, counts, items, scores }: ShardSearch, count: number, k: number): TopKResult {
    const { arena, first } = this
    const result = noResults(count, k)
    result.counts.set(arena.words(counts, count))
    for (let q = 0; q < count; q++) {
      const found = result.counts[q]
      result.indices.set(arena.words(items + q * kept * 4, found), q * k)
      result.scores.set(arena.floats(scores + q * kept * 4, found), q * k)
      if (first > 0) for (let at = q * k; at < q * k + found; at++) result.indices[at] += first
    }
    return result
  }
}

/** Rows that are laid out at once: whole panels. */
const PIECE = 1024

/**
 * Lays vectors out: rows in full, stretched, and panels of their codes and lengths.
 * @throws {KernelError} when the machine has not that much memory
 */
export function* openShard(
  module: WebAssembly.Module,
  source: RowSource,
  first: number,
  rows: number,
  shape: Shape,
): Pieces<Shard> {
  const { columns, width, parts, stretch } = shape
  const arena = new Arena(module, {
    what: `a search among ${rows} vectors × ${columns} columns`,
    advice: 'use fewer factors, ask for less in one search, or use a machine with more memory',
  })
  const panelCount = Math.ceil(rows / PANEL)
  const vectors = arena.allocate(rows * width * 4)
  // A query alone takes four panels at a time: there must be something to read after the last.
  const panels = arena.allocate((panelCount + TOGETHER - 1) * PANEL * width)
  const panelBounds = arena.allocate(panelCount * PANEL_BOUNDS * 4)
  const lengthsEach = parts.length * PANEL
  const panelLengths = arena.allocate(panelCount * lengthsEach * 4)
  // A piece at a time, copied as a whole: number by number, the core's shared memory is several times slower.
  const most = Math.min(PIECE, Math.ceil(rows / PANEL) * PANEL)
  const some = new Float32Array(most * width)
  const codes = new Uint8Array(most * width)
  const bounds = new Float32Array((most / PANEL) * PANEL_BOUNDS)
  const lengths = new Float32Array((most / PANEL) * lengthsEach)
  for (const { piece, first: from, count } of eachPiece(source, { from: first, to: first + rows, most })) {
    const at = from - first
    const panel = at / PANEL
    const panelsOf = Math.ceil(count / PANEL)
    for (let row = 0; row < count; row++) {
      for (let c = 0; c < columns; c++) some[row * width + c] = piece[row * columns + c] * stretch[c]
    }
    quantiseItems(some, count, width, codes, bounds)
    lengthsOfItems(piece, count, parts, lengths)
    arena.floats(vectors + at * width * 4, count * width).set(some.subarray(0, count * width))
    new Uint8Array(arena.memory.buffer, panels + at * width, panelsOf * PANEL * width).set(
      codes.subarray(0, panelsOf * PANEL * width),
    )
    arena
      .floats(panelBounds + panel * PANEL_BOUNDS * 4, panelsOf * PANEL_BOUNDS)
      .set(bounds.subarray(0, panelsOf * PANEL_BOUNDS))
    arena
      .floats(panelLengths + panel * lengthsEach * 4, panelsOf * lengthsEach)
      .set(lengths.subarray(0, panelsOf * lengthsEach))
    yield
  }
  return new Shard(arena, first, rows, shape, { vectors, panels, panelBounds, panelLengths })
}

/** Lists of no query's results. */
export function noResults(queries: number, k: number): TopKResult {
  return {
    counts: new Uint32Array(queries),
    indices: new Uint32Array(queries * k),
    scores: new Float32Array(queries * k),
  }
}

/**
 * What queries exclude of a shard, ascending within a row: the kernel searches by halving. Row bounds for the padding
 * queries too: they exclude nothing.
 */
function ascending(
  { indptr, indices }: NonNullable<TopKQuery['excluded']>,
  first: number,
  rows: number,
  queries: number,
): { bounds: Uint32Array; items: Uint32Array } {
  const bounds = new Uint32Array(queries + 1)
  const items = new Uint32Array(indices.length)
  let end = 0
  for (let q = 0; q < queries; q++) {
    if (q + 1 < indptr.length) {
      for (const item of indices.subarray(indptr[q], indptr[q + 1]))
        if (item >= first && item < first + rows) items[end++] = item - first
      items.subarray(bounds[q], end).sort()
    }
    bounds[q + 1] = end
  }
  return { bounds, items: items.subarray(0, end) }
}
