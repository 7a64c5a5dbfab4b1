/**
 * Rationale for programs that embed it.
 *
 * ```ts
 * import { Rationale } from 'rationale-engine'
 *
 * const rationale = await Rationale.open('shop.model')
 * const { items } = await rationale.recommend('customer-1', { first: 3 })
 * for (const { sku, name, hybrid } of items) {
 *   const explanation = await rationale.explain('customer-1', sku)
 *   console.log(name ?? sku, hybrid, explanation?.text)
 * }
 * await rationale.close()
 * ```
 *
 * `Rationale` is the simple interface: it takes the shop's own ids and returns plain objects, and has a GraphQL schema
 * and a handler for an existing server. It uses `Recommender`, which answers batches and takes the model's indices,
 * `trainModel`, `writeModel` and `openModel`. `startServer` is a complete server.
 *
 * @module rationale-engine
 */
export { type Browsing, INTEREST_KINDS, type InterestKind } from './data/browsing.ts'
export type { ConfidenceConvention } from './data/confidence.ts'
export { DataError, type DataLocation } from './data/data-error.ts'
export type * from './data/dataset.ts'
export { generateShop, type ShopOptions } from './data/demo-shop.ts'
export type { IdTable, StringColumn } from './data/ids.ts'
export { type ReadOptions, type ReadProgress, readDataset } from './data/read.ts'
export { exportDataset } from './data/write-parquet.ts'
export type { Arrangement, Boost, Pin, Placement } from './engine/arrangement.ts'
export type { Place } from './engine/ranking.ts'
export {
  type DecisivePurchases,
  type DecisiveRequest,
  decisivePurchases,
} from './engine/decisive-purchases.ts'
export * from './engine/errors.ts'
export type { AttributeFilter, LabelFilter, ProductFilter, RangeFilter } from './engine/product-filter.ts'
export type { ProductSet } from './engine/product-set.ts'
export type * from './engine/reason.ts'
export type { HistoryEntry } from './engine/history-entry.ts'
export type { Interest } from './engine/interest.ts'
export type { CustomerKey, HistoryKey } from './engine/customer-key.ts'
export type { Histories, HistoryRequest } from './engine/history.ts'
export type { ReasonRecord } from './engine/reason.ts'
export type * from './engine/recommendation.ts'
export { Work, type WorkOptions } from './kernels/work.ts'
export {
  type CustomerProfile,
  Recommender,
  type RecommenderOptions,
} from './engine/recommender.ts'
export type { HeldOut, HeldOutBasket, ValidationSplit } from './engine/validation-split.ts'
export { type Effort, EFFORTS } from './engine/choose-als.ts'
export { type TrainOptions, trainModel } from './engine/train.ts'
export type { EngineInput, TrainingEngine } from './engine/training-engine.ts'
export {
  type ListRequest,
  type Standing,
  type StandingRequest,
  standingsOf,
  withoutPurchases,
} from './engine/what-if.ts'
export type { DailyBudget, Price } from './explanations/budget.ts'
export type { ExplanationCounts } from './explanations/counts.ts'
export type { PurchaseAction } from './explanations/evidence.ts'
export {
  type CitedReason,
  type Evidence,
  gatherEvidence,
  type ProductFacts,
  type PurchaseFacts,
} from './explanations/evidence.ts'
export { type Explainer, templateExplainer } from './explanations/explainer.ts'
export { type Explanation, type Locale, LOCALES, type Sentence } from './explanations/explanation.ts'
export {
  type ExplainerSettings,
  type OpenExplainer,
  openExplainer,
} from './explanations/open-explainer.ts'
export type { ExplanationStyle } from './explanations/style.ts'
export { explain } from './explanations/template.ts'
export type { ReplaceOptions } from './files/output-file.ts'
export type { Caller, Context } from './graphql/context.ts'
export {
  type Csr,
  type DenseMatrix,
  type Ease,
  type EaseProblem,
  KernelError,
  type Kernels,
  type KernelVariant,
  type Partners,
  type PartnersProblem,
  type RowSource,
} from './kernels/kernels.ts'
export { type KernelOptions, openKernels } from './kernels/open.ts'
export type { Pieces } from './kernels/pieces.ts'
export type { RowLabels } from './kernels/row-labels.ts'
export type {
  BlendWeights,
  HeldOutQuality,
  LearnedSource,
  ListQuality,
  SourceWeights,
} from './model/blend-weights.ts'
export { type Configuration, ConfigurationError, configure, type PresetName } from './model/configuration.ts'
export { type StatedProduct, withCatalogue } from './model/extend-catalogue.ts'
export { FitError, type FitOptions, type FittedItems, fitModel } from './model/fit.ts'
export type { CustomerFeature } from './model/customer-features.ts'
export type { Baskets } from './model/baskets.ts'
export type * from './model/evaluation-summary.ts'
export type { ItemWeights } from './model/item-weights.ts'
export type * from './model/model.ts'
export { ModelFileError, openModel, writeModel } from './model/model-file.ts'
export type { ProductSales } from './model/sales.ts'
export type { Scale } from './model/standardise.ts'
export { itemSideOf, withoutHistories } from './model/without-histories.ts'
export type * from './rationale/answer.ts'
export type * from './rationale/options.ts'
export { Rationale } from './rationale/rationale.ts'
export type * from './rationale/request.ts'
export type { SignedIn } from './server/signed-in.ts'
export type { EmbeddedHandlerOptions } from './server/embedded-handler.ts'
export type { Handler, HandlerOptions } from './server/handler.ts'
export type { Limits } from './server/limits.ts'
export type { RateLimit } from './server/settings.ts'
export { type RunningServer, type ServerOptions, startServer } from './server/server.ts'
export { readTrustedDocuments, type TrustedDocuments } from './server/trusted-documents.ts'
export { type KeptModels, ModelService, type ModelServiceOptions } from './service/model-service.ts'
export { ModelVersions, type ModelVersionsOptions } from './service/model-versions.ts'
export { retrain, type Retrained, type RetrainingStage, type RetrainOptions } from './service/retrain.ts'
export {
  RetrainingError,
  type RetrainingMessage,
  Retrainings,
  type RetrainingStatus,
} from './service/retraining.ts'
export { type Lease, type RecommenderSource, ServingStates } from './service/serving-states.ts'
export type { VerificationKey } from './store/api-key.ts'
export { type ApiKey, ApiKeyError, ApiKeyStore, type NewApiKey } from './store/api-key-store.ts'
export { type AuditEntry, type AuditKind, auditEntries } from './store/audit-log.ts'
export {
  type Availability,
  type AvailabilityChange,
  AvailabilityError,
  type AvailabilityRegister,
  type ProductAvailability,
} from './store/availability.ts'
export { openAvailability } from './store/availability-store.ts'
export {
  type CatalogueChange,
  type CatalogueProduct,
  type CatalogueStore,
  InvalidProductsError,
  type ProductAttribute,
  type ProductChange,
  type ProductProblem,
  type ProductStatement,
  type UpsertOptions,
  type PlacedProduct,
} from './store/catalogue.ts'
export { importDataset, type ImportOptions } from './store/import-dataset.ts'
export { readStore, type StoreReadOptions } from './store/read-store.ts'
export { openCatalogue } from './store/catalogue-store.ts'
export type * from './store/event-store.ts'
export {
  EVENT_KINDS,
  type EventKind,
  type EventProblem,
  type HistoryEvent,
  type InterestEvent,
  InvalidEventsError,
  type NewEvent,
  type StoredEvent,
} from './store/event.ts'
export { NewerStoreError } from './store/migrations.ts'
export { openEvents } from './store/open-events.ts'
export {
  type ModelComparison,
  type ModelDecision,
  type ModelRegistry,
  type ModelState,
  openModelRegistry,
  type RegisteredModel,
} from './store/model-registry.ts'
export type { Claims, SharedBucket, SharedLimits, SharedRates } from './store/shared-limits.ts'
export { openLimits } from './store/open-limits.ts'
export type { OpenLimits } from './store/shared-limits.ts'
export { KEY_SCOPES, type KeyScope, type Scope, SCOPES } from './store/scope.ts'
export type { Database, Queries, WriteOptions } from './store/database.ts'
export type { StoredPurchase } from './store/imported-history.ts'
export { openStore, type Store } from './store/store.ts'
export { StoreError } from './store/store-error.ts'
