import { sortHeap } from "./heap";
import { offer } from "./offer";
import { withinReach } from "./reach";
import { additionsOf, Search, worstOf } from "./search";

/**
 * Exact top-K by inner product and what is added to it, with two coarse looks first.
 *
 * A vector consists of parts. By their lengths alone an item scores no more than
 *
 *   Σ_p ‖x_p‖·‖y_p‖
 *
 * (Cauchy–Schwarz, part by part): where one part hardly weighs for a query, or the list is full of far better scores
 * already, that settles all but a few items, which are scored in full.
 *
 * Where it leaves many, they are scored in 8-bit integers, sixteen products an instruction. The score of the codes is
 * off by no more than a bound, so an item is scored in full only where
 *
 *   x̂·ŷ + ‖x‖·‖y − ŷ‖ + ‖x − x̂‖·‖ŷ‖
 *
 * exceeds the worst score kept: what is passed over cannot belong among the k best, and what is kept was scored in
 * single precision. The bounds hold a margin for the rounding of both (src/kernels/quantise.ts).
 *
 * A query may add a number of its own to each item's inner product, and items are then ranked by the sum. The same
 * number is added to the bounds, in the same precision. Rounding never turns an order round, so a bound with the
 * addition is not below the score with it either: what is passed over still cannot belong among the k best.
 *
 * Items lie in panels of eight; for each four dimensions a panel holds 32 bytes, four of each item. Panels are taken
 * in blocks that fit the second-level cache, and every group of queries visits a block before the next.
 *
 * Legend: Q queries (padded to a multiple of 4), d dimensions (padded in the same way), I items, k results a query.
 */

/** Bytes of panels in a block: half of a common second-level cache. */
const BLOCK_BYTES: u32 = 512 * 1024;

/** Up to so many items are scored in full at once: that many rows cost what the codes of 32 items cost. */
const FEW: u32 = 8;

/** Fills the lists of queries from … to − 1, best first: multiples of 4, or one query alone. `searchAt`: a Search. */
export function topK(searchAt: usize, from: u32, to: u32): void {
  const search = changetype<Search>(searchAt);
  const k = search.k;
  const panelCount = (search.itemCount + 7) >> 3;
  const block = max(<u32>4, BLOCK_BYTES / (search.d << 3)) & ~3;
  memory.fill(search.counts + (<usize>from << 2), 0, <usize>(to - from) << 2);
  for (let first: u32 = 0; first < panelCount; first += block) {
    const last = min(panelCount, first + block);
    if (to - from == 1) scoreAlone(search, from, first, last);
    else for (let q = from; q < to; q += 4) scoreFour(search, q, first, last);
  }
  for (let q = from; q < to; q++) {
    const list = (<usize>q * k) << 2;
    sortHeap<f32>(search.scores + list, search.items + list, load<u32>(search.counts + (<usize>q << 2)));
  }
}

/** Σ of four products in each lane: a −127 … 127, b 0 … 126. */
@inline
function dotCodes(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, sum);
  const low = i32x4.extadd_pairwise_i16x8_s(i16x8.extmul_low_i8x16_s(a, b));
  const high = i32x4.extadd_pairwise_i16x8_s(i16x8.extmul_high_i8x16_s(a, b));
  const pairs = i32x4.add(i32x4.shuffle(low, high, 0, 2, 4, 6), i32x4.shuffle(low, high, 1, 3, 5, 7));
  return i32x4.add(sum, pairs);
}

/** Four queries against each panel. */
function scoreFour(search: Search, q: u32, first: u32, last: u32): void {
  const d = <usize>search.d;
  const codes = search.queryCodes + <usize>q * d;
  for (let p = first; p < last; p++) {
    const reached0 = withinReach(search, q, p);
    const reached1 = withinReach(search, q + 1, p);
    const reached2 = withinReach(search, q + 2, p);
    const reached3 = withinReach(search, q + 3, p);
    const reached = reached0 | (reached1 << 8) | (reached2 << 16) | (reached3 << 24);
    if (reached == 0) continue;
    if (<u32>popcnt(reached) <= FEW) {
      if (reached0) offer(search, q, p << 3, reached0);
      if (reached1) offer(search, q + 1, p << 3, reached1);
      if (reached2) offer(search, q + 2, p << 3, reached2);
      if (reached3) offer(search, q + 3, p << 3, reached3);
      continue;
    }
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    let panel = search.panels + <usize>p * (d << 3);
    let code = codes;
    const end = codes + d;
    while (code < end) {
      const i0 = v128.load(panel);
      const i1 = v128.load(panel, 16);
      let query = v128.load32_splat(code);
      a0 = dotCodes(query, i0, a0);
      a1 = dotCodes(query, i1, a1);
      query = v128.load32_splat(code + d);
      b0 = dotCodes(query, i0, b0);
      b1 = dotCodes(query, i1, b1);
      query = v128.load32_splat(code + 2 * d);
      c0 = dotCodes(query, i0, c0);
      c1 = dotCodes(query, i1, c1);
      query = v128.load32_splat(code + 3 * d);
      d0 = dotCodes(query, i0, d0);
      d1 = dotCodes(query, i1, d1);
      code += 4;
      panel += 32;
    }
    consider(search, q, p, a0, a1);
    consider(search, q + 1, p, b0, b1);
    consider(search, q + 2, p, c0, c1);
    consider(search, q + 3, p, d0, d1);
  }
}

/** One query against four panels at a time: as many sums under way as in scoreFour. */
function scoreAlone(search: Search, q: u32, first: u32, last: u32): void {
  const d = <usize>search.d;
  const bytes = d << 3;
  const codes = search.queryCodes + <usize>q * d;
  for (let p = first; p < last; p += 4) {
    let reached = withinReach(search, q, p);
    if (p + 1 < last) reached |= withinReach(search, q, p + 1) << 8;
    if (p + 2 < last) reached |= withinReach(search, q, p + 2) << 16;
    if (p + 3 < last) reached |= withinReach(search, q, p + 3) << 24;
    if (reached == 0) continue;
    if (<u32>popcnt(reached) <= FEW) {
      offer(search, q, p << 3, reached);
      continue;
    }
    let a0 = i32x4.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    let panel = search.panels + <usize>p * bytes;
    let code = codes;
    const end = codes + d;
    while (code < end) {
      const query = v128.load32_splat(code);
      a0 = dotCodes(query, v128.load(panel), a0);
      a1 = dotCodes(query, v128.load(panel, 16), a1);
      b0 = dotCodes(query, v128.load(panel + bytes), b0);
      b1 = dotCodes(query, v128.load(panel + bytes, 16), b1);
      c0 = dotCodes(query, v128.load(panel + 2 * bytes), c0);
      c1 = dotCodes(query, v128.load(panel + 2 * bytes, 16), c1);
      d0 = dotCodes(query, v128.load(panel + 3 * bytes), d0);
      d1 = dotCodes(query, v128.load(panel + 3 * bytes, 16), d1);
      code += 4;
      panel += 32;
    }
    consider(search, q, p, a0, a1);
    if (p + 1 < last) consider(search, q, p + 1, b0, b1);
    if (p + 2 < last) consider(search, q, p + 2, c0, c1);
    if (p + 3 < last) consider(search, q, p + 3, d0, d1);
  }
}

/** Scores in full those of a panel's items that may beat the worst kept for a query. */
@inline
function consider(search: Search, query: u32, panel: u32, low: v128, high: v128): void {
  const bounds = search.queryBounds + (<usize>query << 4);
  const item = search.panelBounds + <usize>panel * 96;
  const scale = v128.load32_splat(bounds);
  const offset = v128.load32_splat(bounds, 4);
  const norm = v128.load32_splat(bounds, 8);
  const residual = v128.load32_splat(bounds, 12);
  let upper = f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(low, offset)), scale), v128.load(item));
  upper = f32x4.add(upper, f32x4.mul(norm, v128.load(item, 32)));
  upper = f32x4.add(upper, f32x4.mul(residual, v128.load(item, 64)));
  const limit = f32x4.splat(worstOf(search, query));
  const isAdded = search.additions != 0;
  const added = additionsOf(search, query) + (<usize>panel << 5);
  if (isAdded) upper = f32x4.add(upper, v128.load(added));
  const lowMask = i32x4.bitmask(f32x4.gt(upper, limit));
  upper = f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(high, offset)), scale), v128.load(item, 16));
  upper = f32x4.add(upper, f32x4.mul(norm, v128.load(item, 48)));
  upper = f32x4.add(upper, f32x4.mul(residual, v128.load(item, 80)));
  if (isAdded) upper = f32x4.add(upper, v128.load(added, 16));
  const mask: u32 = lowMask | (i32x4.bitmask(f32x4.gt(upper, limit)) << 4);
  if (mask != 0) offer(search, query, panel << 3, mask);
}
