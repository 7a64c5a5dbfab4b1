/** What each source alone would recommend: what the weights of the sources are fitted on. */
import { normalEquation } from '../data/confidence.ts'
import type { Kernels, VectorIndex } from '../kernels/kernels.ts'
import type { LearnedSource, SourceWeights } from '../model/blend-weights.ts'
import { LEARNED_SOURCES } from '../model/blend-weights.ts'
import type { Model } from '../model/model.ts'
import type { Coverage } from './coverage.ts'
import { historyOf, latestPurchaseOf } from './history.ts'
import type { Hearing, LearnedSources, Listener } from './learned-sources.ts'
import { tastesOf } from './taste.ts'
import type { LastOrder } from './validation-split.ts'

export type Proposals = Readonly<Record<LearnedSource, readonly number[]>>

const SILENCE = Object.fromEntries(LEARNED_SOURCES.map((source) => [source, 0])) as Record<
  LearnedSource,
  number
>

const DENSE = ['collaborative', 'content'] as const

/** What only the collaborative source, and only content, would rank by. */
const ALONE: readonly SourceWeights[] = DENSE.map((source) => ({ ...SILENCE, [source]: 1 }))

/**
 * The customers as they were before their last orders, asked about at the time of these.
 * @param model  fitted without the last orders
 */
export function listenersOf(
  model: Model,
  kernels: Kernels,
  coverage: Coverage,
  lastOrders: readonly LastOrder[],
): Listener[] {
  const { confidence, alpha, regularization, frequencyExponent } = model.summary.configuration
  const equation = normalEquation(confidence, alpha, regularization, frequencyExponent)
  const histories = lastOrders.map(({ customer }) => historyOf(model, { customer, first: 0 }))
  const foldIn = kernels.openFoldIn(model.itemFactors, equation)
  const tastes = tastesOf(model, foldIn, coverage, histories)
  foldIn.close()
  const latest = latestPurchaseOf(model)
  return histories.map((history, i) => ({
    taste: tastes[i],
    history,
    at: Number.isNaN(lastOrders[i].at) ? latest : lastOrders[i].at,
  }))
}

/**
 * Per customer the products that each source alone would put first.
 * @param index  of the sources' vectors
 * @param most  products a source
 */
export async function proposalsOf(
  index: VectorIndex,
  sources: LearnedSources,
  hearings: readonly Hearing[],
  most: number,
): Promise<Proposals[]> {
  const { columns } = sources.vectors
  const queries = new Float32Array(hearings.length * ALONE.length * columns)
  hearings.forEach((hearing, h) =>
    ALONE.forEach((weights, a) =>
      queries.set(sources.query(hearing, weights), (h * ALONE.length + a) * columns),
    ),
  )
  const { indices, counts } = await index.topK({
    queries,
    k: most,
    ...(sources.hasLabels && {
      additions: (q: number, sums: Float32Array) =>
        sources.writeAdditions(hearings[Math.floor(q / ALONE.length)], ALONE[q % ALONE.length], sums),
    }),
  })
  return hearings.map(({ sparse }, h) => {
    const dense = (source: (typeof DENSE)[number]) => {
      const row = h * ALONE.length + DENSE.indexOf(source)
      return Array.from(indices.subarray(row * most, row * most + counts[row]))
    }
    const best = (source: LearnedSource): readonly number[] =>
      source === 'collaborative' || source === 'content' ? dense(source) : sparse[source].best(most)
    return Object.fromEntries(LEARNED_SOURCES.map((source) => [source, best(source)] as const)) as Record<
      LearnedSource,
      readonly number[]
    >
  })
}
