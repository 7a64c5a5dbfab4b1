import { push, replaceWorst } from "./heap";
import { additionsOf, isEligible, isExcluded, Search } from "./search";
import { dot } from "./vector";

/** Scores the items whose bit is set, counted from `firstItem`, in full, and offers them to a query's list. */
export function offer(search: Search, query: u32, firstItem: u32, mask: u32): void {
  const k = search.k;
  const d = search.d;
  const counter = search.counts + (<usize>query << 2);
  const scores = search.scores + ((<usize>query * k) << 2);
  const items = search.items + ((<usize>query * k) << 2);
  const x = search.queries + ((<usize>query * d) << 2);
  for (; mask != 0; mask &= mask - 1) {
    const item = firstItem + ctz(mask);
    if (item >= search.itemCount) return;
    if (!isEligible(search.eligible, item) || isExcluded(search, query, item)) continue;
    let score = dot(x, search.vectors + ((<usize>item * d) << 2), d);
    if (search.additions != 0) score += load<f32>(additionsOf(search, query) + (<usize>item << 2));
    const count = load<u32>(counter);
    if (count < k) {
      push<f32>(scores, items, count, score, item);
      store<u32>(counter, count + 1);
      // Items come in ascending order, so of equal scores the one already kept is the right one.
    } else if (score > load<f32>(scores)) replaceWorst<f32>(scores, items, k, score, item);
  }
}
