/**
 * The default blend: every product scored by every source that can score it (hybrid-score.ts), all in one search.
 *
 * A hybrid score is a sum of inner products, so it is one inner product of longer vectors, and one top-K search over
 * these ranks the whole catalogue exactly. Only the weights need care: they depend on which sources cover the
 * product, its class (both, one, none), and which speak to the customer. So each class that occurs has a block of
 * dimensions to itself, 0 in all other products, and a query weighs each block as that class demands:
 *
 *   product:  [ y_j − ȳ       | f_j − f̄       | 1 ]  in the block of its class, the parts that cover it
 *   query:    [ w_c · x/σ_c   | w_n · p/σ_n   | b ]  in every block
 *
 * with b = 0, or out of reach where no source covering the class speaks to the customer: such products are not
 * eligible for them. As a rule both sources cover everything, and there is one block.
 *
 * Legend: y_j factors, x the customer's (collaborative, c); f_j content features, p the profile (content, n).
 */
import type { Kernels } from '../kernels/kernels.ts'
import type { Work } from '../kernels/work.ts'
import type { Model } from '../model/model.ts'
import type { Blend, BlendQuery, Ranking } from './blend.ts'
import { inGroups } from './blend.ts'
import { ANYBODY, buyersOf } from './buyers.ts'
import type { Coverage } from './coverage.ts'
import { productsOf } from './history.ts'
import type { CalibratedSource, Voice } from './hybrid-score.ts'
import { calibratedSources, denseCauses, partsOf, voicesOf, weightsOf } from './hybrid-score.ts'
import type { ProductSet } from './product-set.ts'
import { isIn } from './product-set.ts'

/** b of the ineligible: below any score there can be, well within a float's range. */
const OUT_OF_REACH = -1e30

/** The dimensions of one class of products: where they start, and which sources cover it. */
interface Block {
  readonly offset: number
  readonly covering: readonly boolean[]
}

interface Scored {
  readonly product: number
  /** In single precision. */
  readonly score: number
}

/** @param coverage  of the same model */
export function everyCandidate(model: Model, kernels: Kernels, coverage: Coverage): Blend {
  const rows = model.products.size
  const sources = calibratedSources(model, kernels, coverage)
  const classes = classesOf(sources, rows)
  const { blocks, columns } = arrange(sources, classes)
  const buyers = buyersOf(model.histories)
  const hasLabels = sources.some(({ labels }) => labels !== null)
  const index = kernels.openVectors({ rows, columns, data: itemRows(sources, classes, blocks, columns) })

  async function search(
    queries: readonly BlendQuery[],
    voices: readonly (readonly Voice[])[],
    eligible: ProductSet | null,
    work: Work,
  ): Promise<Scored[][]> {
    const k = Math.max(...queries.map(({ limit }) => limit))
    const found = await work.searched(() =>
      index.topK({
        queries: queryRows(sources, voices, blocks, columns),
        k,
        excluded: productsOf(queries.map(({ excluded }) => excluded)),
        ...(hasLabels && {
          additions: (q: number, sums: Float32Array) =>
            writeLabels(sources, voices[q], classes, blocks, sums),
        }),
        ...(eligible && { eligible: eligible.bits }),
      }),
    )
    return queries.map(({ limit }, q) =>
      Array.from({ length: Math.min(limit, found.counts[q]) }, (_, place) => ({
        product: found.indices[q * k + place],
        score: found.scores[q * k + place],
      })).filter(({ score }) => score > OUT_OF_REACH / 2),
    )
  }

  /**
   * Of what fewer customers bought than a query asks for, the collaborative source says nothing to it: these products are
   * searched for by themselves.
   */
  async function rankOf(
    queries: readonly BlendQuery[],
    least: number,
    eligible: ProductSet | null,
    work: Work,
  ): Promise<Ranking[]> {
    const voices = queries.map(({ taste }) => voicesOf(sources, taste))
    const rareVoices = voices.map((spoken) =>
      spoken.map((voice, s) => (sources[s].source === 'collaborative' ? null : voice)),
    )
    const rare = least > ANYBODY ? buyers.boughtByFewer(least, eligible) : null
    const hasRare = rare !== null && rare.count > 0
    const many = await search(queries, voices, hasRare ? buyers.boughtBy(least, eligible) : eligible, work)
    const few = hasRare ? await search(queries, rareVoices, rare, work) : []
    return queries.map((query, q) => {
      const both = [...many[q], ...(few[q] ?? [])]
      both.sort((a, b) => b.score - a.score || a.product - b.product)
      const heard = (product: number) => (hasRare && isIn(rare, product) ? rareVoices[q] : voices[q])
      const parts = (product: number) => partsOf(sources, heard(product), product)
      return {
        products: both.slice(0, query.limit).map(({ product }) => product),
        sources: parts,
        causes: (product) =>
          parts(product).flatMap((score, s) =>
            denseCauses(sources[s], heard(product)[s], score, query, product),
          ),
      }
    })
  }

  async function rank(
    queries: readonly BlendQuery[],
    eligible: ProductSet | null,
    work: Work,
  ): Promise<Ranking[]> {
    const rankings = new Map<BlendQuery, Ranking>()
    for (const [least, group] of Map.groupBy(queries, ({ leastCustomers }) => leastCustomers)) {
      const ranked = await rankOf(group, least, eligible, work)
      group.forEach((query, i) => rankings.set(query, ranked[i]))
    }
    return queries.map((query) => rankings.get(query)!)
  }
  return {
    rank: (queries, eligible, work) => inGroups(queries, work, (group) => rank(group, eligible, work)),
    close: () => index.close(),
  }
}

/** Per product, bit s says whether source s covers it. */
function classesOf(sources: readonly CalibratedSource[], rows: number): Uint8Array {
  const classOf = (product: number) =>
    sources.reduce((bits, { covered }, s) => bits | (covered[product] << s), 0)
  return Uint8Array.from({ length: rows }, (_, product) => classOf(product))
}

/** A block for each class that occurs. */
function arrange(sources: readonly CalibratedSource[], classes: Uint8Array) {
  const blocks = new Map<number, Block>()
  let columns = 0
  for (const bits of new Set(classes)) {
    const covering = sources.map((_, s) => ((bits >> s) & 1) === 1)
    blocks.set(bits, { offset: columns, covering })
    columns += sources.reduce((sum, { calibration }, s) => sum + (covering[s] ? calibration.columns : 0), 1)
  }
  return { blocks, columns }
}

function itemRows(
  sources: readonly CalibratedSource[],
  classes: Uint8Array,
  blocks: ReadonlyMap<number, Block>,
  columns: number,
): Float32Array {
  const data = new Float32Array(classes.length * columns)
  classes.forEach((bits, product) => {
    const { offset, covering } = blocks.get(bits)!
    let at = product * columns + offset
    sources.forEach(({ calibration: { centred, columns: d } }, s) => {
      if (!covering[s]) return
      data.set(centred.subarray(product * d, (product + 1) * d), at)
      at += d
    })
    data[at] = 1
  })
  return data
}

/** What labels that are no dimensions add to each product's score. */
function writeLabels(
  sources: readonly CalibratedSource[],
  voices: readonly Voice[],
  classes: Uint8Array,
  blocks: ReadonlyMap<number, Block>,
  sums: Float32Array,
): void {
  const weights = new Map(
    [...blocks].map(([bits, { covering }]) => [bits, weightsOf(sources, voices, covering)]),
  )
  sums.fill(0)
  sources.forEach(({ calibration: { labels } }, s) => {
    const voice = voices[s]
    if (labels && voice)
      labels.addTo(sums, voice.labels, (product) => weights.get(classes[product])![s] / voice.deviation)
  })
}

function queryRows(
  sources: readonly CalibratedSource[],
  customers: readonly (readonly Voice[])[],
  blocks: ReadonlyMap<number, Block>,
  columns: number,
): Float32Array {
  const data = new Float32Array(customers.length * columns)
  customers.forEach((voices, customer) => {
    for (const { offset, covering } of blocks.values()) {
      const weights = weightsOf(sources, voices, covering)
      let at = customer * columns + offset
      sources.forEach(({ calibration }, s) => {
        if (!covering[s]) return
        voices[s]?.calibrated.forEach((value, d) => (data[at + d] = weights[s] * value))
        at += calibration.columns
      })
      if (weights.every((weight) => weight === 0)) data[at] = OUT_OF_REACH
    }
  })
  return data
}
