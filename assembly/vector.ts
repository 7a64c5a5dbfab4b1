/**
 * The innermost loops on rows of f32.
 *
 * Rows are padded: `n` is a multiple of 4, addresses are multiples of 16, and padding holds zeros. Pointers are
 * byte offsets. Sums run in four independent chains, since one fused multiply-add takes four cycles to answer.
 */

/** a·b + c; one rounding where the engine has relaxed SIMD, two elsewhere. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function horizontalSum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** Σ a[i]·b[i] over n numbers, n a multiple of 4. */
@inline
export function dot(a: usize, b: usize, n: u32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const end = a + (<usize>n << 2);
  const blocks = a + ((<usize>n & ~15) << 2);
  while (a < blocks) {
    s0 = madd(v128.load(a), v128.load(b), s0);
    s1 = madd(v128.load(a, 16), v128.load(b, 16), s1);
    s2 = madd(v128.load(a, 32), v128.load(b, 32), s2);
    s3 = madd(v128.load(a, 48), v128.load(b, 48), s3);
    a += 64;
    b += 64;
  }
  while (a < end) {
    s0 = madd(v128.load(a), v128.load(b), s0);
    a += 16;
    b += 16;
  }
  return horizontalSum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
}

/** y += alpha·x over n numbers, n a multiple of 4. */
@inline
export function axpy(alpha: f32, x: usize, y: usize, n: u32): void {
  const scale = f32x4.splat(alpha);
  const end = x + (<usize>n << 2);
  const blocks = x + ((<usize>n & ~15) << 2);
  while (x < blocks) {
    v128.store(y, madd(scale, v128.load(x), v128.load(y)));
    v128.store(y, madd(scale, v128.load(x, 16), v128.load(y, 16)), 16);
    v128.store(y, madd(scale, v128.load(x, 32), v128.load(y, 32)), 32);
    v128.store(y, madd(scale, v128.load(x, 48), v128.load(y, 48)), 48);
    x += 64;
    y += 64;
  }
  while (x < end) {
    v128.store(y, madd(scale, v128.load(x), v128.load(y)));
    x += 16;
    y += 16;
  }
}

/** out = a·b, number by number; n a multiple of 4. */
@inline
export function multiply(a: usize, b: usize, out: usize, n: u32): void {
  for (let at: usize = 0; at < <usize>n << 2; at += 16) {
    v128.store(out + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  }
}

/** y = alpha·x over n numbers, n a multiple of 4. */
@inline
export function scale(alpha: f32, x: usize, y: usize, n: u32): void {
  const factor = f32x4.splat(alpha);
  const end = x + (<usize>n << 2);
  while (x < end) {
    v128.store(y, f32x4.mul(factor, v128.load(x)));
    x += 16;
    y += 16;
  }
}

/** The four dot products of `v` with rows a … d, n numbers each, n a multiple of 4; one lane a row. */
@inline
export function dot4(v: usize, a: usize, b: usize, c: usize, d: usize, n: u32): v128 {
  let sa = f32x4.splat(0);
  let sb = sa;
  let sc = sa;
  let sd = sa;
  let ta = sa;
  let tb = sa;
  let tc = sa;
  let td = sa;
  const bytes = <usize>n << 2;
  const pairs = bytes & ~31;
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const v0 = v128.load(v + at);
    const v1 = v128.load(v + at, 16);
    sa = madd(v0, v128.load(a + at), sa);
    sb = madd(v0, v128.load(b + at), sb);
    sc = madd(v0, v128.load(c + at), sc);
    sd = madd(v0, v128.load(d + at), sd);
    ta = madd(v1, v128.load(a + at, 16), ta);
    tb = madd(v1, v128.load(b + at, 16), tb);
    tc = madd(v1, v128.load(c + at, 16), tc);
    td = madd(v1, v128.load(d + at, 16), td);
  }
  if (at < bytes) {
    const v0 = v128.load(v + at);
    sa = madd(v0, v128.load(a + at), sa);
    sb = madd(v0, v128.load(b + at), sb);
    sc = madd(v0, v128.load(c + at), sc);
    sd = madd(v0, v128.load(d + at), sd);
  }
  return sumLanes(f32x4.add(sa, ta), f32x4.add(sb, tb), f32x4.add(sc, tc), f32x4.add(sd, td));
}

/** The sums of four vectors, one a lane: a 4 × 4 transpose and three additions. */
@inline
function sumLanes(a: v128, b: v128, c: v128, d: v128): v128 {
  const abLow = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const abHigh = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cdLow = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const cdHigh = i32x4.shuffle(c, d, 2, 6, 3, 7);
  const ab = f32x4.add(abLow, abHigh);
  const cd = f32x4.add(cdLow, cdHigh);
  return f32x4.add(i64x2.shuffle(ab, cd, 0, 2), i64x2.shuffle(ab, cd, 1, 3));
}

/** y += α·a + β·b + γ·c + δ·d over n numbers, n a multiple of 4. */
@inline
export function axpy4(
  alpha: f32, beta: f32, gamma: f32, delta: f32, a: usize, b: usize, c: usize, d: usize, y: usize, n: u32,
): void {
  const va = f32x4.splat(alpha);
  const vb = f32x4.splat(beta);
  const vc = f32x4.splat(gamma);
  const vd = f32x4.splat(delta);
  const bytes = <usize>n << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    let sum = madd(va, v128.load(a + at), v128.load(y + at));
    sum = madd(vb, v128.load(b + at), sum);
    sum = madd(vc, v128.load(c + at), sum);
    v128.store(y + at, madd(vd, v128.load(d + at), sum));
  }
}
