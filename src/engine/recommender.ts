import { normalEquation } from '../data/confidence.ts'
import type { CosineIndex, FoldIn, Kernels } from '../kernels/kernels.ts'
import type { Configuration } from '../model/configuration.ts'
import type { Model } from '../model/model.ts'
import type { Blend, BlendQuery, Ranking } from './blend.ts'
import type { Coverage } from './coverage.ts'
import { bitset, coverageOf } from './coverage.ts'
import { UnknownCustomerError, UnknownProductError } from './errors.ts'
import { everyCandidate } from './every-candidate.ts'
import { historyOf, momentOf } from './history.ts'
import { learned } from './learned.ts'
import type { RankedList } from './listed.ts'
import { listed } from './listed.ts'
import { notebookCandidates } from './notebook-candidates.ts'
import { checkIndex, limitOf, pageOf } from './page.ts'
import type { PopularityRanking } from './popularity.ts'
import { popularityRanking, soldEver } from './popularity.ts'
import { recentSales } from './recent-sales.ts'
import type {
  HistoryEntry,
  RecommendationList,
  RecommendationRequest,
  SimilarList,
  SimilarRequest,
} from './recommendation.ts'
import { strategyOf, tastePartsOf, tastesOf } from './taste.ts'

/** A model that answers: what to recommend to whom and why, and what is similar to what. */
export class Recommender {
  readonly model: Model
  readonly #coverage: Coverage
  /** The products that have content features, as the kernels take them. */
  readonly #comparable: Uint32Array
  readonly #foldIn: FoldIn
  readonly #cosine: CosineIndex
  readonly #blend: Blend
  readonly #popular: PopularityRanking
  /** The latest purchase that the model knows. */
  readonly #latest: number

  /** @param kernels  stay open for as long as the recommender does */
  constructor(model: Model, kernels: Kernels) {
    const { blend, confidence, alpha, regularization, frequencyExponent } = model.summary.configuration
    const { data, rows, columns } = model.content
    this.model = model
    this.#coverage = coverageOf(model)
    this.#comparable = bitset(this.#coverage.content)
    this.#foldIn = kernels.openFoldIn(
      model.itemFactors,
      normalEquation(confidence, alpha, regularization, frequencyExponent),
    )
    this.#cosine = kernels.openCosine(data, rows, columns)
    this.#blend = this.#openBlend(blend, kernels)
    this.#latest = momentOf(model)
    this.#popular = popularityRanking(() =>
      blend === 'learned' ? recentSales(model)(this.#latest) : soldEver(model),
    )
  }

  /** @throws {UnknownCustomerError} */
  customerIndex(id: string): number {
    const index = this.model.customers.indexOf(id)
    if (index < 0) throw new UnknownCustomerError(id)
    return index
  }

  /** @throws {UnknownProductError} */
  productIndex(sku: string): number {
    const index = this.model.products.indexOf(sku)
    if (index < 0) throw new UnknownProductError([sku])
    return index
  }

  /**
   * What a known customer bought, the latest first.
   * @throws {RangeError} when the model has no such customer
   */
  history(customer: number): HistoryEntry[] {
    return historyOf(this.model, { customer, first: 0 })
  }

  /**
   * A list for each request: the one it would get alone. A batch costs one fold-in and one search, however its
   * requests differ.
   * @throws {RangeError} when a request names a customer or product the model has not, or a number that is no count
   */
  async recommend(requests: readonly RecommendationRequest[]): Promise<RecommendationList[]> {
    const queries = this.#queries(requests)
    const rankings = await this.#rank(queries)
    return requests.map((request, i) => this.#list(queries[i], rankings[i], request))
  }

  /**
   * As `recommend`, from the first product up to one more than the page takes, and no more than the ranking: for who
   * looks for a product in long lists, or in many.
   * @throws {RangeError} as `recommend`
   */
  async rank(requests: readonly RecommendationRequest[]): Promise<RankedList[]> {
    const queries = this.#queries(requests)
    const rankings = await this.#rank(queries)
    return queries.map(({ taste }, i) => ({
      strategy: strategyOf(this.model, taste),
      ranking: rankings[i],
    }))
  }

  /**
   * For each request the products nearest in content: never the product itself, but a twin of it. Empty for a product
   * of which nothing is known. One search a batch.
   * @throws {RangeError} as `recommend`
   */
  async similar(requests: readonly SimilarRequest[]): Promise<SimilarList[]> {
    const size = this.model.products.size
    for (const { product } of requests) checkIndex('product', product, size)
    const limits = requests.map((request) => limitOf(request, size))
    const k = Math.max(0, ...limits)
    const items = Uint32Array.from(requests, ({ product }) => product)
    const found = await this.#cosine.topK({ items, k, eligible: this.#comparable })
    return requests.map((request, i) => {
      const length = this.#coverage.content[request.product] ? Math.min(found.counts[i], limits[i]) : 0
      const { page, hasMore } = pageOf(
        Array.from({ length }, (_, place) => ({
          rank: place + 1,
          product: found.indices[i * k + place],
          similarity: found.similarities[i * k + place],
        })),
        request,
      )
      return { items: page, hasMore }
    })
  }

  /** Gives back what the kernels hold for this recommender. */
  close(): void {
    this.#foldIn.close()
    this.#cosine.close()
    this.#blend.close()
  }

  #at({ at = this.#latest }: RecommendationRequest): number {
    if (Object.is(at, this.#latest) || Number.isFinite(at)) return at
    throw new RangeError(`at must be a time in ms since 1970, not ${at}`)
  }

  #openBlend(blend: Configuration['blend'], kernels: Kernels): Blend {
    if (blend === 'notebook') return notebookCandidates(this.model, kernels, this.#coverage, this.#cosine)
    const open = blend === 'learned' ? learned : everyCandidate
    return open(this.model, kernels, this.#coverage)
  }

  #queries(requests: readonly RecommendationRequest[]): BlendQuery[] {
    const histories = requests.map((request) => historyOf(this.model, request))
    const tastes = tastesOf(this.model, this.#foldIn, this.#coverage, histories)
    return requests.map((request, i) => ({
      taste: tastes[i],
      history: histories[i],
      parts: tastePartsOf(this.model, this.#foldIn, histories[i]),
      at: this.#at(request),
      includePurchased: request.includePurchased ?? false,
      excluded: request.includePurchased ? [] : histories[i],
      limit: limitOf(request, this.model.products.size),
    }))
  }

  /** By the blend where any source speaks, else by popularity. */
  async #rank(queries: readonly BlendQuery[]): Promise<Ranking[]> {
    const heard = queries.filter(({ taste }) => strategyOf(this.model, taste) !== 'POPULARITY')
    const blended = heard.length > 0 ? await this.#blend.rank(heard) : []
    const rankings = new Map(heard.map((query, i) => [query, blended[i]]))
    return queries.map((query) => rankings.get(query) ?? this.#popular(query.excluded, query.limit))
  }

  #list(query: BlendQuery, ranking: Ranking, request: RecommendationRequest): RecommendationList {
    const { page, hasMore } = pageOf(ranking.products, request)
    const rank = (place: number) => (request.offset ?? 0) + place + 1
    return {
      strategy: strategyOf(this.model, query.taste),
      items: page.map((product, place) => listed(this.model, query.history, ranking, product, rank(place))),
      hasMore,
    }
  }
}
