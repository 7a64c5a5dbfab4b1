/**
 * Rationale's face for programs that embed it.
 *
 * ```ts
 * import { configure, explain, gatherEvidence, openKernels, readDataset, Recommender, trainModel } from 'rationale'
 *
 * const kernels = await openKernels()
 * const model = await trainModel(await readDataset('shop'), configure('default'), kernels)
 * const recommender = new Recommender(model, kernels)
 *
 * const customer = recommender.customerIndex('customer-1')
 * const [{ items }] = await recommender.recommend([{ customer, first: 3 }])
 * for (const item of items) {
 *   console.log(model.products.at(item.product), explain(gatherEvidence(model, item)).text)
 * }
 *
 * recommender.close()
 * await kernels.close()
 * ```
 *
 * `writeModel` and `openModel` keep a model between the two halves; `startServer` puts a recommender behind GraphQL.
 */
export type { ConfidenceConvention } from './data/confidence.ts'
export { DataError } from './data/data-error.ts'
export type { Dataset } from './data/dataset.ts'
export { generateShop } from './data/demo-shop.ts'
export type { IdTable, StringColumn } from './data/ids.ts'
export { type ReadOptions, type ReadProgress, readDataset } from './data/read.ts'
export {
  type DecisivePurchases,
  type DecisiveRequest,
  decisivePurchases,
} from './engine/decisive-purchases.ts'
export { UnknownCustomerError, UnknownProductError, UnknownPurchaseError } from './engine/errors.ts'
export type * from './engine/reason.ts'
export type * from './engine/recommendation.ts'
export { Recommender } from './engine/recommender.ts'
export { type TrainOptions, trainModel } from './engine/train.ts'
export {
  type ListRequest,
  type Standing,
  type StandingRequest,
  standingsOf,
  withoutPurchases,
} from './engine/what-if.ts'
export { type Evidence, gatherEvidence } from './explanations/evidence.ts'
export { type Explainer, templateExplainer } from './explanations/explainer.ts'
export type { Explanation, Locale } from './explanations/explanation.ts'
export { openExplainer } from './explanations/open-explainer.ts'
export { explain } from './explanations/template.ts'
export { KernelError, type Kernels, type KernelVariant } from './kernels/kernels.ts'
export { openKernels } from './kernels/open.ts'
export type { BlendWeights, SourceWeights } from './model/blend-weights.ts'
export { type Configuration, ConfigurationError, configure, type PresetName } from './model/configuration.ts'
export { fitModel } from './model/fit.ts'
export type { Model, ModelSummary, SegmentProfile } from './model/model.ts'
export { ModelFileError, openModel, writeModel } from './model/model-file.ts'
export { startServer } from './server/server.ts'
