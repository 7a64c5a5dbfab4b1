import { turn } from "./spectrum";
import { productTile4, productTile8 } from "./tile";

/**
 * The change of basis that makes the shared part of every row's system the identity.
 *
 * With G = w₀YᵀY + λI = LLᵀ and Z = Y·L⁻ᵀ, a row's system (G + Σ w·yyᵀ) x = Σ t·y becomes
 *
 *   (I + Σ w·zzᵀ) x̃ = Σ t·z,  x = L⁻ᵀ x̃
 *
 * G is factorised once a half-sweep, in double precision; the rest runs on Z in single precision.
 * Legend: n the true number of factors, f its padded width (a multiple of 4), all matrices row-major.
 */

/**
 * YᵀY as n × n f64, the sum of `count` f × f matrices of f32, added in their order so that the result does not
 * depend on who computed which. Only the lower triangle is written.
 */
export function sumGrams(partials: usize, count: u32, n: u32, f: u32, gram: usize): void {
  const size = (<usize>f * f) << 2;
  for (let i: u32 = 0; i < n; i++) {
    for (let j: u32 = 0; j <= i; j++) {
      let sum: f64 = 0;
      let at = partials + ((<usize>i * f + j) << 2);
      for (let p: u32 = 0; p < count; p++, at += size) sum += <f64>load<f32>(at);
      store<f64>(gram + ((<usize>i * n + j) << 3), sum);
    }
  }
}

/** Bytes of work that factorize needs. */
export function factorizeWork(n: u32): usize {
  return (<usize>(5 * n) * n) << 3;
}

/**
 * Factorises G = unobserved·`gram` + lambda·I. `gram`: n × n f64, lower triangle; `work`: factorizeWork(n) bytes.
 * Writes four f × f matrices of f32, identity in the padding, for rows multiplied from the left: `toZ` = L⁻ᵀ and
 * `fromZ` = Lᵀ (upper triangular) move the fixed side, `toPlain` = L⁻¹ and `toSolve` = L (lower triangular) the side
 * that is solved. With `spectrum` or `shift` (spectrum.ts; 0: not wanted) they are turned, and full; `mean` belongs to
 * the first.
 * @returns 0, or 1 + the pivot at which G proved singular (only where lambda is 0)
 */
export function factorize(
  gram: usize, mean: usize, n: u32, f: u32, unobserved: f64, lambda: f64,
  work: usize, toZ: usize, fromZ: usize, toPlain: usize, toSolve: usize, spectrum: usize,
  shift: usize,
): u32 {
  const size = (<usize>n * n) << 3;
  const l = work;
  const inverse = l + size;
  const transposed = inverse + size;
  memory.fill(work, 0, 3 * size);
  for (let i: u32 = 0; i < n; i++) {
    for (let j: u32 = 0; j <= i; j++) {
      const at = (<usize>i * n + j) << 3;
      store<f64>(l + at, unobserved * load<f64>(gram + at) + (i == j ? lambda : 0));
    }
  }
  const failed = choleskyDouble(l, n, lambda);
  if (failed != 0) return failed;
  invertLower(l, inverse, n);
  transpose(l, n, transposed);
  if (spectrum != 0 || shift != 0) {
    turn(mean, n, f, inverse, transposed, spectrum, shift, transposed + size, l);
  }
  narrow(inverse, n, f, toPlain, false);
  narrow(inverse, n, f, toZ, true);
  narrow(transposed, n, f, fromZ, false);
  narrow(transposed, n, f, toSolve, true);
  return 0;
}

/** Lower Cholesky factor in place. */
function choleskyDouble(g: usize, n: u32, lambda: f64): u32 {
  for (let i: u32 = 0; i < n; i++) {
    const rowI = g + ((<usize>i * n) << 3);
    for (let j: u32 = 0; j <= i; j++) {
      const rowJ = g + ((<usize>j * n) << 3);
      const at = rowI + (<usize>j << 3);
      const diagonal = load<f64>(at);
      let sum = diagonal;
      for (let k: u32 = 0; k < j; k++) sum -= load<f64>(rowI + (<usize>k << 3)) * load<f64>(rowJ + (<usize>k << 3));
      if (i != j) {
        store<f64>(at, sum / load<f64>(rowJ + (<usize>j << 3)));
        continue;
      }
      // Every pivot of (positive semidefinite + λI) is at least λ; less is the rounding of the f32 gram.
      if (lambda > 0) sum = max(sum, lambda);
      // Without λ, what is left of the diagonal below the gram's own rounding (2^-20) means singular.
      else if (!(sum > diagonal * 9.5367431640625e-7)) return i + 1;
      store<f64>(at, sqrt(sum));
    }
  }
  return 0;
}

/** inverse = L⁻¹, lower triangular; the entries above the diagonal are not written. */
function invertLower(l: usize, inverse: usize, n: u32): void {
  for (let j: u32 = 0; j < n; j++) {
    for (let i: u32 = j; i < n; i++) {
      let sum: f64 = i == j ? 1 : 0;
      for (let k: u32 = j; k < i; k++) {
        sum -= load<f64>(l + ((<usize>i * n + k) << 3)) * load<f64>(inverse + ((<usize>k * n + j) << 3));
      }
      store<f64>(inverse + ((<usize>i * n + j) << 3), sum / load<f64>(l + ((<usize>i * n + i) << 3)));
    }
  }
}

/** out = Aᵀ, n × n f64. */
function transpose(a: usize, n: u32, out: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    for (let j: u32 = 0; j < n; j++) {
      store<f64>(out + ((<usize>j * n + i) << 3), load<f64>(a + ((<usize>i * n + j) << 3)));
    }
  }
}

/** An n × n f64 matrix, or its transpose, as f × f f32 with identity in the padding. */
function narrow(a: usize, n: u32, f: u32, out: usize, transposed: bool): void {
  memory.fill(out, 0, (<usize>f * f) << 2);
  for (let i: u32 = 0; i < n; i++) {
    for (let j: u32 = 0; j < n; j++) {
      const at = transposed ? <usize>j * f + i : <usize>i * f + j;
      store<f32>(out + (at << 2), <f32>load<f64>(a + ((<usize>i * n + j) << 3)));
    }
  }
  for (let i = n; i < f; i++) store<f32>(out + ((<usize>i * f + i) << 2), 1);
}

/** Rows multiplied together in one go; their product must stay in the first-level cache. */
const BLOCK: u32 = 32;

/** The shape of the right-hand matrix of multiplyRows: a triangle is half the work. */
export const FULL: u32 = 0;
export const UPPER: u32 = 1;
export const LOWER: u32 = 2;

/**
 * Y = Y·M in place for `rows` rows; `shape` says which entries of M may differ from 0.
 * `scratch`: (BLOCK + 4) × f floats.
 */
export function multiplyRows(y: usize, rows: u32, f: u32, m: usize, shape: u32, scratch: usize): void {
  const stride = <usize>f << 2;
  for (let from: u32 = 0; from < rows; from += BLOCK) {
    const count = min(BLOCK, rows - from);
    const block = y + <usize>from * stride;
    let source = block;
    if (count < 4) {
      // A tile always takes four rows: give it four that may be read.
      source = scratch + <usize>BLOCK * stride;
      memory.copy(source, block, <usize>count * stride);
    }
    for (let j: u32 = 0; j < f; j += 8) multiplyColumns(source, scratch, count, f, m, j, shape);
    copyWithoutDust(scratch, block, count * f);
  }
}

/**
 * Copies n numbers, a multiple of 4, with those below 1e-18 set to 0. Rows that nothing supports shrink with every
 * iteration; left alone they would end as denormal numbers, which cost the processor a hundred times an ordinary
 * multiplication. The square of what is kept is still a normal number.
 */
function copyWithoutDust(from: usize, to: usize, n: u32): void {
  const dust = f32x4.splat(1e-18);
  const end = from + (<usize>n << 2);
  for (; from < end; from += 16, to += 16) {
    const value = v128.load(from);
    v128.store(to, v128.and(value, f32x4.gt(f32x4.abs(value), dust)));
  }
}

/** Columns j … j + 7 (or j + 3 at the end) of the product, for the `count` rows of `source`. */
function multiplyColumns(source: usize, target: usize, count: u32, f: u32, m: usize, j: u32, shape: u32): void {
  const stride = <usize>f << 2;
  const column = <usize>j << 2;
  const first: u32 = shape == LOWER ? j : 0;
  const depth = (shape == UPPER ? min(j + 8, f) : f) - first;
  const left = source + (<usize>first << 2);
  const right = m + <usize>first * stride + column;
  for (let r: u32 = 0; r < count; r += 4) {
    // The last rows are taken again rather than apart.
    const row = <usize>(count < 4 ? 0 : min(r, count - 4)) * stride;
    const out = target + row + column;
    if (j + 8 <= f) productTile8(left + row, stride, right, stride, out, stride, depth);
    else productTile4(left + row, stride, right, stride, out, stride, depth);
  }
}
