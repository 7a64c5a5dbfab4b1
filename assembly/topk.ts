import { productTile8 } from "./tile";
import { push, replaceWorst, sortHeap } from "./heap";

/**
 * Exact top-K by inner product: every item is scored for every query.
 *
 * Items lie in panels of eight, interleaved: panel p holds, for each dimension, the eight values of items
 * 8p … 8p + 7 side by side, so that one tile scores four queries against a panel with straight loads. Panels are
 * taken in blocks that fit the second-level cache, and every group of queries visits a block before the next.
 *
 * Legend: Q queries (padded to a multiple of 4), d dimensions (padded likewise), I items, k results a query. `queries` Q × d f32;
 * `panels` ⌈I/8⌉ × d × 8 f32; `excludedBounds` Q + 1 u32 or 0, `excluded` u32 ascending within a query;
 * `eligible` a bit an item or 0; `scores` Q × k f32, `items` Q × k u32, `counts` Q u32.
 */

/** Bytes of panels in a block: half of a common second-level cache. */
const BLOCK_BYTES: u32 = 512 * 1024;

/** Fills the lists of queries 0 … Q − 1, best first. `tile`: 32 f32 of scratch. k ≥ 1. */
export function topK(
  queries: usize, count: u32, d: u32, panels: usize, itemCount: u32, k: u32,
  excludedBounds: usize, excluded: usize, eligible: usize,
  scores: usize, items: usize, counts: usize, tile: usize,
): void {
  const panelBytes = <usize>d << 5;
  const panelCount = (itemCount + 7) >> 3;
  const block = max(<u32>1, BLOCK_BYTES / max(<u32>1, <u32>panelBytes));
  const queryRow = <usize>d << 2;
  memory.fill(counts, 0, <usize>count << 2);
  for (let first: u32 = 0; first < panelCount; first += block) {
    const last = min(panelCount, first + block);
    for (let q: u32 = 0; q < count; q += 4) {
      for (let p = first; p < last; p++) {
        productTile8(queries + <usize>q * queryRow, queryRow, panels + <usize>p * panelBytes, 32, tile, 32, d);
        for (let i: u32 = 0; i < 4; i++) {
          const query = q + i;
          const list = (<usize>query * k) << 2;
          offerPanel(
            tile + (<usize>i << 5), p << 3, itemCount, k, query,
            excludedBounds, excluded, eligible, scores + list, items + list, counts + (<usize>query << 2),
          );
        }
      }
    }
  }
  for (let q: u32 = 0; q < count; q++) {
    const list = (<usize>q * k) << 2;
    sortHeap(scores + list, items + list, load<u32>(counts + (<usize>q << 2)));
  }
}

/** Offers the eight scores of a panel to one query's list. */
// @ts-ignore: decorator
@inline
function offerPanel(
  tile: usize, firstItem: u32, itemCount: u32, k: u32, query: u32,
  excludedBounds: usize, excluded: usize, eligible: usize, scores: usize, items: usize, counter: usize,
): void {
  if (load<u32>(counter) == k) {
    // Nearly always nothing beats the worst kept; NaN never does.
    const worst = f32x4.splat(load<f32>(scores));
    const better = v128.or(f32x4.gt(v128.load(tile), worst), f32x4.gt(v128.load(tile, 16), worst));
    if (!v128.any_true(better)) return;
  }
  offerEach(tile, firstItem, itemCount, k, query, excludedBounds, excluded, eligible, scores, items, counter);
}

function offerEach(
  tile: usize, firstItem: u32, itemCount: u32, k: u32, query: u32,
  excludedBounds: usize, excluded: usize, eligible: usize, scores: usize, items: usize, counter: usize,
): void {
  const end = min(firstItem + 8, itemCount);
  for (let item = firstItem; item < end; item++) {
    const score = load<f32>(tile + (<usize>(item - firstItem) << 2));
    const count = load<u32>(counter);
    // Items come in ascending order, so of equal scores the one already kept is the right one.
    if (count == k ? !(score > load<f32>(scores)) : score != score) continue;
    if (eligible != 0 && ((load<u32>(eligible + (<usize>(item >> 5) << 2)) >> (item & 31)) & 1) == 0) continue;
    if (excludedBounds != 0 && isExcluded(excludedBounds + (<usize>query << 2), excluded, item)) continue;
    if (count < k) {
      push(scores, items, count, score, item);
      store<u32>(counter, count + 1);
    } else replaceWorst(scores, items, k, score, item);
  }
}

/** Binary search among the query's ascending excluded items. */
function isExcluded(bounds: usize, excluded: usize, item: u32): bool {
  let low = load<u32>(bounds);
  let high = load<u32>(bounds, 4);
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = load<u32>(excluded + (<usize>middle << 2));
    if (value == item) return true;
    if (value < item) low = middle + 1;
    else high = middle;
  }
  return false;
}
