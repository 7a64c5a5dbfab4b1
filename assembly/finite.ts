/** Whether n numbers from `a` on are all finite; n a multiple of 4. */
export function isFinite(a: usize, n: u32): bool {
  const end = a + (<usize>n << 2);
  let nothing = f32x4.splat(0);
  // NaN and the infinities less themselves are NaN, which stays one in a sum.
  for (; a < end; a += 16) {
    const values = v128.load(a);
    nothing = f32x4.add(nothing, f32x4.sub(values, values));
  }
  return i32x4.all_true(f32x4.eq(nothing, f32x4.splat(0)));
}
