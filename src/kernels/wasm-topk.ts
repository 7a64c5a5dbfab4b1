import { checkDense, checkTopKQuery } from './checks.ts'
import type { DenseMatrix, TopKResult, VectorIndex } from './kernels.ts'
import { Arena } from './wasm-arena.ts'
import { padded, padRows } from './wasm-layout.ts'

/** Items in a panel (assembly/topk.ts). */
const PANEL = 8

/** `Kernels.openVectors` in the core: the vectors lie in panels of eight, interleaved by dimension. */
export function openVectors(module: WebAssembly.Module, vectors: DenseMatrix): VectorIndex {
  checkDense(vectors, 'vectors')
  const { rows, columns, data } = vectors
  const arena = new Arena(module)
  const width = padded(columns)
  const panelFloats = Math.ceil(rows / PANEL) * PANEL * width
  const panels = arena.allocate(panelFloats * 4)
  interleave(data, rows, columns, arena.floats(panels, panelFloats))

  return {
    async topK(query) {
      checkTopKQuery(query, columns)
      const count = columns === 0 ? 0 : query.queries.length / columns
      const { k } = query
      if (count === 0 || k === 0 || rows === 0) return noResults(count, k)
      return arena.scratch(() => {
        // No list can be longer than the catalogue: a huge k costs no memory.
        const kept = Math.min(k, rows)
        const queryCount = Math.ceil(count / 4) * 4
        const queries = arena.allocate(queryCount * width * 4)
        arena.floats(queries, queryCount * width).fill(0)
        padRows(query.queries, columns, arena.floats(queries, count * width))
        const bounds =
          query.excluded === undefined ? 0 : arena.putWords(excludedBounds(query.excluded.indptr, queryCount))
        const excluded = query.excluded === undefined ? 0 : arena.putWords(ascending(query.excluded))
        const eligible = query.eligible === undefined ? 0 : arena.putWords(query.eligible)
        const scores = arena.allocate(queryCount * kept * 4)
        const items = arena.allocate(queryCount * kept * 4)
        const counts = arena.allocate(queryCount * 4)
        const tile = arena.allocate(32 * 4)
        arena.exports.topK(
          queries,
          queryCount,
          width,
          panels,
          rows,
          kept,
          bounds,
          excluded,
          eligible,
          scores,
          items,
          counts,
          tile,
        )
        const result = noResults(count, k)
        result.counts.set(arena.words(counts, count))
        for (let q = 0; q < count; q++) {
          const found = result.counts[q]
          result.indices.set(arena.words(items + q * kept * 4, found), q * k)
          result.scores.set(arena.floats(scores + q * kept * 4, found), q * k)
        }
        return result
      })
    },
    close() {},
  }
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
