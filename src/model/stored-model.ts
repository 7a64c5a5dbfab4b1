/** A model from the tensors and the metadata of a model file. `model-tensors.ts` is the way there. */
import { z } from 'zod'
import { idTable } from '../data/ids.ts'
import { blendWeightsSchema } from './blend-weights.ts'
import { configurationSchema } from './configuration.ts'
import { contentFeatures } from './content.ts'
import { CUSTOMER_FEATURES } from './customer-features.ts'
import { evaluationsSchema } from './evaluation-summary.ts'
import { MODEL_FORMAT_VERSION, versionOf } from './model-tensors.ts'
import type { Model } from './model.ts'
import type { Metadata, Tensor } from './safetensors.ts'
import { StoredModelError, StoredTensors } from './stored-tensors.ts'

const count = z.int().nonnegative()
const summarySchema = z.strictObject({
  kernelVariant: z.enum(['reference', 'simd', 'relaxed-simd']),
  dataFingerprint: z.string(),
  interactions: count,
  customers: count,
  products: count,
  purchases: count,
  lossByIteration: z.array(z.number()).nonempty(),
  blendWeights: blendWeightsSchema.optional(),
})
const profilesSchema = z.array(
  z.strictObject({ name: z.string(), customers: count, means: z.record(z.string(), z.number().nullable()) }),
)
const scaleSchema = z.strictObject({ mean: z.number(), deviation: z.number().positive() })
const columnsSchema = z.strictObject({
  category: z.string(),
  seller: z.string(),
  segments: z.string(),
  categorical: z.array(z.string()),
  numeric: z.array(z.strictObject({ name: z.string(), logScale: scaleSchema.optional() })),
})

/** @throws {StoredModelError} when something is missing, of the wrong type or shape, or out of range */
export function modelFrom(tensors: readonly Tensor[], metadata: Metadata): Model {
  const configuration = json(metadata, 'configuration', configurationSchema)
  const columns = json(metadata, 'columns', columnsSchema)
  const stored = new StoredTensors(tensors)
  const customers = stored.strings('customers')
  const products = stored.strings('products')
  const histories = stored.csr('histories', customers.size, products.size)
  const { factors, blend } = configuration
  const { blendWeights, ...summary } = json(metadata, 'summary', summarySchema)
  if ((blend === 'learned') !== (blendWeights !== undefined))
    throw new StoredModelError(`the blend ${blend} does not go with the weights that metadata summary holds`)
  const contentColumns = {
    categorical: columns.categorical.map((name, i) =>
      stored.categorical(`content.categorical.${i}`, name, products.size),
    ),
    numeric: columns.numeric.map(({ name, logScale }, i) => ({
      name,
      values: stored.finiteOrNaN(`content.numeric.${i}`, Float64Array, products.size),
      ...(logScale && { logScale }),
    })),
  }
  return {
    summary: {
      formatVersion: MODEL_FORMAT_VERSION,
      configuration,
      ...summary,
      loss: summary.lossByIteration.at(-1)!,
      ...(blendWeights && { blendWeights }),
      ...(metadata.evaluations !== undefined && {
        evaluations: json(metadata, 'evaluations', evaluationsSchema),
      }),
      tensorHash: metadata.tensorHash,
    },
    version: versionOf(metadata.tensorHash),
    customers: idTable(customers.bytes, customers.offsets),
    products: idTable(products.bytes, products.offsets),
    ...(stored.has('productNames.bytes') && { productNames: stored.strings('productNames') }),
    category: stored.categorical('category', columns.category, products.size),
    seller: stored.categorical('seller', columns.seller, products.size),
    itemFactors: {
      rows: products.size,
      columns: factors,
      data: stored.finite('itemFactors', Float32Array, products.size, factors),
    },
    contentColumns,
    content: contentFeatures(contentColumns, products.size),
    popularity: stored.finite('popularity', Float32Array, products.size),
    price: stored.finiteOrNaN('price', Float64Array, products.size),
    histories,
    lastPurchased: stored.finiteOrNaN('lastPurchased', Float64Array, histories.indices.length),
    baskets: {
      together: stored.csr('baskets', products.size, products.size),
      orders: stored.take('baskets.orders', Uint32Array, products.size),
    },
    customerFeatures: {
      rows: customers.size,
      columns: CUSTOMER_FEATURES.length,
      data: stored.finiteOrNaN('customerFeatures', Float32Array, customers.size, CUSTOMER_FEATURES.length),
    },
    segments: stored.categorical('segments', columns.segments, customers.size),
    segmentProfiles: json(metadata, 'segmentProfiles', profilesSchema),
  }
}

function json<Schema extends z.ZodType>(metadata: Metadata, key: string, schema: Schema): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(metadata[key] ?? 'null'))
  } catch (cause) {
    const issues = cause instanceof z.ZodError ? cause.issues : [{ path: [], message: 'it is not JSON' }]
    const reason = issues.map(({ path, message }) => [...path, message].join(': ')).join('; ')
    throw new StoredModelError(`metadata ${key} is not understood: ${reason}`, { cause })
  }
}
