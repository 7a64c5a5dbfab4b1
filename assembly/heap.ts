/**
 * The best k of a stream of scores, as a binary heap whose root is the worst kept.
 *
 * Legend: `scores` k numbers of type T (f32 or f64) and `items` k u32, parallel; a is worse than b when its score is lower, or the same and
 * its item higher (ties go to the lower index).
 */

@inline
function isWorse<T extends number>(scores: usize, items: usize, a: u32, b: u32): bool {
  const scoreA = load<T>(scores + (<usize>a << alignof<T>()));
  const scoreB = load<T>(scores + (<usize>b << alignof<T>()));
  if (scoreA != scoreB) return scoreA < scoreB;
  return load<u32>(items + (<usize>a << 2)) > load<u32>(items + (<usize>b << 2));
}

function swap<T extends number>(scores: usize, items: usize, a: u32, b: u32): void {
  const score = load<T>(scores + (<usize>a << alignof<T>()));
  const item = load<u32>(items + (<usize>a << 2));
  store<T>(scores + (<usize>a << alignof<T>()), load<T>(scores + (<usize>b << alignof<T>())));
  store<u32>(items + (<usize>a << 2), load<u32>(items + (<usize>b << 2)));
  store<T>(scores + (<usize>b << alignof<T>()), score);
  store<u32>(items + (<usize>b << 2), item);
}

function siftDown<T extends number>(scores: usize, items: usize, count: u32, at: u32): void {
  for (;;) {
    let worst = at;
    const left: u32 = 2 * at + 1;
    if (left < count && isWorse<T>(scores, items, left, worst)) worst = left;
    if (left + 1 < count && isWorse<T>(scores, items, left + 1, worst)) worst = left + 1;
    if (worst == at) return;
    swap<T>(scores, items, at, worst);
    at = worst;
  }
}

/** Adds an entry to a heap that holds `count` < k. */
export function push<T extends number>(scores: usize, items: usize, count: u32, score: T, item: u32): void {
  let at = count;
  store<T>(scores + (<usize>at << alignof<T>()), score);
  store<u32>(items + (<usize>at << 2), item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse<T>(scores, items, at, parent)) return;
    swap<T>(scores, items, at, parent);
    at = parent;
  }
}

/** Puts an entry in the place of the worst of a full heap. */
export function replaceWorst<T extends number>(scores: usize, items: usize, k: u32, score: T, item: u32): void {
  store<T>(scores, score);
  store<u32>(items, item);
  siftDown<T>(scores, items, k, 0);
}

/** Turns the heap into a list, best first. */
export function sortHeap<T extends number>(scores: usize, items: usize, count: u32): void {
  for (let end = count; end > 1; end--) {
    swap<T>(scores, items, 0, end - 1);
    siftDown<T>(scores, items, end - 1, 0);
  }
}
