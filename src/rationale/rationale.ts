import { GraphQLSchema } from 'graphql'
import type { Dataset } from '../data/dataset.ts'
import { readDataset } from '../data/read.ts'
import { Recommender } from '../engine/recommender.ts'
import { trainModel } from '../engine/train.ts'
import { standingsOf } from '../engine/what-if.ts'
import { gatherEvidence } from '../explanations/evidence.ts'
import { type Explainer, templateExplainer } from '../explanations/explainer.ts'
import { type Context, createContext } from '../graphql/context.ts'
import { deferDirective } from '../graphql/graphql-versions.ts'
import { schema } from '../graphql/schema.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { openKernels } from '../kernels/open.ts'
import { configure } from '../model/configuration.ts'
import type { Model } from '../model/model.ts'
import { openModel } from '../model/model-file.ts'
import { createEmbeddedHandler } from '../server/embedded-handler.ts'
import type { Handler } from '../server/handler.ts'
import {
  type NearProduct,
  nearProduct,
  type ProductExplanation,
  productExplanation,
  type RecommendedList,
  recommendedList,
} from './answer.ts'
import type {
  ContextOptions,
  EmbeddingOptions,
  ExplainOptions,
  LearnOptions,
  RationaleOptions,
  SimilarOptions,
} from './options.ts'
import type { Scope } from '../store/scope.ts'
import { type CustomerOrHistory, type ListOptions, requestOf } from './request.ts'

/** graphql's own `execute`, and so most servers, refuse a schema in which anything could be deferred. */
const schemaWithoutDefer = new GraphQLSchema({
  ...schema.toConfig(),
  directives: schema.getDirectives().filter(({ name }) => name !== deferDirective.name),
})

/**
 * A model that answers, in the shop's own ids and in plain objects. It holds memory and threads until it is closed;
 * `await using` closes it at the end of its block.
 */
export class Rationale implements AsyncDisposable {
  /** The engine itself, which speaks in the model's indices: batches, what-ifs, histories. */
  readonly recommender: Recommender
  /** Who puts reasons into words. */
  readonly explainer: Explainer
  readonly #kernels: Kernels

  private constructor(model: Model, kernels: Kernels, options: RationaleOptions) {
    this.recommender = new Recommender(model, kernels, options)
    this.explainer = options.explainer ?? templateExplainer()
    this.#kernels = kernels
  }

  /**
   * Opens a model file.
   * @throws {ModelFileError} where it cannot be read, is damaged, or is none
   * @throws {KernelError} as `openKernels`
   */
  static open(modelFile: string, options: RationaleOptions = {}): Promise<Rationale> {
    return Rationale.#of(() => openModel(modelFile), options)
  }

  /**
   * Learns a model from a shop's history; `writeModel(rationale.model, file)` keeps it.
   * @param data  the path of its files, or what was read from them
   * @throws {DataError} for the first bad row
   * @throws {FitError} where there are no purchases
   * @throws {KernelError} as `openKernels`, and where `signal` aborts
   */
  static train(data: string | Dataset, options: LearnOptions = {}): Promise<Rationale> {
    const { configuration = configure('default'), signal, reading } = options
    return Rationale.#of(async (kernels) => {
      const dataset =
        typeof data === 'string'
          ? await readDataset(data, {
              countCancelled: configuration.preset === 'notebook',
              ...(signal && { signal }),
              ...reading,
            })
          : data
      return trainModel(dataset, configuration, kernels, options)
    }, options)
  }

  static async #of(
    find: (kernels: Kernels) => Promise<Model>,
    options: RationaleOptions,
  ): Promise<Rationale> {
    const kernels = await openKernels(options)
    try {
      return new Rationale(await find(kernels), kernels, options)
    } catch (error) {
      await kernels.close()
      throw error
    }
  }

  /** What was learned. */
  get model(): Model {
    return this.recommender.model
  }

  /**
   * The GraphQL schema, for a server that the program already has; its resolvers need a `context()`. Limits, CORS and
   * authentication are that server's: a schema has none, and many servers let pages of every site read their answers
   * unless told otherwise. It is without `@defer`, which graphql's `execute` refuses.
   */
  get schema(): GraphQLSchema {
    return schemaWithoutDefer
  }

  /**
   * What the schema's resolvers need: a fresh one for each operation. Whom the caller may ask about is for the program
   * to say: nobody, unless `customer` names who is signed in, or `scopes` hold read.
   */
  context({ scopes = ['catalog'], customer, signal }: ContextOptions = {}): Context {
    const held = new Set<Scope>(customer === undefined ? scopes : [...scopes, 'customer'])
    const caller = {
      actor: 'program',
      credential: 'PROGRAM',
      scopes: held,
      customer: customer ?? null,
    } as const
    return createContext(this.recommender, this.explainer, signal, caller)
  }

  /**
   * Answers GraphQL over HTTP for a server that the program already has, at whatever path it is mounted on: with
   * `@defer`, subscriptions as server-sent events, GraphiQL and the limits of `startServer`. Who may ask is for that
   * server to say, unless `apiKeys` are given; they may read, unless `scopes` say more.
   * @throws {Error} on a setting that cannot be
   */
  handler(options: EmbeddingOptions = {}): Promise<Handler> {
    const { recommender, explainer } = this
    return createEmbeddedHandler({ ...options, recommender, explainer })
  }

  /**
   * A page of a list for a customer, or for a history.
   * @throws {UnknownCustomerError}
   * @throws {UnknownProductError} naming all of the history that the model has not
   * @throws {InvalidRequestError} for a filter or an arrangement that cannot be
   * @throws {RangeError} for a number that is no count, or a quantity that is not above 0
   */
  async recommend(who: CustomerOrHistory, options: ListOptions = {}): Promise<RecommendedList> {
    const [list] = await this.recommender.recommend([requestOf(this.recommender, who, options)])
    return recommendedList(this.model, list)
  }

  /**
   * The products nearest to one, the nearest first: never itself.
   * @throws {UnknownProductError}
   * @throws {InvalidRequestError} for a filter that cannot be
   * @throws {RangeError} for a number that is no count
   */
  async similar(sku: string, { first = 10, ...options }: SimilarOptions = {}): Promise<NearProduct[]> {
    const product = this.recommender.productIndex(sku)
    const [{ items }] = await this.recommender.similar([{ ...options, product, first }])
    return items.map((item) => nearProduct(this.model, item))
  }

  /**
   * Says why a list holds a product, at any place; null if the list does not hold it.
   * @throws {UnknownProductError} and all that `recommend` throws
   */
  async explain(
    who: CustomerOrHistory,
    sku: string,
    { locale = 'en', signal, ...options }: ExplainOptions = {},
  ): Promise<ProductExplanation | null> {
    const product = this.recommender.productIndex(sku)
    const list = requestOf(this.recommender, who, options)
    const [{ rank }] = await standingsOf(this.recommender, [{ list, product }])
    if (rank === null) return null
    const [{ items }] = await this.recommender.recommend([{ ...list, first: 1, offset: rank - 1 }])
    const evidence = gatherEvidence(this.model, items[0], list)
    return productExplanation(this.model, await this.explainer.explain(evidence, locale, signal))
  }

  /** Lets go of memory and threads; what was asked before must have been answered. */
  async close(): Promise<void> {
    this.recommender.close()
    await this.#kernels.close()
  }

  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
