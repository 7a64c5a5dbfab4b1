/** A search, laid out in memory by JavaScript (src/kernels/wasm-topk.ts). */
@unmanaged
export class Search {
  /** Q × d f32. */
  queries!: usize;
  /** Q × d codes, −127 … 127. */
  queryCodes!: usize;
  /** Q × 4: the codes' scale (f32), 63·Σ codes (i32), ‖x‖ and ‖x − x̂‖ (f32, rounded up). */
  queryBounds!: usize;
  d!: u32;
  /** I × d f32. */
  vectors!: usize;
  /** ⌈I/8⌉ × d × 8 codes, 0 … 126, standing for −63 … 63. */
  panels!: usize;
  /** ⌈I/8⌉ × 24 f32: eight scales, eight ‖y − ŷ‖, eight ‖ŷ‖, the last two rounded up. */
  panelBounds!: usize;
  /** The parts that each vector consists of, in order; 0: lengths are not used. */
  parts!: u32;
  /** Q × parts f32: ‖x_p‖, rounded up. */
  queryLengths!: usize;
  /** ⌈I/8⌉ × parts × 8 f32: ‖y_p‖ of eight items, rounded up with a margin. */
  panelLengths!: usize;
  itemCount!: u32;
  /** At least 1. */
  k!: u32;
  /** Q + 1 u32, or 0: nothing is excluded. */
  excludedBounds!: usize;
  /** u32, ascending within a query. */
  excluded!: usize;
  /** A bit an item, or 0: all may be returned. */
  eligible!: usize;
  /** Q × 8⌈I/8⌉ f32, what is added to each item's inner product, or 0: nothing is. */
  additions!: usize;
  /** Q × k f32. */
  scores!: usize;
  /** Q × k u32. */
  items!: usize;
  /** Q u32. */
  counts!: usize;
}

/** Whether an item's bit is set in `bits`, or `bits` is 0: then every item may be returned. */
@inline
export function isEligible(bits: usize, item: u32): bool {
  return bits == 0 || ((load<u32>(bits + (<usize>(item >> 5) << 2)) >> (item & 31)) & 1) == 1;
}

/** What a score has to exceed for a query's list where it is full: the worst kept. */
@inline
export function worstOf(search: Search, query: u32): f32 {
  const isFull = load<u32>(search.counts + (<usize>query << 2)) == search.k;
  return isFull
    ? load<f32>(search.scores + ((<usize>query * search.k) << 2))
    : -f32.MAX_VALUE;
}

/** Where the additions to a query's scores begin; of no use where there are none. */
@inline
export function additionsOf(search: Search, query: u32): usize {
  return search.additions + (<usize>query * ((search.itemCount + 7) & ~7) << 2);
}

/** Whether this query must not return the item: a binary search among its ascending exclusions. */
export function isExcluded(search: Search, query: u32, item: u32): bool {
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
