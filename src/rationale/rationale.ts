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

/** The schema without `@defer`: graphql's own `execute`, and therefore most servers, reject a schema with it. */
const schemaWithoutDefer = new GraphQLSchema({
  ...schema.toConfig(),
  directives: schema.getDirectives().filter(({ name }) => name !== deferDirective.name),
})

/**
 * An opened model that answers with the shop's own ids and plain objects. It holds memory and threads until it is
 * closed; `await using` closes it at the end of its block.
 */
export class Rationale implements AsyncDisposable {
  /** The engine, which uses the model's indices: batches, what-ifs, histories. */
  readonly recommender: Recommender
  /** Writes explanations. */
  readonly explainer: Explainer
  readonly #kernels: Kernels

  private constructor(model: Model, kernels: Kernels, options: RationaleOptions) {
    this.recommender = new Recommender(model, kernels, options)
    this.explainer = options.explainer ?? templateExplainer()
    this.#kernels = kernels
  }

  /**
   * Opens a model file.
   * @throws {ModelFileError} if it cannot be read, is damaged, or is not a model file
   * @throws {KernelError} as `openKernels`
   */
  static open(modelFile: string, options: RationaleOptions = {}): Promise<Rationale> {
    return Rationale.#of(() => openModel(modelFile), options)
  }

  /**
   * Trains a model on a shop's order history; `writeModel(rationale.model, file)` stores it.
   * @param data  the path of its files, or the data set read from them
   * @throws {DataError} for the first bad row
   * @throws {FitError} if there are no purchases
   * @throws {KernelError} as `openKernels`, and if `signal` aborts
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

  /** The model. */
  get model(): Model {
    return this.recommender.model
  }

  /**
   * The GraphQL schema, for an existing server; its resolvers need a `context()`. That server must provide limits, CORS
   * and authentication: a schema has none, and by default many servers let pages of every site read their answers. It
   * has no `@defer`, which graphql's `execute` rejects.
   */
  get schema(): GraphQLSchema {
    return schemaWithoutDefer
  }

  /**
   * The context of the schema's resolvers: a new one for each operation. By default the caller cannot read customers:
   * pass `customer` for a signed-in customer, or `scopes` with `read`.
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
   * A handler that answers GraphQL over HTTP in an existing server, at any path: with `@defer`, subscriptions as
   * server-sent events, and the limits of `startServer`; GraphiQL is an option. That server decides who has access,
   * unless `apiKeys` are given. By default callers may query products only; `scopes` allow more.
   * @throws {Error} if a setting is invalid
   */
  handler(options: EmbeddingOptions = {}): Promise<Handler> {
    const { recommender, explainer } = this
    return createEmbeddedHandler({ ...options, recommender, explainer })
  }

  /**
   * A page of a list for a customer, or for a history.
   * @throws {UnknownCustomerError}
   * @throws {UnknownProductError} naming all unknown products of the history
   * @throws {InvalidRequestError} for an invalid filter or arrangement
   * @throws {RangeError} for a number that is not a count, or a quantity that is not above 0
   */
  async recommend(who: CustomerOrHistory, options: ListOptions = {}): Promise<RecommendedList> {
    const request = await requestOf(this.recommender, who, options)
    const [list] = await this.recommender.recommend([request])
    return recommendedList(this.model, list)
  }

  /**
   * The products nearest to one, nearest first, without the product itself.
   * @throws {UnknownProductError}
   * @throws {InvalidRequestError} for an invalid filter
   * @throws {RangeError} for a number that is not a count
   */
  async similar(sku: string, { first = 10, ...options }: SimilarOptions = {}): Promise<NearProduct[]> {
    const product = this.recommender.productIndex(sku)
    const [{ items }] = await this.recommender.similar([{ ...options, product, first }])
    return items.map((item) => nearProduct(this.model, item))
  }

  /**
   * Explains why a list holds a product, at any place; null if the list does not hold it.
   * @throws {UnknownProductError} and all that `recommend` throws
   */
  async explain(
    who: CustomerOrHistory,
    sku: string,
    { locale = 'en', signal, ...options }: ExplainOptions = {},
  ): Promise<ProductExplanation | null> {
    const product = this.recommender.productIndex(sku)
    const list = await requestOf(this.recommender, who, options)
    const [{ rank }] = await standingsOf(this.recommender, [{ list, product }])
    if (rank === null) return null
    const [{ items }] = await this.recommender.recommend([{ ...list, first: 1, offset: rank - 1 }])
    const [profile] = list.customer === undefined ? [] : await this.recommender.profilesOf([list.customer])
    const evidence = gatherEvidence(this.model, items[0], list, profile?.segment ?? null)
    return productExplanation(this.model, await this.explainer.explain(evidence, locale, signal))
  }

  /** Releases memory and threads; call it after all answers have arrived. */
  async close(): Promise<void> {
    this.recommender.close()
    await this.#kernels.close()
  }

  /** `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
