/** The tensors and the metadata of a model file. `model-file.ts` reads them back. */
import { createHash } from 'node:crypto'
import type { CategoricalColumn } from '../data/dataset.ts'
import type { StringColumn } from '../data/ids.ts'
import { stringColumnOf } from '../data/ids.ts'
import type { Csr, DenseMatrix } from '../kernels/kernels.ts'
import type { Configuration } from './configuration.ts'
import { evaluationMetadata } from './evaluation-metadata.ts'
import type { Model, ModelSummary } from './model.ts'
import type { Layout, Metadata, Tensor, TensorData } from './safetensors.ts'
import { bytesOf, layOut } from './safetensors.ts'

/** Marks a safetensors file, in its metadata, as a Rationale model. */
export const MODEL_FORMAT = 'rationale-model'

/** Raised whenever a reader of the former version would not understand the file. */
export const MODEL_FORMAT_VERSION = 6

/** A model whose hash is not known yet. */
type UnsealedModel = Omit<Model, 'summary' | 'version'> & {
  readonly summary: Omit<ModelSummary, 'formatVersion' | 'tensorHash'>
}

/** Gives a model its hash, and with it its version. */
export function sealModel(model: UnsealedModel): Model {
  const tensorHash = hashOf(layOut(tensorsOf(model), metadataOf(model)))
  return {
    ...model,
    summary: { formatVersion: MODEL_FORMAT_VERSION, ...model.summary, tensorHash },
    version: versionOf(tensorHash),
  }
}

/** The file a model is stored as. */
export function layoutOf(model: Model): Layout {
  const { tensorHash, evaluations } = model.summary
  const recorded = evaluationMetadata(tensorHash, evaluations)
  return layOut(tensorsOf(model), { ...metadataOf(model), tensorHash, ...recorded })
}

/** SHA-256 (hex) of a layout whose metadata hold no hash. */
export function hashOf(layout: Layout): string {
  const hash = createHash('sha256')
  for (const bytes of bytesOf(layout)) hash.update(bytes)
  return hash.digest('hex')
}

/** Characters of a version: short enough to read out, long enough never to repeat in one shop. */
export function versionOf(tensorHash: string): string {
  return tensorHash.slice(0, 12)
}

function metadataOf(model: Model | UnsealedModel): Metadata {
  const {
    configuration,
    kernelVariant,
    dataFingerprint,
    interactions,
    customers,
    products,
    purchases,
    lossByIteration,
    blendWeights,
    repeatHalfLife,
    asked,
    engine,
    trainedOn,
    withoutHistories,
  } = model.summary
  const counts = { interactions, customers, products, purchases }
  const summary = {
    kernelVariant,
    dataFingerprint,
    ...counts,
    lossByIteration,
    blendWeights,
    repeatHalfLife,
    asked: asked && storedConfiguration(asked),
    engine,
    trainedOn,
    withoutHistories,
  }
  const columns = {
    category: model.category.name,
    seller: model.seller.name,
    segments: model.segments.name,
    categorical: model.contentColumns.categorical.map(({ name }) => name),
    numeric: model.contentColumns.numeric.map(({ name, logScale }) => ({ name, logScale })),
  }
  return {
    format: MODEL_FORMAT,
    formatVersion: String(MODEL_FORMAT_VERSION),
    configuration: JSON.stringify(storedConfiguration(configuration)),
    summary: JSON.stringify(summary),
    segmentProfiles: JSON.stringify(model.segmentProfiles),
    ...(model.segmentCentroids && { segmentCentroids: JSON.stringify(model.segmentCentroids) }),
    columns: JSON.stringify(columns),
  }
}

/** Without what files of before the scale of λ lack, which then is constant: they and new ones are read alike. */
function storedConfiguration({ regularizationScale, ...others }: Configuration) {
  return regularizationScale === 'constant' ? others : { ...others, regularizationScale }
}

function tensorsOf(model: Omit<Model, 'summary' | 'version'>): Tensor[] {
  const { productNames, contentColumns } = model
  return [
    ...strings('customers', model.customers),
    ...strings('products', model.products),
    ...(productNames ? strings('productNames', productNames) : []),
    ...categorical('category', model.category),
    ...categorical('seller', model.seller),
    matrix('itemFactors', model.itemFactors),
    ...csr('itemWeights', model.itemWeights.weights),
    tensor('itemWeights.customers', model.itemWeights.customers),
    tensor('popularity', model.popularity),
    tensor('price', model.price),
    tensor('sales.indptr', model.sales.indptr),
    tensor('sales.times', model.sales.times),
    tensor('sales.units', model.sales.units),
    tensor('sales.undated', model.sales.undated),
    tensor('sales.undatedOrders', model.sales.undatedOrders),
    tensor('sales.buyers', model.sales.buyers),
    ...(model.sales.faded ? [tensor('sales.faded', model.sales.faded)] : []),
    ...csr('histories', model.histories),
    tensor('orderCounts', model.orderCounts),
    tensor('firstPurchased', model.firstPurchased),
    tensor('lastPurchased', model.lastPurchased),
    ...csr('baskets', model.baskets.together),
    tensor('baskets.customers', model.baskets.customers),
    tensor('baskets.orders', model.baskets.orders),
    tensor('partners.customers', model.partners.users),
    tensor('partners.indptr', model.partners.indptr),
    tensor('partners.indices', model.partners.indices),
    tensor('partners.together', model.partners.together),
    matrix('customerFeatures', model.customerFeatures),
    ...categorical('segments', model.segments),
    ...contentColumns.categorical.flatMap((column, i) => categorical(`content.categorical.${i}`, column)),
    ...contentColumns.numeric.map(({ values }, i) => tensor(`content.numeric.${i}`, values)),
  ]
}

function tensor(name: string, data: TensorData, shape: readonly number[] = [data.length]): Tensor {
  return { name, shape, data }
}

function matrix(name: string, { rows, columns, data }: DenseMatrix): Tensor {
  return tensor(name, data, [rows, columns])
}

function csr(name: string, { indptr, indices, values }: Csr): Tensor[] {
  return [
    tensor(`${name}.indptr`, indptr),
    tensor(`${name}.indices`, indices),
    tensor(`${name}.values`, values),
  ]
}

function strings(name: string, { bytes, offsets }: StringColumn): Tensor[] {
  return [tensor(`${name}.bytes`, bytes), tensor(`${name}.offsets`, offsets)]
}

function categorical(name: string, { labels, codes }: CategoricalColumn): Tensor[] {
  return [tensor(`${name}.codes`, codes), ...strings(`${name}.labels`, stringColumnOf(labels))]
}
