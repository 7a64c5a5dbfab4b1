import { normalEquation } from '../data/confidence.ts'
import type { CosineIndex, FoldIn, Kernels } from '../kernels/kernels.ts'
import type { Model } from '../model/model.ts'
import type { AvailabilityRegister } from '../store/availability.ts'
import { openAvailability } from '../store/availability-store.ts'
import { IN_MEMORY } from '../store/database.ts'
import type { ArrangedRanking, Query } from './arranged-list.ts'
import { coverageOf } from './coverage.ts'
import type { Eligibility } from './eligibility.ts'
import { eligibilityOf } from './eligibility.ts'
import { UnknownCustomerError, UnknownProductError } from './errors.ts'
import { historyOf, latestPurchaseOf } from './history.ts'
import type { RankedList } from './listed.ts'
import { listed } from './listed.ts'
import type { Neighbours } from './neighbours.ts'
import { openNeighbours } from './neighbours.ts'
import { pageOf } from './page.ts'
import type { ProductFilter } from './product-filter.ts'
import type { ProductSet } from './product-set.ts'
import { productsWhere } from './product-set.ts'
import type { Ranker } from './ranker.ts'
import { openRanker } from './ranker.ts'
import { requestReader } from './request-reader.ts'
import type {
  HistoryEntry,
  RecommendationList,
  RecommendationRequest,
  SimilarList,
  SimilarRequest,
} from './recommendation.ts'
import { TextSearch } from './text-search.ts'

/** What a recommender minds beside its model. */
export interface RecommenderOptions {
  /** What may be shown; who opened it closes it. Default: everything, and what changes is forgotten. */
  readonly availability?: AvailabilityRegister
  /** The time by which products come and go, in ms since 1970. Default: the clock. */
  readonly now?: () => number
}

/** A model that answers: what to recommend to whom and why, and what is similar to what. */
export class Recommender {
  readonly model: Model
  readonly availability: AvailabilityRegister
  /** Finds products and customers by text. */
  readonly search: TextSearch
  /** Since when the model is open. */
  readonly openedAt: Date
  /** Where no other was given. */
  readonly #own: AvailabilityRegister | null
  readonly #foldIn: FoldIn
  readonly #cosine: CosineIndex
  readonly #ranker: Ranker
  readonly #neighbours: Neighbours
  readonly #eligibility: Eligibility
  readonly #read: (requests: readonly RecommendationRequest[]) => Query[]
  /** The latest purchase that the model knows. */
  readonly #latest: number

  /** @param kernels  stay open for as long as the recommender does */
  constructor(model: Model, kernels: Kernels, { availability, now = Date.now }: RecommenderOptions = {}) {
    const { confidence, alpha, regularization, frequencyExponent } = model.summary.configuration
    const { data, rows, columns, labels } = model.content
    this.model = model
    this.#own = availability ? null : openAvailability(IN_MEMORY)
    this.availability = availability ?? this.#own!
    this.search = new TextSearch(model)
    this.openedAt = new Date(now())
    const coverage = coverageOf(model)
    this.#foldIn = kernels.openFoldIn(
      model.itemFactors,
      normalEquation(confidence, alpha, regularization, frequencyExponent),
    )
    this.#cosine = kernels.openCosine(data, rows, columns, labels)
    this.#latest = latestPurchaseOf(model)
    this.#eligibility = eligibilityOf(model, this.availability, now)
    const comparable = productsWhere(rows, (product) => coverage.content[product] === 1)
    const content = { index: this.#cosine, comparable }
    this.#neighbours = openNeighbours(model, kernels, content, coverage, this.#eligibility)
    this.#read = requestReader(model, this.#foldIn, coverage, this.#eligibility, this.#latest)
    this.#ranker = openRanker(
      model,
      kernels,
      coverage,
      this.#cosine,
      comparable,
      this.#eligibility,
      this.#latest,
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

  /** The latest purchase that the model knows, in ms since 1970 UTC; null where it knows the time of none. */
  get latestPurchase(): number | null {
    return Number.isNaN(this.#latest) ? null : this.#latest
  }

  /**
   * The products that pass a filter, of those that are shown at all; null: all of the model's.
   * @throws {InvalidFilterError}
   */
  eligible(filter?: ProductFilter): ProductSet | null {
    return this.#eligibility(filter)
  }

  /**
   * A list for each request: the one it would get alone. A batch costs one fold-in, and one search for all of the same
   * kind and filter, however else its requests differ.
   * @throws {RangeError} when a request names a customer or product the model has not, or a number that is no count
   * @throws {InvalidRequestError} when a filter or an arrangement cannot be
   */
  async recommend(requests: readonly RecommendationRequest[]): Promise<RecommendationList[]> {
    const queries = this.#read(requests)
    const rankings = await this.#ranker.rank(queries)
    return requests.map((request, i) => this.#list(queries[i], rankings[i], request))
  }

  /**
   * As `recommend`, from the first product up to one more than the page takes, and no more than the ranking: for who
   * looks for a product in long lists, or in many.
   * @throws {RangeError} as `recommend`
   * @throws {InvalidRequestError} as `recommend`
   */
  async rank(requests: readonly RecommendationRequest[]): Promise<RankedList[]> {
    const queries = this.#read(requests)
    const rankings = await this.#ranker.rank(queries)
    return queries.map((query, i) => ({ strategy: this.#ranker.strategyOf(query), ranking: rankings[i] }))
  }

  /**
   * For each request the products nearest to one: never the product itself, but a twin of it. Empty for a product of
   * which nothing is known that it could be compared by.
   * @throws {RangeError} as `recommend`
   * @throws {InvalidFilterError}
   */
  similar(requests: readonly SimilarRequest[]): Promise<SimilarList[]> {
    return this.#neighbours.search(requests)
  }

  /** Gives back what the kernels hold for this recommender. */
  close(): void {
    this.#own?.close()
    void this.search.close()
    this.#foldIn.close()
    this.#neighbours.close()
    this.#cosine.close()
    this.#ranker.close()
  }

  #list(query: Query, ranking: ArrangedRanking, request: RecommendationRequest): RecommendationList {
    const { page, hasMore } = pageOf(ranking.products, request)
    const rank = (place: number) => (request.offset ?? 0) + place + 1
    return {
      strategy: this.#ranker.strategyOf(query),
      items: page.map((product, place) => listed(this.model, query.history, ranking, product, rank(place))),
      hasMore,
    }
  }
}
