import { madd } from "./vector";

/**
 * The register blocks every dense product here is made of: a 4 × 8 or 4 × 4 piece of C (+)= …, summed over `depth`
 * terms. Eight accumulators keep both multiply-add units busy. Two forms differ in how A lies in memory, so that
 * nearly all addresses are constant offsets from a moving pointer.
 *
 * bStep, cRow: bytes between rows of B and of C. `add`: C += instead of C =.
 */

/** C[i][j] (+)= Σₖ A[k][i]·B[k][j]: the four A of a step lie side by side; aStep bytes to the next step. */
export function outerTile8(
  a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cRow: usize, depth: u32, add: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let k: u32 = 0; k < depth; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = madd(s, b0, c00);
    c01 = madd(s, b1, c01);
    s = v128.load32_splat(a, 4);
    c10 = madd(s, b0, c10);
    c11 = madd(s, b1, c11);
    s = v128.load32_splat(a, 8);
    c20 = madd(s, b0, c20);
    c21 = madd(s, b1, c21);
    s = v128.load32_splat(a, 12);
    c30 = madd(s, b0, c30);
    c31 = madd(s, b1, c31);
    a += aStep;
    b += bStep;
  }
  put2(c, c00, c01, add);
  put2(c + cRow, c10, c11, add);
  put2(c + 2 * cRow, c20, c21, add);
  put2(c + 3 * cRow, c30, c31, add);
}

/** outerTile8 for the last four columns where the width is not a multiple of eight. */
export function outerTile4(
  a: usize, aStep: usize, b: usize, bStep: usize, c: usize, cRow: usize, depth: u32, add: bool,
): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  for (let k: u32 = 0; k < depth; k++) {
    const b0 = v128.load(b);
    c0 = madd(v128.load32_splat(a), b0, c0);
    c1 = madd(v128.load32_splat(a, 4), b0, c1);
    c2 = madd(v128.load32_splat(a, 8), b0, c2);
    c3 = madd(v128.load32_splat(a, 12), b0, c3);
    a += aStep;
    b += bStep;
  }
  put(c, c0, add);
  put(c + cRow, c1, add);
  put(c + 2 * cRow, c2, add);
  put(c + 3 * cRow, c3, add);
}

/**
 * C[i][j] = Σₖ A[i][k]·B[k][j]: the rows of A lie aRow bytes apart. (Unrolled fourfold it runs a quarter slower on
 * V8, which then keeps accumulators in memory.)
 */
export function productTile8(
  a: usize, aRow: usize, b: usize, bStep: usize, c: usize, cRow: usize, depth: u32,
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
  const end = a + (<usize>depth << 2);
  while (a < end) {
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
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    b += bStep;
  }
  put2(c, c00, c01, false);
  put2(c + cRow, c10, c11, false);
  put2(c + 2 * cRow, c20, c21, false);
  put2(c + 3 * cRow, c30, c31, false);
}

/** productTile8 for the last four columns where the width is not a multiple of eight. */
export function productTile4(
  a: usize, aRow: usize, b: usize, bStep: usize, c: usize, cRow: usize, depth: u32,
): void {
  let c0 = f32x4.splat(0);
  let c1 = c0;
  let c2 = c0;
  let c3 = c0;
  const end = a + (<usize>depth << 2);
  for (; a < end; a += 4, b += bStep) {
    const b0 = v128.load(b);
    c0 = madd(v128.load32_splat(a), b0, c0);
    c1 = madd(v128.load32_splat(a + aRow), b0, c1);
    c2 = madd(v128.load32_splat(a + 2 * aRow), b0, c2);
    c3 = madd(v128.load32_splat(a + 3 * aRow), b0, c3);
  }
  put(c, c0, false);
  put(c + cRow, c1, false);
  put(c + 2 * cRow, c2, false);
  put(c + 3 * cRow, c3, false);
}

@inline
function put(c: usize, value: v128, add: bool): void {
  v128.store(c, add ? f32x4.add(v128.load(c), value) : value);
}

@inline
function put2(c: usize, left: v128, right: v128, add: bool): void {
  put(c, left, add);
  put(c + 16, right, add);
}
