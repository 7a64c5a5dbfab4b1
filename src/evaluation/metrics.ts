/**
 * How good one list is. Relevance is binary, the catalogue is ranked in full (Krichene & Rendle 2020,
 * doi:10.1145/3394486.3403226), and only the first K products of the list count.
 *
 * Legend: T the relevant products (never none), K the cut, hit(r) 1 where the product at rank r is relevant, else 0;
 * ranks begin at 1. A list shorter than K has simply found nothing at the ranks that it leaves empty.
 */

/** The metrics in the order of every table; the names in a report. */
export const METRICS = ['hitRate', 'recall', 'recallTruncated', 'precision', 'ndcg', 'mrr', 'map'] as const

export type Metric = (typeof METRICS)[number]

/** One list's values at one K, each from 0 to 1. */
interface ListMetrics extends Readonly<Record<Metric, number>> {
  /** 1 where at least one relevant product was found. */
  readonly hitRate: number
  /** Found / |T|: as LightGCN counts it (He et al. 2020, arXiv:2002.02126). Cannot reach 1 where |T| > K. */
  readonly recall: number
  /** Found / min(K, |T|): Liang et al. 2018 (arXiv:1802.05814), equation 8. A full list of hits is 1. */
  readonly recallTruncated: number
  /** Found / K, however short the list. */
  readonly precision: number
  /**
   * Σ hit(r)/log₂(r + 1), over the same sum of a list that begins with min(K, |T|) hits (Järvelin & Kekäläinen
   * 2002, doi:10.1145/582415.582418, binary gains).
   */
  readonly ndcg: number
  /** 1 / the rank of the first hit; 0 where there is none up to K. */
  readonly mrr: number
  /**
   * Average precision AP@K: Σ hit(r)·(hits up to r)/r, over min(K, |T|). (`ranx` divides by |T| instead: the same
   * where |T| ≤ K.) Its mean over the cases is MAP@K.
   */
  readonly map: number
}

/**
 * The ranks at which a list found something.
 * @param list  products, best first, each once
 * @param relevant  ascending, each once
 * @returns ascending, from 1
 */
export function ranksFound(list: ArrayLike<number>, relevant: ArrayLike<number>): number[] {
  const wanted = new Set(Array.from(relevant))
  const ranks: number[] = []
  for (let place = 0; place < list.length; place++) if (wanted.has(list[place])) ranks.push(place + 1)
  return ranks
}

/**
 * The metrics of one list at one K.
 * @param ranks  of the hits, ascending, as `ranksFound` gives them; those beyond K do not count
 * @param relevant  |T|, how many products there were to find
 * @param first  K
 * @throws {RangeError} unless `relevant` and `first` are whole numbers of at least 1
 */
export function metricsAt(ranks: readonly number[], relevant: number, first: number): ListMetrics {
  expectCount('the number of relevant products', relevant)
  expectCount('K', first)
  const hits = ranks.filter((rank) => rank <= first)
  const best = Math.min(first, relevant)
  const gain = hits.reduce((sum, rank) => sum + discount(rank), 0)
  const precisions = hits.reduce((sum, rank, i) => sum + (i + 1) / rank, 0)
  return {
    hitRate: hits.length > 0 ? 1 : 0,
    recall: hits.length / relevant,
    recallTruncated: hits.length / best,
    precision: hits.length / first,
    ndcg: gain / idealGain(best),
    mrr: hits.length > 0 ? 1 / hits[0] : 0,
    map: precisions / best,
  }
}

function idealGain(hits: number): number {
  let gain = 0
  for (let rank = 1; rank <= hits; rank++) gain += discount(rank)
  return gain
}

function discount(rank: number): number {
  return 1 / Math.log2(rank + 1)
}

function expectCount(what: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return
  throw new RangeError(`${what} has to be a whole number of at least 1, not ${value}`)
}
