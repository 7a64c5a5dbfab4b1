import { checkFinite, checkItems } from './checks.ts'
import { type CosineIndex, type CosineTopKQuery, type CosineTopKResult, KernelError } from './kernels.ts'
import type { Pieces } from './pieces.ts'
import { indexLabels, labelProduct, NO_LABELS, readUnitRow, type RowLabels } from './row-labels.ts'
import type { WorkerPool } from './wasm-pool.ts'
import type { SearchJob } from './wasm-topk.ts'
import { openVectors } from './wasm-topk.ts'

/**
 * `Kernels.openCosine`: the core ranks in single precision, what could be among the best is scored again in double.
 * Items with the same features and labels are one row of the search: a shop of few columns has thousands of twins, and
 * among so many of one similarity no number of candidates would prove that the best are found.
 *
 * Exact by construction: unit rows rounded to f32 and a dot product of d terms are off by at most
 * ε = (d + 3)·2⁻²⁴ (Higham 2002, section 3.1, with |a|·|b| ≤ 1). Once the weakest row found in single precision lies more
 * than 2ε below the k-th best item in double, nothing unseen can belong among the k; else twice as many rows are asked
 * for. What labels add comes to each row's sum in single precision too: a rounding a column, and one of the whole.
 */
export function* openCosine(
  module: WebAssembly.Module,
  pool: WorkerPool<SearchJob>,
  features: Float32Array | Float64Array,
  rows: number,
  columns: number,
  labels: RowLabels = NO_LABELS,
): Pieces<CosineIndex> {
  checkFinite(features, 'features', columns)
  if (features.length !== rows * columns) {
    throw new KernelError(`features: expected ${rows} × ${columns} numbers, got ${features.length}`)
  }
  // Without any feature all are equally dissimilar: one column of zeros says the same.
  if (columns === 0) return yield* openCosine(module, pool, new Float64Array(rows), rows, 1, labels)
  yield
  /** A row at length 1, worked out each time: all of them would take twice the memory of the index. */
  const unitOf = (row: number, into: Float64Array) => readUnitRow(features, columns, labels, row, into)
  const some = new Float64Array(columns)
  const sizes = Float64Array.from({ length: labels.sizes.length }, (_, row) => unitOf(row, some))
  const unitLabels = { sizes, columns: labels.columns }
  yield
  const { firsts, kindOf, membersOf } = kindsOf(unitOf, rows, columns, unitLabels)
  yield
  const kinds = firsts.length
  const byLabel = labels.columns.map((codes) => indexLabels(Int32Array.from(firsts, (first) => codes[first])))
  yield
  const index = yield* openVectors(module, pool, {
    rows: kinds,
    columns,
    read(first, count, into) {
      for (let kind = first; kind < first + count; kind++) {
        unitOf(firsts[kind], some)
        into.set(some, (kind - first) * columns)
      }
    },
  })
  const bound = (columns + 3 + 2 * byLabel.length) * 2 ** -24

  /** What the labels add to a row's inner product with each other one. */
  function addLabels(kind: number, sums: Float32Array): void {
    sums.fill(0)
    const first = firsts[kind]
    labels.columns.forEach((codes, c) => {
      for (const other of byLabel[c].rowsOf(codes[first])) sums[other] += sizes[first] * sizes[firsts[other]]
    })
  }

  /** Rows by their similarity in double precision, the highest first. */
  function scored(kind: number, candidates: Uint32Array): Scored[] {
    const first = firsts[kind]
    const own = new Float64Array(columns)
    unitOf(first, own)
    return Array.from(candidates, (other) => {
      unitOf(firsts[other], some)
      return { kind: other, similarity: dot(own, some) + labelProduct(unitLabels, first, firsts[other]) }
    }).sort((a, b) => b.similarity - a.similarity)
  }

  /** The k best items of rows, and those of the same similarity as the last of them. */
  function itemsOf(best: readonly Scored[], k: number, isWanted: (item: number) => boolean): Neighbour[] {
    const found: Neighbour[] = []
    for (const { kind, similarity } of best) {
      if (found.length >= k && similarity < found[found.length - 1].similarity) break
      let taken = 0
      for (const item of membersOf(kind)) {
        if (!isWanted(item)) continue
        found.push({ item, similarity })
        if (++taken === k) break
      }
    }
    return found.sort((a, b) => b.similarity - a.similarity || a.item - b.item).slice(0, k)
  }

  return {
    async topK({ items, k, eligible, above = -Infinity, pause }: CosineTopKQuery): Promise<CosineTopKResult> {
      const result = {
        counts: new Uint32Array(items.length),
        indices: new Uint32Array(items.length * k),
        similarities: new Float64Array(items.length * k),
      }
      checkItems(items, rows)
      if (k === 0) return result
      const isEligible = (item: number) =>
        eligible === undefined || ((eligible[item >>> 5] >>> (item & 31)) & 1) === 1
      const eligibleKinds = eligible && kindsWith(isEligible, kindOf, kinds)
      let open = [...Map.groupBy(items.keys(), (place) => kindOf[items[place]])]
      // One more than k: the row of an item alone has no other item.
      for (let wanted = k + 9; open.length > 0; wanted = 2 * wanted) {
        const queries = new Float32Array(open.length * columns)
        open.forEach(([kind], q) => {
          unitOf(firsts[kind], some)
          queries.set(some, q * columns)
        })
        const kept = Math.min(wanted, kinds)
        const turn = pause?.()
        if (turn) await turn
        const found = await index.topK({
          queries,
          k: kept,
          ...(byLabel.length > 0 && {
            additions: (q: number, sums: Float32Array) => addLabels(open[q][0], sums),
          }),
          ...(eligibleKinds && { eligible: eligibleKinds }),
        })
        const unproved: typeof open = []
        for (const [q, [kind, places]] of open.entries()) {
          const pausing = pause?.()
          if (pausing) await pausing
          const count = found.counts[q]
          const weakest = count === 0 ? 0 : found.scores[q * kept + count - 1]
          const isAll = count < kept || kept === kinds || weakest + bound <= above
          const best = scored(kind, found.indices.subarray(q * kept, q * kept + count))
          const left = places.filter((place) => {
            const nearest = itemsOf(best, k, (item) => item !== items[place] && isEligible(item))
            const isProved =
              isAll || (nearest.length === k && nearest[k - 1].similarity > weakest + 2 * bound)
            if (!isProved) return true
            const near = nearest.filter(({ similarity }) => similarity > above)
            result.counts[place] = near.length
            near.forEach(({ item, similarity }, rank) => {
              result.indices[place * k + rank] = item
              result.similarities[place * k + rank] = similarity
            })
            return false
          })
          if (left.length > 0) unproved.push([kind, left])
        }
        open = unproved
      }
      return result
    },
    close: () => index.close(),
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

interface Scored {
  readonly kind: number
  readonly similarity: number
}

interface Neighbour {
  readonly item: number
  readonly similarity: number
}

/** The rows that hold an item that passes, as bits. */
function kindsWith(passes: (item: number) => boolean, kindOf: Uint32Array, kinds: number): Uint32Array {
  const bits = new Uint32Array(Math.ceil(kinds / 32))
  for (let item = 0; item < kindOf.length; item++)
    if (passes(item)) bits[kindOf[item] >>> 5] |= 1 << (kindOf[item] & 31)
  return bits
}

/** Items with the same features and labels, to the bit: the first of each kind, and its members, ascending. */
function kindsOf(
  unitOf: (row: number, into: Float64Array) => void,
  rows: number,
  columns: number,
  { sizes, columns: labels }: RowLabels,
) {
  const [own, other] = [new Float64Array(columns), new Float64Array(columns)]
  const [words, otherWords] = [new Uint32Array(own.buffer), new Uint32Array(other.buffer)]
  const hasLabels = labels.length > 0
  const sizeWords = hasLabels ? new Uint32Array(sizes.buffer, sizes.byteOffset, 2 * rows) : undefined
  const hash = (row: number) => {
    let value = 0x811c9dc5
    unitOf(row, own)
    for (const word of words) value = Math.imul(value ^ word, 0x01000193)
    if (sizeWords) {
      value = Math.imul(value ^ sizeWords[2 * row] ^ sizeWords[2 * row + 1], 0x01000193)
      for (const codes of labels) value = Math.imul(value ^ codes[row], 0x01000193)
    }
    value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
    return (value ^ (value >>> 13)) >>> 0
  }
  /** Of the row whose hash was asked for last, and another one. */
  const isSame = (a: number, b: number) => {
    unitOf(a, other)
    for (let w = 0; w < words.length; w++) if (words[w] !== otherWords[w]) return false
    return !hasLabels || (sizes[a] === sizes[b] && labels.every((codes) => codes[a] === codes[b]))
  }
  const kindOf = new Uint32Array(rows)
  const firsts = new Uint32Array(rows)
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * rows + 2))).fill(-1)
  let kinds = 0
  for (let row = 0; row < rows; row++) {
    let slot = hash(row) & (slots.length - 1)
    while (slots[slot] >= 0 && !isSame(firsts[slots[slot]], row)) slot = (slot + 1) & (slots.length - 1)
    if (slots[slot] < 0) {
      slots[slot] = kinds
      firsts[kinds++] = row
    }
    kindOf[row] = slots[slot]
  }
  const members = indexLabels(Int32Array.from(kindOf))
  return { firsts: firsts.slice(0, kinds), kindOf, membersOf: (kind: number) => members.rowsOf(kind) }
}
