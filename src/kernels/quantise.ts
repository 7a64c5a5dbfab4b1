/**
 * Vectors as 8-bit codes with a bound on what the codes leave out (assembly/topk.ts). Item codes are 0 … 126 and
 * represent −63 … 63 times a scale, so that they are valid as either operand of the relaxed integer dot product;
 * query codes are −127 … 127.
 */

/** Items in a panel, and dimensions that lie together in it. */
export const PANEL = 8
const GROUP = 4

/** Floats of bounds a panel and a query. */
export const PANEL_BOUNDS = 24
export const QUERY_BOUNDS = 4

const ITEM_LEVELS = 63
const QUERY_LEVELS = 127

/** A bound in double precision times this, rounded to a float, is not below it. */
export const ROUND_UP = 1 + 2 ** -20

/**
 * Powers of two by which the dimensions are stretched so that all vary about as much: one scale an item then serves
 * all its dimensions. Inner products are unchanged to the bit, since queries are shrunk by the same powers.
 */
export class Stretches {
  readonly #squares: Float64Array

  constructor(columns: number) {
    this.#squares = new Float64Array(columns)
  }

  /** Takes some more of the items into account. @param vectors  whole rows, row-major */
  count(vectors: Float32Array): void {
    const squares = this.#squares
    const columns = squares.length
    for (let at = 0; at < vectors.length; ) {
      for (let c = 0; c < columns; c++, at++) squares[c] += vectors[at] * vectors[at]
    }
  }

  /** A power of two for each dimension. @param rows  how many items were counted */
  of(rows: number): Float32Array {
    return Float32Array.from(this.#squares, (square) => {
      // Kept well within a float's range, so that no product is lost to it.
      const exponent = square > 0 ? -Math.round(Math.log2(square / rows) / 2) : 0
      return 2 ** Math.max(-40, Math.min(40, exponent))
    })
  }
}

/**
 * Codes and bounds of items.
 * @param vectors  rows × width, stretched; width a multiple of 4
 * @param codes  filled with ⌈rows/8⌉ panels of width × 8 bytes
 * @param bounds  filled with ⌈rows/8⌉ × 24: scales, ‖y − ŷ‖ with a margin for rounding, ‖ŷ‖
 */
export function quantiseItems(
  vectors: Float32Array,
  rows: number,
  width: number,
  codes: Uint8Array,
  bounds: Float32Array,
): void {
  codes.fill(ITEM_LEVELS)
  bounds.fill(0)
  for (let row = 0; row < rows; row++) {
    const panel = Math.floor(row / PANEL)
    const lane = row % PANEL
    const from = row * width
    const scale = Math.fround(largest(vectors, from, width) / ITEM_LEVELS)
    // Where the scale is lost to a float's range all levels are 0, and everything is left.
    const perLevel = scale > 0 ? 1 / scale : 0
    let [left, kept] = [0, 0]
    for (let c = 0, to = panel * PANEL * width + lane * GROUP; c < width; c += GROUP, to += PANEL * GROUP) {
      for (let d = 0; d < GROUP; d++) {
        const value = vectors[from + c + d]
        // Rounded down from a half above: no number is below −63 levels but for its rounding.
        const code = (value * perLevel + (ITEM_LEVELS + 0.5)) | 0
        const stored = scale * (code - ITEM_LEVELS)
        codes[to + d] = code
        kept += stored * stored
        left += (value - stored) * (value - stored)
      }
    }
    // The full score is itself a float sum of `width` products, the bound a sum of a few: off by at most
    // (width + 8)·2⁻²³ of the vectors' lengths (Higham 2002, section 3.1).
    const rounding = (width + 8) * 2 ** -23 * (Math.sqrt(kept) + Math.sqrt(left))
    const at = panel * PANEL_BOUNDS + lane
    bounds[at] = scale
    bounds[at + PANEL] = (Math.sqrt(left) + rounding) * ROUND_UP
    bounds[at + 2 * PANEL] = Math.sqrt(kept) * ROUND_UP
  }
}

/**
 * Codes and bounds of queries.
 * @param queries  count × width, shrunk by the stretches
 * @param codes  filled with count × width
 * @param bounds  filled with count × 4: the scale, 63·Σ codes (as an integer), ‖x‖, ‖x − x̂‖
 */
export function quantiseQueries(
  queries: Float32Array,
  count: number,
  width: number,
  codes: Int8Array,
  bounds: Float32Array,
): void {
  const integers = new Int32Array(bounds.buffer, bounds.byteOffset, bounds.length)
  for (let query = 0; query < count; query++) {
    const from = query * width
    const scale = Math.fround(largest(queries, from, width) / QUERY_LEVELS)
    let [length, left, sum] = [0, 0, 0]
    for (let at = from; at < from + width; at++) {
      const level = scale > 0 ? Math.round(queries[at] / scale) : 0
      codes[at] = level
      sum += level
      length += queries[at] ** 2
      left += (queries[at] - scale * level) ** 2
    }
    const at = query * QUERY_BOUNDS
    bounds[at] = scale
    integers[at + 1] = ITEM_LEVELS * sum
    bounds[at + 2] = Math.sqrt(length) * ROUND_UP
    bounds[at + 3] = Math.sqrt(left) * ROUND_UP
  }
}

function largest(data: Float32Array, from: number, count: number): number {
  let most = 0
  for (let at = from; at < from + count; at++) most = Math.max(most, Math.abs(data[at]))
  return most
}
