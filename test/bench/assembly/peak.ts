/** What the processor can do at most: multiply-adds on registers alone, in eight chains. Compiled by kernels.ts. */

@inline
function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * 64 operations a round; the result only keeps the work from being left out. `half`: 0.5, as a parameter, since V8
 * builds a constant vector anew at each use.
 */
export function peak(rounds: u32, half: f32): f32 {
  const x = f32x4.splat(half);
  let a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x;
  for (let round: u32 = 0; round < rounds; round++) {
    a = madd(a, x, x);
    b = madd(b, x, x);
    c = madd(c, x, x);
    d = madd(d, x, x);
    e = madd(e, x, x);
    f = madd(f, x, x);
    g = madd(g, x, x);
    h = madd(h, x, x);
  }
  a = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return f32x4.extract_lane(a, 0);
}
