/** Models on disk: one safetensors file each, replaced as a whole, checked as a whole before anything is used. */
import { open, stat } from 'node:fs/promises'
import { z } from 'zod'
import type { CategoricalColumn } from '../data/dataset.ts'
import { idTable, stringColumn } from '../data/ids.ts'
import type { StringColumn } from '../data/ids.ts'
import { fileProblem } from '../files/file-problems.ts'
import { isObjectUrl, ObjectStorageError, withObjectCopy } from '../files/object-storage.ts'
import { type ReplaceOptions, replaceFile } from '../files/output-file.ts'
import { OutputFileError } from '../files/output-place.ts'
import type { Csr, Partners } from '../kernels/kernels.ts'
import { blendWeightsSchema } from './blend-weights.ts'
import type { Configuration } from './configuration.ts'
import { configurationSchema } from './configuration.ts'
import { contentFeatures } from './content.ts'
import { CUSTOMER_FEATURES } from './customer-features.ts'
import { expectEvaluationsIntact, withoutEvaluations } from './evaluation-metadata.ts'
import { evaluationsSchema } from './evaluation-summary.ts'
import { hashOf, layoutOf, MODEL_FORMAT, MODEL_FORMAT_VERSION, versionOf } from './model-tensors.ts'
import type { Model } from './model.ts'
import type { ProductSales } from './sales.ts'
import { segmentCentroidsSchema } from './segment-centroids.ts'
import type { Metadata, Tensor, TensorData } from './safetensors.ts'
import { bytesOf, layOut, readSafetensors, SafetensorsError } from './safetensors.ts'

/** A model file that cannot be written, or cannot be used; the message names the file, what is wrong and what to do. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError'
}

/**
 * Writes a model so that `path` holds either the former file or the whole new one, whatever happens meanwhile. A new
 * file can be read only by its owner, since it contains what customers bought. The same model gives the same bytes.
 * @param options  `verify` gets the complete file before it replaces the former one, and throws if it is unusable;
 *   default: it is opened
 * @returns the file's size, and its hash as `sha256:…`
 * @throws {ModelFileError} if the file cannot be written or is unusable: the former one is unchanged
 */
export async function writeModel(
  model: Model,
  path: string,
  { signal, verify = opens }: Pick<ReplaceOptions, 'signal' | 'verify'> = {},
): Promise<{ bytes: number; hash: string }> {
  try {
    const bytes = await replaceFile(path, bytesOf(layoutOf(model)), {
      confidential: true,
      verify: (temporary) => verify(temporary).catch((error) => Promise.reject(unusable(path, error))),
      ...(signal && { signal }),
    })
    return { bytes, hash: `sha256:${model.summary.tensorHash}` }
  } catch (error) {
    throw signal?.aborted ? error : fileError(`Cannot write the model ${path}`, error)
  }
}

async function opens(path: string): Promise<void> {
  await openModel(path)
}

function unusable(path: string, cause: Error): ModelFileError {
  return new ModelFileError(
    `Cannot write the model ${path}: the new file is unusable (${cause.message}). A former file is unchanged; ` +
      'please report this, and train on other data.',
    { cause },
  )
}

/**
 * Reads a model from a file, or from an object (s3://bucket/name); the whole file is checked before anything of it is used.
 * @throws {ModelFileError} when the file cannot be read, is no model, is damaged, or of another format version
 */
export async function openModel(path: string): Promise<Model> {
  try {
    return await (isObjectUrl(path) ? withObjectCopy(path, readModel) : readModel(path))
  } catch (error) {
    throw fileError(`Cannot open the model ${path}`, error)
  }
}

async function readModel(path: string): Promise<Model> {
  // Opening a named pipe would wait for a writer for ever.
  const found = await stat(path)
  if (!found.isFile() && !found.isDirectory()) throw new SafetensorsError('it is not a regular file')
  const file = await open(path, 'r')
  try {
    const { tensors, metadata } = await readSafetensors(file, expectModel)
    const { tensorHash, ...rest } = withoutEvaluations(metadata)
    if (hashOf(layOut(tensors, rest)) !== tensorHash)
      throw new SafetensorsError('its SHA-256 is not the one it states')
    expectEvaluationsIntact(metadata)
    return modelFrom(tensors, metadata)
  } finally {
    await file.close()
  }
}

function expectModel({ format, formatVersion }: Metadata): void {
  if (format !== MODEL_FORMAT) throw new SafetensorsError('it is a safetensors file, but no Rationale model')
  if (formatVersion === String(MODEL_FORMAT_VERSION)) return
  throw new SafetensorsError(
    `it has the format version ${formatVersion}, and this version of Rationale reads ${MODEL_FORMAT_VERSION}`,
  )
}

function fileError(what: string, cause: unknown): unknown {
  if (cause instanceof SafetensorsError || cause instanceof StoredModelError) {
    const remedy = 'It is damaged, or not a model of this version: train it again with `rationale train`.'
    return new ModelFileError(`${what}: ${cause.message}. ${remedy}`, { cause })
  }
  if (cause instanceof OutputFileError || cause instanceof ObjectStorageError)
    return new ModelFileError(`${what}: ${cause.problem}.`, { cause })
  if ((cause as NodeJS.ErrnoException).code === undefined) return cause
  return new ModelFileError(`${what}: ${fileProblem(cause as Error)}.`, { cause })
}

// Reading the tensors and the metadata of a model file; `model-tensors.ts` makes them.

const count = z.int().nonnegative()
const { regularizationScale } = configurationSchema.shape
/** A file that says nothing of the scale of λ has a constant one. */
const storedConfiguration = configurationSchema.extend({
  regularizationScale: regularizationScale.default('constant'),
})
const summarySchema = z.strictObject({
  kernelVariant: z.enum(['reference', 'simd', 'relaxed-simd']),
  dataFingerprint: z.string(),
  interactions: count,
  customers: count,
  products: count,
  purchases: count,
  lossByIteration: z.array(z.number()).nonempty(),
  blendWeights: blendWeightsSchema.optional(),
  repeatHalfLife: z.number().positive().optional(),
  asked: storedConfiguration.optional(),
  engine: z.strictObject({ name: z.literal('spark'), version: z.string() }).optional(),
  trainedOn: z.strictObject({ store: z.string(), receivedThrough: z.number() }).optional(),
  withoutHistories: z.literal(true).optional(),
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
function modelFrom(tensors: readonly Tensor[], metadata: Metadata): Model {
  const configuration = configurationOf(metadata)
  const columns = json(metadata, 'columns', columnsSchema)
  const stored = new StoredTensors(tensors)
  const customers = stored.strings('customers')
  const products = stored.strings('products')
  const histories = stored.csr('histories', customers.size, products.size)
  const { factors, blend } = configuration
  const { blendWeights, repeatHalfLife, asked, engine, trainedOn, withoutHistories, ...summary } = json(
    metadata,
    'summary',
    summarySchema,
  )
  if ((blend === 'learned') !== (blendWeights !== undefined))
    throw new StoredModelError(`the blend ${blend} does not go with the weights that metadata summary holds`)
  if (withoutHistories && customers.size > 0)
    throw new StoredModelError(
      `metadata summary says that it holds no customers, and it holds ${customers.size}`,
    )
  const together = stored.csr('baskets', products.size, products.size)
  const itemWeights = stored.csr('itemWeights', products.size, products.size)
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
      ...(repeatHalfLife && { repeatHalfLife }),
      ...(asked && { asked }),
      ...(engine && { engine }),
      ...(trainedOn && { trainedOn }),
      ...(withoutHistories && { withoutHistories }),
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
    itemWeights: {
      weights: itemWeights,
      customers: stored.take('itemWeights.customers', Uint32Array, itemWeights.indices.length),
    },
    contentColumns,
    content: contentFeatures(contentColumns, products.size),
    popularity: stored.finite('popularity', Float32Array, products.size),
    price: stored.finiteOrNaN('price', Float64Array, products.size),
    sales: stored.sales('sales', products.size),
    histories,
    orderCounts: stored.take('orderCounts', Uint32Array, histories.indices.length),
    firstPurchased: stored.finiteOrNaN('firstPurchased', Float64Array, histories.indices.length),
    lastPurchased: stored.finiteOrNaN('lastPurchased', Float64Array, histories.indices.length),
    baskets: {
      together,
      customers: stored.take('baskets.customers', Uint32Array, together.indices.length),
      orders: stored.take('baskets.orders', Uint32Array, products.size),
    },
    partners: stored.partners('partners', products.size),
    customerFeatures: {
      rows: customers.size,
      columns: CUSTOMER_FEATURES.length,
      data: stored.finiteOrNaN('customerFeatures', Float32Array, customers.size, CUSTOMER_FEATURES.length),
    },
    segments: stored.categorical('segments', columns.segments, customers.size),
    segmentProfiles: json(metadata, 'segmentProfiles', profilesSchema),
    ...(metadata['segmentCentroids'] !== undefined && {
      segmentCentroids: json(metadata, 'segmentCentroids', segmentCentroidsSchema),
    }),
  }
}

function configurationOf(metadata: Metadata): Configuration {
  const { blend } = json(metadata, 'configuration', z.looseObject({ blend: z.unknown() }))
  if (blend === 'every-candidate') {
    throw new StoredModelError(
      'it was trained for the blend every-candidate, which no longer exists: the blends are learned and notebook',
    )
  }
  return json(metadata, 'configuration', storedConfiguration)
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

/** Tensors or metadata that do not make a model; the message says which, and why. */
class StoredModelError extends Error {
  override readonly name = 'StoredModelError'
}

/** The tensors of a model file by name, each checked before it is handed out. All methods throw StoredModelError. */
class StoredTensors {
  readonly #tensors: ReadonlyMap<string, Tensor>

  constructor(tensors: readonly Tensor[]) {
    this.#tensors = new Map(tensors.map((tensor) => [tensor.name, tensor]))
  }

  has(name: string): boolean {
    return this.#tensors.has(name)
  }

  /** @param shape  what it must be; absent: a vector of any length */
  take<Data extends TensorData>(name: string, type: new () => Data, ...shape: number[]): Data {
    const tensor = this.#tensors.get(name)
    if (tensor === undefined) throw new StoredModelError(`tensor ${name} is missing`)
    const { data } = tensor
    if (!(data instanceof type)) throw new StoredModelError(`tensor ${name} is no ${type.name}`)
    const expected = shape.length === 0 ? [data.length] : shape
    if (String(tensor.shape) === String(expected)) return data
    throw new StoredModelError(`tensor ${name} has the shape [${tensor.shape}], not [${expected}]`)
  }

  /** Like `take`, and every value is finite. */
  finite<Data extends Float32Array | Float64Array>(
    name: string,
    type: new () => Data,
    ...shape: number[]
  ): Data {
    const data = this.take(name, type, ...shape)
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) throw wrongValue(name, data, i)
    return data
  }

  /** Like `take`, and every value is finite or unknown. */
  finiteOrNaN<Data extends Float32Array | Float64Array>(
    name: string,
    type: new () => Data,
    ...shape: number[]
  ): Data {
    const data = this.take(name, type, ...shape)
    for (let i = 0; i < data.length; i++) if (Math.abs(data[i]) === Infinity) throw wrongValue(name, data, i)
    return data
  }

  strings(name: string): StringColumn {
    const bytes = this.take(`${name}.bytes`, Uint8Array)
    const offsets = this.take(`${name}.offsets`, Uint32Array)
    try {
      return stringColumn(bytes, offsets)
    } catch (cause) {
      throw new StoredModelError(`tensor ${name}.offsets is wrong: ${(cause as Error).message}`, { cause })
    }
  }

  /** @param title  the column's own name, which may be any string */
  categorical(name: string, title: string, rows: number): CategoricalColumn {
    const codes = this.take(`${name}.codes`, Int32Array, rows)
    const strings = this.strings(`${name}.labels`)
    const labels = Array.from({ length: strings.size }, (_, label) => strings.at(label))
    const place = codes.findIndex((code) => code < -1 || code >= labels.length)
    if (place < 0) return { name: title, labels, codes }
    throw new StoredModelError(
      `tensor ${name}.codes holds ${codes[place]} at ${place}, of ${labels.length} labels`,
    )
  }

  sales(name: string, products: number): ProductSales {
    const indptr = this.take(`${name}.indptr`, Uint32Array, products + 1)
    const times = this.finite(`${name}.times`, Float64Array)
    this.#expectBounds(name, indptr, times.length)
    return {
      indptr,
      times,
      units: this.finite(`${name}.units`, Float32Array, times.length),
      undated: this.finite(`${name}.undated`, Float64Array, products),
      undatedOrders: this.take(`${name}.undatedOrders`, Uint32Array, products),
      buyers: this.take(`${name}.buyers`, Uint32Array, products),
      ...(this.has(`${name}.faded`) && { faded: this.finite(`${name}.faded`, Float64Array, products) }),
    }
  }

  partners(name: string, products: number): Partners {
    const users = this.take(`${name}.customers`, Uint32Array, products)
    const indptr = this.take(`${name}.indptr`, Uint32Array, products + 1)
    const indices = this.take(`${name}.indices`, Uint32Array)
    const together = this.take(`${name}.together`, Uint32Array, indices.length)
    this.#expectBounds(name, indptr, indices.length)
    for (let product = 0; product < products; product++) {
      const [bought, end] = [users[product], indptr[product + 1]]
      for (let entry = indptr[product]; entry < end; entry++) {
        const other = indices[entry]
        const both = together[entry]
        if (other >= products || other === product)
          throw new StoredModelError(
            `tensor ${name}.indices holds ${other} for product ${product} of ${products}`,
          )
        if (both === 0 || both > bought)
          throw new StoredModelError(
            `tensor ${name}.together holds ${both} for products ${product} and ${other}, ` +
              `the first bought by ${bought} customers`,
          )
      }
    }
    return { users, indptr, indices, together }
  }

  #expectBounds(name: string, indptr: Uint32Array, end: number): void {
    const rises = indptr.every((begin, row) => (row === 0 ? begin === 0 : begin >= indptr[row - 1]))
    if (!rises || indptr.at(-1) !== end) throw new StoredModelError(`tensor ${name}.indptr bounds no rows`)
  }

  csr(name: string, rows: number, columns: number): Csr {
    const indptr = this.take(`${name}.indptr`, Uint32Array, rows + 1)
    const indices = this.take(`${name}.indices`, Uint32Array)
    const values = this.finite(`${name}.values`, Float32Array, indices.length)
    this.#expectBounds(name, indptr, indices.length)
    const place = firstFrom(indices, columns)
    if (place < 0) return { rows, columns, indptr, indices, values }
    throw new StoredModelError(
      `tensor ${name}.indices holds ${indices[place]} at ${place}, of ${columns} columns`,
    )
  }
}

/** The place of the first number of at least `bound`; −1 where there is none. A loop: it runs over much at every start. */
function firstFrom(numbers: Uint32Array, bound: number): number {
  for (let place = 0; place < numbers.length; place++) if (numbers[place] >= bound) return place
  return -1
}

function wrongValue(name: string, data: Float32Array | Float64Array, place: number): StoredModelError {
  return new StoredModelError(`tensor ${name} holds ${data[place]} at ${place}`)
}
