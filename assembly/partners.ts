import { push, replaceWorst, sortHeap } from "./heap";

/**
 * The partners of items: of each the k others with the greatest cosine of their columns of a matrix of who has what,
 *
 *   s_ij = n_ij / √(n_i·n_j)
 *
 * n_i the users who have item i, n_ij those who have both (item-based collaborative filtering: Sarwar et al. 2001,
 * doi:10.1145/371920.372071). Only items with a user in common are ever touched, so that an item costs what its users
 * have, not the size of the catalogue.
 */

/** What a search needs, laid out in memory by JavaScript (src/kernels/wasm-partners.ts). */
@unmanaged
export class PartnerSearch {
  /** The matrix by rows (users) … */
  userBounds!: usize;
  userItems!: usize;
  /** … and by columns (items). */
  itemBounds!: usize;
  itemUsers!: usize;
  /** At least 1. */
  k!: u32;
  /** Items that at least so many users have too come before all others. */
  sharedFirst!: u32;
  /** The item whose partners come first in what follows. */
  first!: u32;
  /** Partners (u32) and n_ij (u32), k an item; and how many an item has (u32). */
  partners!: usize;
  together!: usize;
  counts!: usize;
}

/**
 * Finds the partners of the items from … to − 1, best first, ties to the lower index.
 * `shared`: itemCount u32, zero, and zero again afterwards; `touched`: itemCount u32; `scores`: k f64.
 */
export function findPartners(
  searchAt: usize, from: u32, to: u32, shared: usize, touched: usize, scores: usize,
): void {
  const search = changetype<PartnerSearch>(searchAt);
  for (let item = from; item < to; item++) {
    const count = countShared(search, item, shared, touched);
    const row = <usize>(item - search.first);
    const partners = search.partners + ((row * search.k) << 2);
    let kept = keepBest(search, item, shared, touched, count, search.sharedFirst, u32.MAX_VALUE, scores, partners, search.k);
    if (kept < search.k && search.sharedFirst > 1) {
      const rest = partners + (<usize>kept << 2);
      kept += keepBest(search, item, shared, touched, count, 1, search.sharedFirst - 1, scores, rest, search.k - kept);
    }
    const together = search.together + ((row * search.k) << 2);
    for (let p: u32 = 0; p < kept; p++) {
      const partner = load<u32>(partners + (<usize>p << 2));
      store<u32>(together + (<usize>p << 2), load<u32>(shared + (<usize>partner << 2)));
    }
    store<u32>(search.counts + (row << 2), kept);
    for (let t: u32 = 0; t < count; t++) store<u32>(shared + (<usize>load<u32>(touched + (<usize>t << 2)) << 2), 0);
  }
}

/** Counts n_ij for every item j that a user of item i has; lists these items and returns how many. */
function countShared(search: PartnerSearch, item: u32, shared: usize, touched: usize): u32 {
  let count: u32 = 0;
  const lastUser = load<u32>(search.itemBounds + (<usize>item << 2), 4);
  for (let e = load<u32>(search.itemBounds + (<usize>item << 2)); e < lastUser; e++) {
    const user = load<u32>(search.itemUsers + (<usize>e << 2));
    const lastItem = load<u32>(search.userBounds + (<usize>user << 2), 4);
    for (let o = load<u32>(search.userBounds + (<usize>user << 2)); o < lastItem; o++) {
      const other = load<u32>(search.userItems + (<usize>o << 2));
      const at = shared + (<usize>other << 2);
      const former = load<u32>(at);
      if (former == 0) {
        store<u32>(touched + (<usize>count << 2), other);
        count++;
      }
      store<u32>(at, former + 1);
    }
  }
  return count;
}

/** Keeps the best k of the touched items with least ≤ n_ij ≤ most, best first; returns how many there are. */
function keepBest(
  search: PartnerSearch, item: u32, shared: usize, touched: usize, count: u32, least: u32, most: u32,
  scores: usize, partners: usize, k: u32,
): u32 {
  const own = <f64>usersOf(search, item);
  let kept: u32 = 0;
  for (let t: u32 = 0; t < count; t++) {
    const other = load<u32>(touched + (<usize>t << 2));
    const both = load<u32>(shared + (<usize>other << 2));
    if (other == item || both < least || both > most) continue;
    const score = <f64>both / Math.sqrt(own * <f64>usersOf(search, other));
    if (kept < k) {
      push<f64>(scores, partners, kept, score, other);
      kept++;
    } else if (beatsWorst(scores, partners, score, other)) replaceWorst<f64>(scores, partners, kept, score, other);
  }
  sortHeap<f64>(scores, partners, kept);
  return kept;
}

@inline
function usersOf(search: PartnerSearch, item: u32): u32 {
  const bounds = search.itemBounds + (<usize>item << 2);
  return load<u32>(bounds, 4) - load<u32>(bounds);
}

/** Touched items come in no order: of equal scores the lower index is the better. */
@inline
function beatsWorst(scores: usize, partners: usize, score: f64, item: u32): bool {
  const worst = load<f64>(scores);
  return score > worst || (score == worst && item < load<u32>(partners));
}
