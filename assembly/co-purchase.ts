import { push, replaceWorst, sortHeap } from "./heap";
import { isEligible } from "./search";

/**
 * Items bought by the same users: top-K by the cosine of the columns of a sparse matrix.
 *
 *   s_ij = Σᵤ rᵤᵢ rᵤⱼ / (‖r_i‖·‖r_j‖)
 *
 * (item-based collaborative filtering: Sarwar et al. 2001, doi:10.1145/371920.372071). Only items with a user in
 * common are ever touched, so a query costs what its users bought, not the size of the catalogue.
 */

/** What a search needs, laid out in memory by JavaScript (src/kernels/wasm-co-purchase.ts). */
@unmanaged
export class CoPurchase {
  /** The matrix by rows (users) … */
  userBounds!: usize;
  userItems!: usize;
  userValues!: usize;
  /** … and by columns (items). */
  itemBounds!: usize;
  itemUsers!: usize;
  itemValues!: usize;
  /** 1 / ‖r_j‖ of each item, f64; 0 if it was never bought. */
  inverseNorms!: usize;
  /** The items whose neighbours are wanted, u32. */
  asked!: usize;
  k!: u32;
  /** A bit an item, or 0: all may be returned. */
  eligible!: usize;
  /** Asked × k f32, asked × k u32, asked u32. */
  scores!: usize;
  items!: usize;
  counts!: usize;
}

/**
 * Fills the lists of the asked items from … to − 1, best first, ties to the lower index.
 * `sums`: itemCount f64, zero, and zero again afterwards; `touched`: itemCount u32.
 */
export function coPurchase(searchAt: usize, from: u32, to: u32, sums: usize, touched: usize): void {
  const search = changetype<CoPurchase>(searchAt);
  for (let q = from; q < to; q++) {
    const item = load<u32>(search.asked + (<usize>q << 2));
    const count = accumulate(search, item, sums, touched);
    const scores = search.scores + ((<usize>q * search.k) << 2);
    const items = search.items + ((<usize>q * search.k) << 2);
    const kept = keepBest(search, item, sums, touched, count, scores, items);
    sortHeap(scores, items, kept);
    store<u32>(search.counts + (<usize>q << 2), kept);
  }
}

/** Adds up rᵤᵢ·rᵤⱼ for every item j that a user of item i bought; lists these items and returns how many. */
function accumulate(search: CoPurchase, item: u32, sums: usize, touched: usize): u32 {
  let count: u32 = 0;
  const lastUser = load<u32>(search.itemBounds + (<usize>item << 2), 4);
  for (let e = load<u32>(search.itemBounds + (<usize>item << 2)); e < lastUser; e++) {
    const user = load<u32>(search.itemUsers + (<usize>e << 2));
    const r = <f64>load<f32>(search.itemValues + (<usize>e << 2));
    const lastItem = load<u32>(search.userBounds + (<usize>user << 2), 4);
    for (let o = load<u32>(search.userBounds + (<usize>user << 2)); o < lastItem; o++) {
      const other = load<u32>(search.userItems + (<usize>o << 2));
      const at = sums + (<usize>other << 3);
      const sum = load<f64>(at);
      if (sum == 0) {
        store<u32>(touched + (<usize>count << 2), other);
        count++;
      }
      store<f64>(at, sum + r * <f64>load<f32>(search.userValues + (<usize>o << 2)));
    }
  }
  return count;
}

/** Keeps the best k of the touched items and sets their sums back to 0; returns how many were kept. */
function keepBest(
  search: CoPurchase, item: u32, sums: usize, touched: usize, count: u32, scores: usize, items: usize,
): u32 {
  const own = load<f64>(search.inverseNorms + (<usize>item << 3));
  let kept: u32 = 0;
  for (let t: u32 = 0; t < count; t++) {
    const other = load<u32>(touched + (<usize>t << 2));
    const at = sums + (<usize>other << 3);
    const score = <f32>(load<f64>(at) * own * load<f64>(search.inverseNorms + (<usize>other << 3)));
    store<f64>(at, 0);
    if (other == item || !isEligible(search.eligible, other)) continue;
    if (kept < search.k) {
      push(scores, items, kept, score, other);
      kept++;
    } else if (beatsWorst(scores, items, score, other)) replaceWorst(scores, items, kept, score, other);
  }
  return kept;
}

/** Touched items come in no order: of equal scores the lower index is the better. */
@inline
function beatsWorst(scores: usize, items: usize, score: f32, item: u32): bool {
  const worst = load<f32>(scores);
  return score > worst || (score == worst && item < load<u32>(items));
}
