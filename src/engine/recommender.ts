import type { FoldIn, Kernels } from '../kernels/kernels.ts'
import { atOnce, inPieces, type Pieces } from '../kernels/pieces.ts'
import { Work } from '../kernels/work.ts'
import { equationOf } from '../model/configuration.ts'
import type { Model } from '../model/model.ts'
import type { AvailabilityRegister } from '../store/availability.ts'
import { availabilityInMemory } from '../store/availability.ts'
import type { CatalogueStore } from '../store/catalogue.ts'
import type { EventStore } from '../store/event-store.ts'
import type { ArrangedRanking, Query, RankedList } from './arranged-list.ts'
import type { Place } from './ranking.ts'
import { hybridOf } from './ranking.ts'
import type { Reason } from './reason.ts'
import { reasonsOf } from './reasons.ts'
import { DEFAULT_LEAST_CUSTOMERS } from './buyers.ts'
import type { Eligibility } from './eligibility.ts'
import { eligibilityOf } from './eligibility.ts'
import { productIndicesOf, UnknownCustomerError } from './errors.ts'
import type { CustomerFeature } from '../model/customer-features.ts'
import { featuresOfCustomer, UNKNOWN_FEATURES } from '../model/customer-features.ts'
import { type CustomerKey, segmentOf } from './customer-key.ts'
import type { Histories, HistoryRequest } from './history.ts'
import { historiesOf, storedCustomerOf } from './history.ts'
import { liveHistories } from './live-histories.ts'
import { indexModelInPieces } from './model-indexes.ts'
import type { Neighbours } from './neighbours.ts'
import { type IndexWhenAsked, indexWhenAsked } from './index-when-asked.ts'
import { COSINES_OF_FACTORS, openNeighbours } from './neighbours.ts'
import { OpenedParts } from './opened-parts.ts'
import { pageOf } from './page.ts'
import type { ProductFilter } from './product-filter.ts'
import type { ProductSet } from './product-set.ts'
import { productsWhere } from './product-set.ts'
import type { Ranker } from './ranker.ts'
import { openRanker } from './ranker.ts'
import type { RecentSales } from './recent-sales.ts'
import { requestReader, unhiddenBy } from './request-reader.ts'
import type { HistoryEntry } from './history-entry.ts'
import type {
  Arranged,
  Recommendation,
  RecommendationList,
  RecommendationRequest,
  SimilarList,
  SimilarRequest,
} from './recommendation.ts'
import { TextSearch } from './text-search.ts'
import { hasHistoriesOf, trainedCustomers } from './trained-histories.ts'

/** So long may the histories be of lists that are searched together, on average: reading them takes as long. */
const PURCHASES_EACH = 100

/** What a recommender minds beside its model. */
export interface RecommenderOptions {
  /** What may be shown; who opened it closes it. Default: everything, and what changes is forgotten. */
  readonly availability?: AvailabilityRegister
  /** What the model's customers bought. Default: what the model says. */
  readonly histories?: Histories
  /**
   * What has happened since the model was trained: it counts for the next list. Who opened it closes it. Default: nothing,
   * and nothing can be recorded.
   */
  readonly events?: EventStore
  /**
   * The shop's catalogue as it is now, which products are described by. Who opened it closes it. Default: there is none,
   * and none can be written.
   */
  readonly catalogue?: CatalogueStore
  /** The time by which products come and go, in ms since 1970. Default: the clock. */
  readonly now?: () => number
  /**
   * How many customers must have bought two products before that tells anything to who is not a known customer: in lists
   * for a basket or beside a product, and among neighbours by customers or factors (buyers.ts). A whole number of at least
   * 1. Default: 2, so that what a single customer bought does not show.
   */
  readonly leastCustomers?: number
}

/** What a customer was like when the model was trained. */
export interface CustomerProfile {
  /** The group of similar customers; null without a purchase. */
  readonly segment: string | null
  /** Null unknown. */
  readonly features: Readonly<Record<CustomerFeature, number | null>>
}

/** The part of a recommender (opened-parts.ts) that compares by content. */
const COSINES_OF_CONTENT = 'cosines of content'

/** A model that answers: what to recommend to whom and why, and what is similar to what. */
export class Recommender {
  readonly model: Model
  readonly availability: AvailabilityRegister
  /** What the model's customers bought when it was trained. */
  readonly histories: Histories
  /** What has happened since; null: nothing is recorded. */
  readonly events: EventStore | null
  /** The shop's catalogue; null: there is none. */
  readonly catalogue: CatalogueStore | null
  /** Finds products and customers by text. */
  readonly search: TextSearch
  /** Since when the model is open. */
  readonly openedAt: Date
  readonly #parts: OpenedParts
  readonly #foldIn: FoldIn
  /** Of content; opened when it is first asked, which no list for a customer does under the default blend. */
  readonly #cosine: IndexWhenAsked
  readonly #ranker: Ranker
  readonly #neighbours: Neighbours
  readonly #eligibility: Eligibility
  readonly #read: (requests: readonly RecommendationRequest[], histories: Histories) => Query[]
  /** The latest purchase that the model knows. */
  readonly #latest: number
  readonly #salesAt: RecentSales

  /**
   * @param kernels  stay open for as long as the recommender does
   * @param opening  left out; `Recommender.open` gives it
   * @throws {RangeError} on a `leastCustomers` that is no whole number of at least 1
   */
  constructor(
    model: Model,
    kernels: Kernels,
    options: RecommenderOptions = {},
    opening: Opening = atOnce(openModel(model, kernels, options)),
  ) {
    const { now = Date.now } = options
    this.model = model
    this.availability = opening.availability
    this.histories = options.histories ?? historiesOf(model)
    this.events = options.events ?? null
    this.catalogue = options.catalogue ?? null
    this.search = new TextSearch(model)
    this.openedAt = new Date(now())
    this.#parts = opening.parts
    this.#foldIn = opening.foldIn
    this.#cosine = opening.cosine
    this.#latest = opening.latest
    this.#salesAt = opening.salesAt
    this.#eligibility = opening.eligibility
    this.#neighbours = opening.neighbours
    this.#read = opening.read
    this.#ranker = opening.ranker
  }

  /**
   * Opens a recommender in pieces that let others have their turn; neighbours if the former one had them open. It answers as
   * one that the constructor makes.
   * @param former  over the same kernels, with the same settings: what was opened over arrays that both models share is
   *   taken over. It may be closed meanwhile
   * @throws {RangeError} as the constructor
   */
  static async open(
    model: Model,
    kernels: Kernels,
    options: RecommenderOptions = {},
    former?: Recommender,
  ): Promise<Recommender> {
    const parts = new OpenedParts(former === undefined ? undefined : former.#parts)
    const opening = await inPieces(openModel(model, kernels, options, parts))
    const recommender = new Recommender(model, kernels, options, opening)
    if (parts.wasOpen(COSINES_OF_CONTENT)) await recommender.#cosine.open()
    if (parts.wasOpen(COSINES_OF_FACTORS)) await recommender.#neighbours.open()
    parts.forgetFormer()
    return recommender
  }

  /** @throws {UnknownCustomerError} */
  customerIndex(id: string): number {
    const index = this.model.customers.indexOf(id)
    if (index < 0) throw new UnknownCustomerError(id, this.model.summary.withoutHistories)
    return index
  }

  /**
   * A customer of the model, or one whom the store knows.
   * @throws {UnknownCustomerError}
   * @throws {StoreError} when the events cannot be read
   */
  async customerKey(id: string): Promise<CustomerKey> {
    if (this.model.customers.indexOf(id) < 0 && (await this.events?.known([id]))?.has(id)) return id
    return this.customerIndex(id)
  }

  /** @throws {UnknownProductError} */
  productIndex(sku: string): number {
    const [index] = productIndicesOf([sku], this.model.products)
    return index
  }

  /**
   * What the customers of requests bought, as of now: the events of all of them are looked up in one call.
   * @throws {RangeError} when the model has no such customer
   * @throws {StoreError} when the events cannot be read
   */
  async historiesFor(requests: readonly HistoryRequest[]): Promise<Histories> {
    if (this.events === null) return this.histories
    const customers = requests.map(storedCustomerOf).filter((customer) => customer !== undefined)
    return liveHistories(this.model, this.histories, this.events, customers)
  }

  /**
   * What a known customer bought, the latest first, as of now.
   * @throws {RangeError} when the model has no such customer
   * @throws {StoreError} when the events cannot be read
   */
  async purchasesOf(customer: CustomerKey): Promise<readonly HistoryEntry[]> {
    const [purchases] = (await this.historiesFor([{ customer }])).of([customer])
    return purchases
  }

  /**
   * What a customer had bought when the model was trained, the latest first.
   * @throws {RangeError} when the model has no such customer
   */
  history(customer: number): HistoryEntry[] {
    return [...this.histories.of([customer])[0]]
  }

  /**
   * What customers were like when the model was trained: of one whom the model does not hold, as the store says that it was
   * trained on; null where neither knows. The store is asked in one call.
   * @throws {StoreError} when the events cannot be read
   */
  async profilesOf(customers: readonly CustomerKey[]): Promise<readonly CustomerProfile[]> {
    const { model, events } = this
    const unheld = customers.filter((customer) => typeof customer === 'string')
    const isAsked = unheld.length > 0 && events !== null && (await hasHistoriesOf(events, model.summary))
    const trained = isAsked ? (await trainedCustomers(model, events, unheld)).values() : undefined
    return customers.map((customer) => {
      if (typeof customer === 'number')
        return {
          segment: segmentOf(model, customer),
          features: featuresOfCustomer(model.customerFeatures, customer),
        }
      const { segment = null, features = UNKNOWN_FEATURES } = trained?.next().value ?? {}
      return { segment, features }
    })
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

  /** As `eligible`, found out in pieces that let others have their turn. @throws {InvalidFilterError} */
  async eligibleInPieces(filter: ProductFilter | undefined, work: Work): Promise<ProductSet | null> {
    await this.#eligibility.prepare(filter, work)
    return this.#eligibility(filter)
  }

  /** Whether a filter can be, without looking at the catalogue. @throws {InvalidFilterError} */
  checkFilter(filter: ProductFilter): void {
    this.#eligibility.check(filter)
  }

  /**
   * A list for each request: the one it would get alone. A batch costs one fold-in, and one search for all of the same
   * kind and filter, however else its requests differ; of histories the PRODUCTS_READ latest products are read.
   * @param work  what it may take
   * @throws {RangeError} when a request names a customer or product the model has not, or a number that is no count
   * @throws {InvalidRequestError} when a filter or an arrangement cannot be
   */
  async recommend(
    requests: readonly RecommendationRequest[],
    work: Work = new Work(),
  ): Promise<RecommendationList[]> {
    const lists: RecommendationList[] = []
    for await (const { query, ranking, request } of this.#ranked(requests, work))
      lists.push(work.time(() => this.#list(query, ranking, request)))
    return lists
  }

  /**
   * As `recommend`, from the first product up to one more than the page takes, and no more than the ranking: for who
   * looks for a product in long lists, or in many.
   * @throws {RangeError} as `recommend`
   * @throws {InvalidRequestError} as `recommend`
   */
  async rank(requests: readonly RecommendationRequest[], work: Work = new Work()): Promise<RankedList[]> {
    const lists: RankedList[] = []
    for await (const { query, ranking } of this.#ranked(requests, work))
      lists.push({ strategy: this.#ranker.strategyOf(query), ranking })
    return lists
  }

  /**
   * For each request the products nearest to one: never the product itself, but a twin of it. Empty for a product of
   * which nothing is known that it could be compared by.
   * @throws {RangeError} as `recommend`
   * @throws {InvalidFilterError}
   */
  similar(requests: readonly SimilarRequest[], work: Work = new Work()): Promise<SimilarList[]> {
    return this.#neighbours.search(requests, work)
  }

  /**
   * Makes what products are compared by, content and factors, in pieces that let others have their turn. Left out, each is
   * made at its first use: some 0.1 s of processor time for a catalogue of 33,000.
   * @throws {KernelError} when there is not enough memory
   */
  async openNeighbours(): Promise<void> {
    await this.#cosine.open()
    await this.#neighbours.open()
  }

  /**
   * Where a product stands in the whole list of a request, and its score; null where the list does not hold it,
   * undefined where it takes the list to say (`rank`).
   * @throws {RangeError} as `recommend`
   * @throws {InvalidRequestError} as `recommend`
   */
  async placeOf(
    request: RecommendationRequest,
    product: number,
    work: Work = new Work(),
  ): Promise<Place | null | undefined> {
    const histories = await this.historiesFor([request])
    await this.#prepare(request, histories, work)
    const [query] = work.time(() => this.#read([request], histories))
    return this.#ranker.placeOf(query, product, work)
  }

  /** Makes the sets of a request's filters, and the sums of its moment, in pieces. */
  async #prepare(request: RecommendationRequest, histories: Histories, work: Work): Promise<void> {
    const unhidden = unhiddenBy(this.model, request, histories)
    const boosts = request.arrangement?.boosts ?? []
    for (const filter of [
      request.filter,
      ...(unhidden ? [unhidden] : []),
      ...boosts.map(({ filter: of }) => of),
    ])
      await this.#eligibility.prepare(filter, work)
    if (request.at !== undefined) await this.#salesAt.prepare(request.at, work)
  }

  /** Requests with their queries and rankings, in their order, so many at a time as are searched together. */
  async *#ranked(requests: readonly RecommendationRequest[], work: Work) {
    const histories = await this.historiesFor(requests)
    for (const group of this.#groupsOf(requests, histories, work)) {
      for (const request of group) await this.#prepare(request, histories, work)
      const turn = work.pause()
      if (turn) await turn
      const queries = work.time(() => this.#read(group, histories))
      const rankings = await this.#ranker.rank(queries, work)
      for (const [i, request] of group.entries()) {
        const pause = work.pause()
        if (pause) await pause
        yield { request, query: queries[i], ranking: rankings[i] }
      }
    }
  }

  /** Gives back what the kernels hold for this recommender. */
  close(): void {
    void this.search.close()
    this.#foldIn.close()
    this.#neighbours.close()
    this.#cosine.close()
    this.#ranker.close()
  }

  /** So many requests at a time as are searched together, fewer where their histories are long. */
  *#groupsOf(requests: readonly RecommendationRequest[], histories: Histories, work: Work) {
    let group: RecommendationRequest[] = []
    let purchases = 0
    for (const request of requests) {
      const customer = storedCustomerOf(request)
      const bought = request.history?.length ?? (customer === undefined ? 0 : histories.lengthOf(customer))
      const isFull = group.length >= work.together || purchases + bought > work.together * PURCHASES_EACH
      if (isFull && group.length > 0) {
        yield group
        group = []
        purchases = 0
      }
      group.push(request)
      purchases += bought
    }
    if (group.length > 0) yield group
  }

  #list(query: Query, ranking: ArrangedRanking, request: RecommendationRequest): RecommendationList {
    const { page, hasMore } = pageOf(ranking.products, request)
    const rank = (place: number) => (request.offset ?? 0) + place + 1
    return {
      strategy: this.#ranker.strategyOf(query),
      items: page.map((product, place) => recommendationOf(ranking, product, rank(place))),
      hasMore,
    }
  }
}

/** What a recommender consists of. */
interface Opening {
  readonly parts: OpenedParts
  readonly availability: AvailabilityRegister
  readonly foldIn: FoldIn
  readonly cosine: IndexWhenAsked
  readonly latest: number
  readonly salesAt: RecentSales
  readonly eligibility: Eligibility
  readonly neighbours: Neighbours
  readonly read: (requests: readonly RecommendationRequest[], histories: Histories) => Query[]
  readonly ranker: Ranker
}

function* openModel(
  model: Model,
  kernels: Kernels,
  {
    availability = availabilityInMemory(),
    now = Date.now,
    leastCustomers = DEFAULT_LEAST_CUSTOMERS,
  }: RecommenderOptions,
  parts: OpenedParts = new OpenedParts(),
): Pieces<Opening> {
  if (!Number.isSafeInteger(leastCustomers) || leastCustomers < 1) {
    throw new RangeError(`leastCustomers must be a whole number of at least 1, not ${leastCustomers}`)
  }
  const { content, itemFactors } = model
  const indexes = yield* indexModelInPieces(model, kernels, parts)
  const { coverage } = indexes
  const { configuration } = model.summary
  const foldIn = yield* parts.open('fold-in', [itemFactors, configuration], function* () {
    yield
    return kernels.openFoldIn(itemFactors, equationOf(configuration))
  })
  yield
  const { data, rows, columns, labels } = content
  const cosine = indexWhenAsked(() =>
    parts.open(COSINES_OF_CONTENT, [content], () => kernels.openCosineInPieces(data, rows, columns, labels)),
  )
  const eligibility = eligibilityOf(model, availability, now)
  const comparable = productsWhere(rows, (product) => coverage.content[product] === 1)
  const space = { index: cosine, comparable }
  yield
  return {
    parts,
    availability,
    foldIn,
    cosine,
    latest: indexes.latest,
    salesAt: indexes.salesAt,
    eligibility,
    neighbours: openNeighbours(model, kernels, space, coverage, eligibility, leastCustomers, parts),
    read: requestReader(model, foldIn, indexes, eligibility, leastCustomers, now),
    ranker: yield* openRanker(indexes, cosine, comparable, eligibility),
  }
}

const BY_SCORE: Omit<Arranged, 'final'> = { placement: 'RANKED', boost: 1, similarityAbove: null }

/** A ranked product with all that led to it. */
function recommendationOf(ranking: ArrangedRanking, product: number, rank: number): Recommendation {
  const sources = ranking.sources(product)
  const hybrid = hybridOf(sources)
  let reasons: readonly Reason[] | undefined
  return {
    rank,
    product,
    hybrid,
    sources,
    arranged: ranking.arranged?.(product) ?? { ...BY_SCORE, final: hybrid },
    reasons: () => (reasons ??= reasonsOf(ranking.causes(product))),
  }
}
