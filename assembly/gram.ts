import { scale } from "./vector";
import { outerTile4, outerTile8 } from "./tile";

/**
 * Gram matrices: G = Σᵣ mᵣ yᵣyᵣᵀ over the rows of Y.
 *
 * Legend: f the padded width (a multiple of 4), Y rows × f, m one multiplicity a row (how many identical rows it
 * represents), G f × f. Only blocks on and above the diagonal are computed, then mirrored.
 */

/** Rows taken together, so that the block of Y stays in the first-level cache while every tile of G visits it. */
const BLOCK: u32 = 64;

/**
 * G = Σ mᵣ yᵣyᵣᵀ over `rows` rows from `y`. `m` may be 0 (every row counts once).
 * `scratch`: BLOCK × f floats, used only with `m`.
 */
export function gram(y: usize, rows: u32, f: u32, m: usize, g: usize, scratch: usize): void {
  const stride = <usize>f << 2;
  memory.fill(g, 0, <usize>f * stride);
  for (let from: u32 = 0; from < rows; from += BLOCK) {
    const count = min(BLOCK, rows - from);
    const block = y + <usize>from * stride;
    let left = block;
    if (m != 0) {
      left = scratch;
      for (let r: u32 = 0; r < count; r++) {
        const at = <usize>r * stride;
        scale(load<f32>(m + (<usize>(from + r) << 2)), block + at, scratch + at, f);
      }
    }
    accumulateUpper(left, block, count, f, g);
  }
  mirror(g, f);
}

/** Upper blocks of G += LᵀR for two count × f matrices. */
export function accumulateUpper(left: usize, right: usize, count: u32, f: u32, g: usize): void {
  const stride = <usize>f << 2;
  for (let i: u32 = 0; i < f; i += 4) {
    const a = left + (<usize>i << 2);
    const row = g + <usize>i * stride;
    let j = i & ~7;
    for (; j + 8 <= f; j += 8) {
      const at = <usize>j << 2;
      outerTile8(a, stride, right + at, stride, row + at, stride, count, true);
    }
    if (j < f) {
      const at = <usize>j << 2;
      outerTile4(a, stride, right + at, stride, row + at, stride, count, true);
    }
  }
}

/** Copies the upper triangle of the f × f matrix onto the lower. */
export function mirror(g: usize, f: u32): void {
  for (let i: u32 = 1; i < f; i++) {
    for (let j: u32 = 0; j < i; j++) {
      store<f32>(g + ((<usize>i * f + j) << 2), load<f32>(g + ((<usize>j * f + i) << 2)));
    }
  }
}
