/**
 * The best k of a stream of scores, as a binary heap whose root is the worst kept.
 *
 * Legend: `scores` k f32 and `items` k u32, parallel; a is worse than b when its score is lower, or the same and
 * its item higher (ties go to the lower index).
 */

@inline
function isWorse(scores: usize, items: usize, a: u32, b: u32): bool {
  const scoreA = load<f32>(scores + (<usize>a << 2));
  const scoreB = load<f32>(scores + (<usize>b << 2));
  if (scoreA != scoreB) return scoreA < scoreB;
  return load<u32>(items + (<usize>a << 2)) > load<u32>(items + (<usize>b << 2));
}

function swap(scores: usize, items: usize, a: u32, b: u32): void {
  const score = load<f32>(scores + (<usize>a << 2));
  const item = load<u32>(items + (<usize>a << 2));
  store<f32>(scores + (<usize>a << 2), load<f32>(scores + (<usize>b << 2)));
  store<u32>(items + (<usize>a << 2), load<u32>(items + (<usize>b << 2)));
  store<f32>(scores + (<usize>b << 2), score);
  store<u32>(items + (<usize>b << 2), item);
}

function siftDown(scores: usize, items: usize, count: u32, at: u32): void {
  for (;;) {
    let worst = at;
    const left: u32 = 2 * at + 1;
    if (left < count && isWorse(scores, items, left, worst)) worst = left;
    if (left + 1 < count && isWorse(scores, items, left + 1, worst)) worst = left + 1;
    if (worst == at) return;
    swap(scores, items, at, worst);
    at = worst;
  }
}

/** Adds an entry to a heap that holds `count` < k. */
export function push(scores: usize, items: usize, count: u32, score: f32, item: u32): void {
  let at = count;
  store<f32>(scores + (<usize>at << 2), score);
  store<u32>(items + (<usize>at << 2), item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse(scores, items, at, parent)) return;
    swap(scores, items, at, parent);
    at = parent;
  }
}

/** Puts an entry in the place of the worst of a full heap. */
export function replaceWorst(scores: usize, items: usize, k: u32, score: f32, item: u32): void {
  store<f32>(scores, score);
  store<u32>(items, item);
  siftDown(scores, items, k, 0);
}

/** Turns the heap into a list, best first. */
export function sortHeap(scores: usize, items: usize, count: u32): void {
  for (let end = count; end > 1; end--) {
    swap(scores, items, 0, end - 1);
    siftDown(scores, items, end - 1, 0);
  }
}
