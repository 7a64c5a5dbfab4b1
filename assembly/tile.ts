import { madd } from "./vector";

/**
 * The register block every dense product here is made of: a 4 × 8 (or 4 × 4) piece of
 *
 *   C[i][j] (+)= Σₖ A[k][i] · B[k][j],  k = 0 … depth − 1
 *
 * Eight accumulators keep both multiply-add units busy. `aRow` and `aStep` are the byte distances between
 * successive i and k in A, so that the same block serves YᵀY (aRow 4, aStep a row) and X·M (aRow a row, aStep 4).
 */

/** 4 × 8. `bStep`, `cRow`: byte distances between rows of B and of C. `add`: C += instead of C =. */
export function tile8(
  a: usize, aRow: usize, aStep: usize,
  b: usize, bStep: usize,
  c: usize, cRow: usize,
  depth: u32, add: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  for (let k: u32 = 0; k < depth; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, b0, c00);
    c01 = madd(s, b1, c01);
    s = v128.load32_splat(a1);
    c10 = madd(s, b0, c10);
    c11 = madd(s, b1, c11);
    s = v128.load32_splat(a2);
    c20 = madd(s, b0, c20);
    c21 = madd(s, b1, c21);
    s = v128.load32_splat(a3);
    c30 = madd(s, b0, c30);
    c31 = madd(s, b1, c31);
    a += aStep;
    a1 += aStep;
    a2 += aStep;
    a3 += aStep;
    b += bStep;
  }
  put(c, c00, add);
  put(c + 16, c01, add);
  put(c + cRow, c10, add);
  put(c + cRow + 16, c11, add);
  put(c + 2 * cRow, c20, add);
  put(c + 2 * cRow + 16, c21, add);
  put(c + 3 * cRow, c30, add);
  put(c + 3 * cRow + 16, c31, add);
}

/** 4 × 4: the last four columns where the width is not a multiple of eight. */
export function tile4(
  a: usize, aRow: usize, aStep: usize,
  b: usize, bStep: usize,
  c: usize, cRow: usize,
  depth: u32, add: bool,
): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (let k: u32 = 0; k < depth; k++) {
    const b0 = v128.load(b);
    c0 = madd(v128.load32_splat(a), b0, c0);
    c1 = madd(v128.load32_splat(a + aRow), b0, c1);
    c2 = madd(v128.load32_splat(a + 2 * aRow), b0, c2);
    c3 = madd(v128.load32_splat(a + 3 * aRow), b0, c3);
    a += aStep;
    b += bStep;
  }
  put(c, c0, add);
  put(c + cRow, c1, add);
  put(c + 2 * cRow, c2, add);
  put(c + 3 * cRow, c3, add);
}

// @ts-ignore: decorator
@inline
function put(c: usize, value: v128, add: bool): void {
  v128.store(c, add ? f32x4.add(v128.load(c), value) : value);
}
