import { checkFinite, checkItems } from './checks.ts'
import { type CosineIndex, type CosineTopKQuery, type CosineTopKResult, KernelError } from './kernels.ts'
import { indexLabels, labelProduct, NO_LABELS, type RowLabels, unitRows } from './row-labels.ts'
import type { WorkerPool } from './wasm-pool.ts'
import type { SearchJob } from './wasm-topk.ts'
import { openVectors } from './wasm-topk.ts'

/**
 * `Kernels.openCosine`: the core ranks in single precision, what could be among the best is scored again in double.
 *
 * Exact by construction: unit rows rounded to f32 and a dot product of d terms are off by at most
 * ε = (d + 3)·2⁻²⁴ (Higham 2002, section 3.1, with |a|·|b| ≤ 1). Once the weakest of the k + slack found in single
 * precision lies more than 2ε below the k-th best in double, nothing unseen can belong among the k; else the slack
 * doubles and the query is asked again. What labels add comes to each product's sum in single precision too: a rounding
 * a column, and one of the whole.
 */
export function openCosine(
  module: WebAssembly.Module,
  pool: WorkerPool<SearchJob>,
  features: Float64Array,
  rows: number,
  columns: number,
  labels: RowLabels = NO_LABELS,
): CosineIndex {
  checkFinite(features, 'features', columns)
  if (features.length !== rows * columns) {
    throw new KernelError(`features: expected ${rows} × ${columns} numbers, got ${features.length}`)
  }
  // Without any feature all are equally dissimilar: one column of zeros says the same.
  if (columns === 0) return openCosine(module, pool, new Float64Array(rows), rows, 1, labels)
  const { units, sizes } = unitRows(features, rows, columns, labels)
  const unitLabels = { sizes, columns: labels.columns }
  const byLabel = labels.columns.map(indexLabels)
  const index = openVectors(module, pool, { rows, columns, data: Float32Array.from(units) })
  const bound = (columns + 3 + 2 * byLabel.length) * 2 ** -24

  /** What the labels add to an item's inner product with each other one. */
  function addLabels(item: number, sums: Float32Array): void {
    sums.fill(0)
    labels.columns.forEach((codes, c) => {
      for (const other of byLabel[c].rowsOf(codes[item])) sums[other] += sizes[item] * sizes[other]
    })
  }

  /** The k best of one item's candidates in double precision; undefined when that is not proved to be all. */
  const settle = (
    item: number,
    k: number,
    found: { items: Uint32Array; weakest: number; isAll: boolean },
    above: number,
  ) => {
    const scored = Array.from(found.items, (candidate) => ({
      item: candidate,
      similarity:
        dot(units, item * columns, candidate * columns, columns) + labelProduct(unitLabels, item, candidate),
    }))
    scored.sort((a, b) => b.similarity - a.similarity || a.item - b.item)
    const isProved =
      found.isAll || found.weakest + bound <= above || scored[k - 1].similarity > found.weakest + 2 * bound
    return isProved ? scored.slice(0, k).filter(({ similarity }) => similarity > above) : undefined
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
      let open = Array.from(items.keys())
      for (let wanted = k + 8; open.length > 0; wanted = 2 * wanted) {
        const asked = Uint32Array.from(open, (q) => items[q])
        const queries = new Float32Array(asked.length * columns)
        asked.forEach((item, q) => {
          for (let c = 0; c < columns; c++) queries[q * columns + c] = units[item * columns + c]
        })
        const excluded = {
          indptr: Uint32Array.from({ length: asked.length + 1 }, (_, q) => q),
          indices: asked,
        }
        const kept = Math.min(wanted, rows)
        const turn = pause?.()
        if (turn) await turn
        const found = await index.topK({
          queries,
          k: kept,
          excluded,
          ...(byLabel.length > 0 && { additions: (q, sums) => addLabels(asked[q], sums) }),
          ...(eligible === undefined ? {} : { eligible }),
        })
        const unproved: number[] = []
        for (const [at, q] of open.entries()) {
          const pausing = pause?.()
          if (pausing) await pausing
          const count = found.counts[at]
          const best = settle(
            items[q],
            k,
            {
              items: found.indices.subarray(at * kept, at * kept + count),
              weakest: count === 0 ? 0 : found.scores[at * kept + count - 1],
              isAll: count < kept || kept === rows,
            },
            above,
          )
          if (best === undefined) {
            unproved.push(q)
            continue
          }
          result.counts[q] = best.length
          best.forEach(({ item, similarity }, rank) => {
            result.indices[q * k + rank] = item
            result.similarities[q * k + rank] = similarity
          })
        }
        open = unproved
      }
      return result
    },
    close: () => index.close(),
  }
}

function dot(data: Float64Array, a: number, b: number, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += data[a + i] * data[b + i]
  return sum
}
