import { additionsOf, Search, worstOf } from "./search";

/**
 * What the lengths of a vector's parts allow: item y scores no more for query x than its reach,
 *
 *   Σ_p ‖x_p‖·‖y_p‖ + addition
 *
 * (Cauchy–Schwarz, part by part; the lengths hold a margin for the rounding of both, src/kernels/part-lengths.ts).
 */

/** The items of a panel, a bit each, whose reach is not at most the worst score kept for a query. */
@inline
export function withinReach(search: Search, query: u32, panel: u32): u32 {
  const parts = <usize>search.parts;
  if (parts == 0) return 0xff;
  let x = search.queryLengths + ((<usize>query * parts) << 2);
  let y = search.panelLengths + ((<usize>panel * parts) << 5);
  const end = x + (parts << 2);
  let low = f32x4.splat(0);
  let high = low;
  while (x < end) {
    const length = v128.load32_splat(x);
    low = f32x4.add(low, f32x4.mul(length, v128.load(y)));
    high = f32x4.add(high, f32x4.mul(length, v128.load(y, 16)));
    x += 4;
    y += 32;
  }
  if (search.additions != 0) {
    const added = additionsOf(search, query) + (<usize>panel << 5);
    low = f32x4.add(low, v128.load(added));
    high = f32x4.add(high, v128.load(added, 16));
  }
  const worst = f32x4.splat(worstOf(search, query));
  // Not "greater": a length beyond a float's range times 0 is no number, and proves nothing.
  const beyond = i32x4.bitmask(f32x4.le(low, worst)) | (i32x4.bitmask(f32x4.le(high, worst)) << 4);
  return beyond ^ 0xff;
}
