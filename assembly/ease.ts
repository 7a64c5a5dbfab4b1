import { push, replaceWorst, sortHeap } from "./heap";
import { outerTile8 } from "./tile";
import { axpy } from "./vector";

/**
 * EASE, each item as a linear model of all others (Steck 2019, arXiv:1905.03375): with X the users' items (1 or 0)
 *
 *   P = (XᵀX + λI)⁻¹,   B_ij = −P_ij / P_jj for i ≠ j,   score(u, j) = Σ_{i of u} B_ij
 *
 * The matrix is inverted in place by symmetric sweeps (Goodnight 1979, doi:10.2307/2683825), a block of columns K at a
 * time; with D the pivot block and U the columns of K:
 *
 *   A_ij −= U_i D⁻¹ U_jᵀ,   A_iK = U_i D⁻¹,   A_KK = −D⁻¹      (i, j outside of K)
 *
 * After all blocks A = −P, and B takes its place row by row. A is symmetric throughout and only its lower triangle is kept up; a positive definite
 * matrix needs no pivoting. n³/2 multiply-adds, nearly all of them in `sweepRows`.
 *
 * Legend: n items padded to a multiple of 8 (A is the identity there), d ≤ BLOCK columns in K, which begins at `first`.
 * U lies in panels of eight columns, n/8 × d × 8; −D⁻¹U in panels of four, n/4 × d × 4: tiles read both in order.
 */

/** Columns of a sweep: its pivot block stays in the first-level cache, its panels of a few rows in the second. */
export const SWEEP: u32 = 128;

/** Laid out in memory by JavaScript (src/kernels/wasm-ease.ts). */
@unmanaged
export class Ease {
  /** n × n f32, zero to begin with. */
  matrix!: usize;
  n!: u32;
  /** The items that are no padding. */
  items!: u32;
  /** The users' items, and the items' users. */
  userBounds!: usize;
  userItems!: usize;
  itemBounds!: usize;
  itemUsers!: usize;
  /** U and −D⁻¹U of the sweep at hand: n × SWEEP f32 each. */
  columns!: usize;
  solved!: usize;
  /** D⁻¹, d × d f32. */
  pivot!: usize;
  /** SWEEP × SWEEP f64. */
  work!: usize;
  /** −A_jj of every item, n f32: kept aside, since the rows of B replace those of A one by one. */
  diagonal!: usize;
  /** The scores of one history, n f32. */
  scores!: usize;
  /** How many weights are kept of each item. */
  k!: u32;
  /** The results: items × k f32, items × k u32, items u32. */
  weights!: usize;
  targets!: usize;
  counts!: usize;
}

/** Where a row of A begins. */
@inline
function rowOf(ease: Ease, i: u32): usize {
  return ease.matrix + ((<usize>i * ease.n) << 2);
}

/** Fills rows from … to − 1 of the lower triangle with XᵀX + λI, and with the identity for the padding. */
export function easeGram(easeAt: usize, from: u32, to: u32, lambda: f32): void {
  const ease = changetype<Ease>(easeAt);
  for (let i = from; i < to; i++) {
    const row = rowOf(ease, i);
    if (i >= ease.items) {
      store<f32>(row + (<usize>i << 2), 1);
      continue;
    }
    const last = load<u32>(ease.itemBounds + (<usize>i << 2), 4);
    for (let e = load<u32>(ease.itemBounds + (<usize>i << 2)); e < last; e++) {
      const user = load<u32>(ease.itemUsers + (<usize>e << 2));
      const end = load<u32>(ease.userBounds + (<usize>user << 2), 4);
      // Ascending: what follows the item itself belongs to the upper triangle.
      for (let o = load<u32>(ease.userBounds + (<usize>user << 2)); o < end; o++) {
        const other = load<u32>(ease.userItems + (<usize>o << 2));
        if (other > i) break;
        const at = row + (<usize>other << 2);
        store<f32>(at, load<f32>(at) + 1);
      }
    }
    const diagonal = row + (<usize>i << 2);
    store<f32>(diagonal, load<f32>(diagonal) + lambda);
  }
}

/**
 * D⁻¹ of the d columns from `first`, by sweeps of one column in double precision. For one thread.
 * @returns whether the block is positive definite
 */
export function easePivot(easeAt: usize, first: u32, d: u32): bool {
  const ease = changetype<Ease>(easeAt);
  const work = ease.work;
  for (let i: u32 = 0; i < d; i++) {
    const row = rowOf(ease, first + i) + (<usize>first << 2);
    for (let j: u32 = 0; j <= i; j++) {
      const value = <f64>load<f32>(row + (<usize>j << 2));
      store<f64>(work + ((<usize>i * d + j) << 3), value);
      store<f64>(work + ((<usize>j * d + i) << 3), value);
    }
  }
  for (let k: u32 = 0; k < d; k++) {
    const own = work + ((<usize>k * d) << 3);
    const pivot = load<f64>(own + (<usize>k << 3));
    if (!(pivot > 0)) return false;
    for (let i: u32 = 0; i < d; i++) {
      if (i == k) continue;
      const row = work + ((<usize>i * d) << 3);
      const factor = load<f64>(row + (<usize>k << 3)) / pivot;
      for (let j: u32 = 0; j < d; j++) {
        if (j == k) continue;
        const at = row + (<usize>j << 3);
        store<f64>(at, load<f64>(at) - factor * load<f64>(own + (<usize>j << 3)));
      }
    }
    for (let j: u32 = 0; j < d; j++) {
      if (j == k) continue;
      const value = load<f64>(own + (<usize>j << 3)) / pivot;
      store<f64>(own + (<usize>j << 3), value);
      store<f64>(work + ((<usize>j * d + k) << 3), value);
    }
    store<f64>(own + (<usize>k << 3), -1 / pivot);
  }
  for (let at: u32 = 0; at < d * d; at++) {
    store<f32>(ease.pivot + (<usize>at << 2), -(<f32>load<f64>(work + (<usize>at << 3))));
  }
  return true;
}

/** Fills the panels of eight columns from … to − 1: U, 0 within K, and −D⁻¹U. `scratch`: d × 8 f32. */
export function easePanels(easeAt: usize, first: u32, d: u32, from: u32, to: u32, scratch: usize): void {
  const ease = changetype<Ease>(easeAt);
  const bytes = <usize>d << 5;
  for (let panel = from; panel < to; panel++) {
    const j = panel << 3;
    const out = ease.columns + <usize>panel * bytes;
    takeColumns(ease, first, d, j, out);
    for (let k: u32 = 0; k < d; k += 8) {
      const into = scratch + (<usize>k << 5);
      outerTile8(ease.pivot + (<usize>k << 2), <usize>d << 2, out, 32, into, 32, d, false);
      outerTile8(ease.pivot + (<usize>(k + 4) << 2), <usize>d << 2, out, 32, into + 128, 32, d, false);
    }
    const solved = ease.solved + <usize>panel * bytes;
    for (let k: u32 = 0; k < d; k++) {
      const row = scratch + (<usize>k << 5);
      v128.store(solved + (<usize>k << 4), f32x4.neg(v128.load(row)));
      v128.store(solved + (bytes >> 1) + (<usize>k << 4), f32x4.neg(v128.load(row, 16)));
    }
  }
}

/** U of eight columns, d × 8: read from their rows of A above K, from the rows of K before it. */
function takeColumns(ease: Ease, first: u32, d: u32, j: u32, out: usize): void {
  if (j >= first && j < first + d) {
    memory.fill(out, 0, <usize>d << 5);
  } else if (j < first) {
    for (let k: u32 = 0; k < d; k++) {
      memory.copy(out + (<usize>k << 5), rowOf(ease, first + k) + (<usize>j << 2), 32);
    }
  } else {
    for (let l: u32 = 0; l < 8; l++) {
      const row = rowOf(ease, j + l) + (<usize>first << 2);
      for (let k: u32 = 0; k < d; k++) {
        store<f32>(out + (<usize>(k << 3 | l) << 2), load<f32>(row + (<usize>k << 2)));
      }
    }
  }
}

/** Rows from … to − 1 of the lower triangle, multiples of 4: A −= U D⁻¹ Uᵀ. */
export function easeSweep(easeAt: usize, d: u32, from: u32, to: u32): void {
  const ease = changetype<Ease>(easeAt);
  const stride = <usize>ease.n << 2;
  const bytes = <usize>d << 4;
  for (let j: u32 = 0; j < to; j += 8) {
    const right = ease.columns + <usize>(j >> 2) * bytes;
    for (let i = max(from, j & ~7); i < to; i += 4) {
      const left = ease.solved + <usize>(i >> 2) * bytes;
      outerTile8(left, 16, right, 32, rowOf(ease, i) + (<usize>j << 2), stride, d, true);
    }
  }
}

/** Writes what becomes of the columns of K: the panels of eight columns from … to − 1. */
export function easeWriteBack(easeAt: usize, first: u32, d: u32, from: u32, to: u32): void {
  const ease = changetype<Ease>(easeAt);
  for (let j = from << 3; j < to << 3; j++) {
    const solved = ease.solved + ((<usize>(j >> 2) * d) << 4) + (<usize>(j & 3) << 2);
    if (j < first) {
      for (let k: u32 = 0; k < d; k++) {
        store<f32>(rowOf(ease, first + k) + (<usize>j << 2), -load<f32>(solved + (<usize>k << 4)));
      }
    } else if (j >= first + d) {
      const row = rowOf(ease, j) + (<usize>first << 2);
      for (let k: u32 = 0; k < d; k++) store<f32>(row + (<usize>k << 2), -load<f32>(solved + (<usize>k << 4)));
    } else {
      const row = rowOf(ease, j) + (<usize>first << 2);
      const own = ease.pivot + ((<usize>(j - first) * d) << 2);
      for (let k: u32 = 0; k < d; k++) store<f32>(row + (<usize>k << 2), -load<f32>(own + (<usize>k << 2)));
    }
  }
}

/** Copies columns from … to − 1 of the lower triangle to the rows of the upper, and their diagonal aside. */
export function easeMirror(easeAt: usize, from: u32, to: u32): void {
  const ease = changetype<Ease>(easeAt);
  for (let j = from; j < to; j++) {
    const at = <usize>j << 2;
    store<f32>(ease.diagonal + at, -load<f32>(rowOf(ease, j) + at));
  }
  for (let i = from + 1; i < ease.items; i++) {
    const row = rowOf(ease, i);
    const end = min(to, i);
    for (let j = from; j < end; j++) {
      store<f32>(rowOf(ease, j) + (<usize>i << 2), load<f32>(row + (<usize>j << 2)));
    }
  }
}

/**
 * Rows from … to − 1 of B in place of those of A, and of each the k weights of greatest absolute value that are not 0, the
 * greatest first.
 */
export function easeWeights(easeAt: usize, from: u32, to: u32): void {
  const ease = changetype<Ease>(easeAt);
  for (let i = from; i < to; i++) {
    const row = rowOf(ease, i);
    // B_ij = −P_ij / P_jj.
    for (let j: u32 = 0; j < ease.items; j++) {
      const at = <usize>j << 2;
      store<f32>(row + at, load<f32>(row + at) / load<f32>(ease.diagonal + at));
    }
    store<f32>(row + (<usize>i << 2), 0);
    const sizes = ease.weights + ((<usize>i * ease.k) << 2);
    const targets = ease.targets + ((<usize>i * ease.k) << 2);
    let kept: u32 = 0;
    for (let j: u32 = 0; j < ease.items; j++) {
      const size = abs(load<f32>(row + (<usize>j << 2)));
      if (size == 0 || ease.k == 0) continue;
      if (kept < ease.k) push<f32>(sizes, targets, kept++, size, j);
      else if (size > load<f32>(sizes)) replaceWorst<f32>(sizes, targets, kept, size, j);
    }
    sortHeap<f32>(sizes, targets, kept);
    for (let t: u32 = 0; t < kept; t++) {
      const at = <usize>t << 2;
      store<f32>(sizes + at, load<f32>(row + (<usize>load<u32>(targets + at) << 2)));
    }
    store<u32>(ease.counts + (<usize>i << 2), kept);
  }
}

/** Adds row `item` of B to the scores. */
export function easeAdd(easeAt: usize, item: u32): void {
  const ease = changetype<Ease>(easeAt);
  axpy(1, rowOf(ease, item), ease.scores, ease.n);
}
