import { productTile8 } from "./tile";
import { push, replaceWorst, sortHeap } from "./heap";

/**
 * Exact top-K by inner product: every item is scored for every query.
 *
 * Items lie in panels of eight, interleaved: panel p holds, for each dimension, the eight values of items
 * 8p … 8p + 7 side by side, so that one tile scores four queries against a panel with straight loads. Panels are
 * taken in blocks that fit the second-level cache, and every group of queries visits a block before the next.
 *
 * Legend: Q queries (padded to a multiple of 4), d dimensions (padded likewise), I items, k results a query.
 */

/** A search, laid out in memory by JavaScript (src/kernels/wasm-search.ts). Eleven words. */
@unmanaged
export class Search {
  /** Q × d f32. */
  queries!: usize;
  d!: u32;
  /** ⌈I/8⌉ × d × 8 f32. */
  panels!: usize;
  itemCount!: u32;
  /** At least 1. */
  k!: u32;
  /** Q + 1 u32, or 0: nothing is excluded. */
  excludedBounds!: usize;
  /** u32, ascending within a query. */
  excluded!: usize;
  /** A bit an item, or 0: all may be returned. */
  eligible!: usize;
  /** Q × k f32. */
  scores!: usize;
  /** Q × k u32. */
  items!: usize;
  /** Q u32. */
  counts!: usize;
}

/** Bytes of panels in a block: half of a common second-level cache. */
const BLOCK_BYTES: u32 = 512 * 1024;

/**
 * Fills the lists of queries from … to − 1 (multiples of 4), best first. `searchAt`: a Search; `tile`: 32 f32 of
 * scratch.
 */
export function topK(searchAt: usize, from: u32, to: u32, tile: usize): void {
  const search = changetype<Search>(searchAt);
  const d = search.d;
  const k = search.k;
  const panelBytes = <usize>d << 5;
  const panelCount = (search.itemCount + 7) >> 3;
  const block = max(<u32>1, BLOCK_BYTES / <u32>panelBytes);
  const queryRow = <usize>d << 2;
  memory.fill(search.counts + (<usize>from << 2), 0, <usize>(to - from) << 2);
  for (let first: u32 = 0; first < panelCount; first += block) {
    const last = min(panelCount, first + block);
    for (let q = from; q < to; q += 4) {
      const query = search.queries + <usize>q * queryRow;
      for (let p = first; p < last; p++) {
        productTile8(query, queryRow, search.panels + <usize>p * panelBytes, 32, tile, 32, d);
        for (let i: u32 = 0; i < 4; i++) offerPanel(search, q + i, tile + (<usize>i << 5), p << 3);
      }
    }
  }
  for (let q = from; q < to; q++) {
    const list = (<usize>q * k) << 2;
    sortHeap(search.scores + list, search.items + list, load<u32>(search.counts + (<usize>q << 2)));
  }
}

/** Offers the eight scores of a panel to one query's list. */
// @ts-ignore: decorator
@inline
function offerPanel(search: Search, query: u32, tile: usize, firstItem: u32): void {
  if (load<u32>(search.counts + (<usize>query << 2)) == search.k) {
    // Nearly always nothing beats the worst kept; NaN never does.
    const worst = v128.load32_splat(search.scores + ((<usize>query * search.k) << 2));
    const better = v128.or(f32x4.gt(v128.load(tile), worst), f32x4.gt(v128.load(tile, 16), worst));
    if (!v128.any_true(better)) return;
  }
  offerEach(search, query, tile, firstItem);
}

function offerEach(search: Search, query: u32, tile: usize, firstItem: u32): void {
  const k = search.k;
  const counter = search.counts + (<usize>query << 2);
  const scores = search.scores + ((<usize>query * k) << 2);
  const items = search.items + ((<usize>query * k) << 2);
  const end = min(firstItem + 8, search.itemCount);
  for (let item = firstItem; item < end; item++) {
    const score = load<f32>(tile + (<usize>(item - firstItem) << 2));
    const count = load<u32>(counter);
    // Items come in ascending order, so of equal scores the one already kept is the right one.
    if (count == k ? !(score > load<f32>(scores)) : score != score) continue;
    if (!isEligible(search, item) || isExcluded(search, query, item)) continue;
    if (count < k) {
      push(scores, items, count, score, item);
      store<u32>(counter, count + 1);
    } else replaceWorst(scores, items, k, score, item);
  }
}

// @ts-ignore: decorator
@inline
function isEligible(search: Search, item: u32): bool {
  if (search.eligible == 0) return true;
  return ((load<u32>(search.eligible + (<usize>(item >> 5) << 2)) >> (item & 31)) & 1) == 1;
}

/** Binary search among the query's ascending excluded items. */
function isExcluded(search: Search, query: u32, item: u32): bool {
  if (search.excludedBounds == 0) return false;
  const bounds = search.excludedBounds + (<usize>query << 2);
  let low = load<u32>(bounds);
  let high = load<u32>(bounds, 4);
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = load<u32>(search.excluded + (<usize>middle << 2));
    if (value == item) return true;
    if (value < item) low = middle + 1;
    else high = middle;
  }
  return false;
}
