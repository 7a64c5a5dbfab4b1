import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { leastCounted, observed as observedOf } from '../data/confidence.ts'
import type { Dataset, CategoricalColumn } from '../data/dataset.ts'
import { csrFromTriples } from '../kernels/csr.ts'
import type { AlsProblem, AlsResult, Csr, Kernels, Partners } from '../kernels/kernels.ts'
import { basketsAlone, basketsOf } from './baskets.ts'
import type { BlendWeights } from './blend-weights.ts'
import { PRIOR_WEIGHTS } from './blend-weights.ts'
import { checkDataset, FitError } from './check-dataset.ts'
import type { Configuration, EquationFields } from './configuration.ts'
import { equationOf } from './configuration.ts'
import { contentColumns } from './content-columns.ts'
import { contentFeatures } from './content.ts'
import { featureMatrix } from './customer-features.ts'
import type { HistoryDetails } from './history-details.ts'
import { historyDetails, orderContents } from './history-details.ts'
import { fitItemWeights, noItemWeights } from './item-weights.ts'
import { sealModel } from './model-tensors.ts'
import type { Model, ModelSummary, SegmentProfile } from './model.ts'
import { partnersOf } from './partners.ts'
import { meanPrice } from './price.ts'
import { salesOf } from './sales.ts'
import { segmentCustomers } from './segments.ts'
import { trainingLoss } from './training-loss.ts'

export { FitError }

/** What another engine has learned of the items. */
export interface FittedItems {
  /** Products × f; products that nobody bought have rows of zeros. */
  readonly itemFactors: Float32Array
  /** As `partnersOf` finds them. Absent: they are found here. */
  readonly partners?: Partners
  readonly engine: NonNullable<ModelSummary['engine']>
}

/** How a fit is watched and stopped. */
export interface FitOptions {
  /** Taken in place of fitting factors and finding partners. */
  readonly fitted?: FittedItems
  /** Called after every ALS iteration. */
  readonly onIteration?: (done: number, of: number) => void
  readonly signal?: AbortSignal
  /**
   * The weights of the blend `learned`; default: the prior. The blend `notebook` ignores them. Nothing but the finished
   * model holds them: a promise is awaited when the rest is fitted, and what it rejects with rejects the fit.
   */
  readonly blendWeights?: BlendWeights | Promise<BlendWeights>
  /** As of `ModelSummary`. */
  readonly repeatHalfLife?: number
  readonly asked?: Configuration
  /** Leaves out what was bought in the same order, which no source of the blend reads: for finding weights. Default: false. */
  readonly withoutBaskets?: boolean
  readonly trainedOn?: ModelSummary['trainedOn']
  /** The segments of the model that serves, which the new ones go on from. Default: there are none. */
  readonly formerSegments?: readonly SegmentProfile[]
}

/**
 * Learns a model from a shop's history, except the weights of the blend `learned`, which `trainModel`
 * (engine/train.ts) finds. The same data, configuration and kernel variant give the
 * same model, to the byte.
 * @throws {FitError} when there are no purchases, or a number is out of the range that files may hold
 * @throws {KernelError} when the factors cannot be solved for, or `signal` aborts
 */
export async function fitModel(
  dataset: Dataset,
  configuration: Configuration,
  kernels: Kernels,
  {
    onIteration,
    signal,
    blendWeights = PRIOR_WEIGHTS,
    repeatHalfLife,
    asked,
    withoutBaskets = false,
    trainedOn,
    formerSegments,
    fitted,
  }: FitOptions = {},
): Promise<Model> {
  const { interactions, customers, products } = dataset
  if (interactions.count === 0)
    throw new FitError('There are no purchases to learn from: give a data set with some.')
  checkDataset(dataset)
  const { customer, product, quantity } = interactions
  const histories = csrFromTriples(customers.size, products.size, customer, product, quantity)
  const contents = orderContents(dataset)
  const details = historyDetails(dataset, histories, contents)
  const { factors, iterations, seed } = configuration
  const lossByIteration: number[] = []
  const observed = observations(histories, details, configuration)
  const als = fitted
    ? lossOfFitted(observed, fitted, configuration, kernels)
    : await fitFactors(observed, configuration, kernels, {
        trackLoss: true,
        onIteration: (done, loss) => {
          lossByIteration.push(loss!)
          onIteration?.(done, iterations)
        },
        ...(signal && { signal }),
      })
  if (fitted) lossByIteration.push(als.loss)
  const itemWeights =
    configuration.blend === 'learned'
      ? await fitItemWeights(histories, kernels, {
          regularization: configuration.easeRegularization,
          mostProducts: configuration.easeProducts,
          ...(signal && { signal }),
        })
      : noItemWeights(products.size)
  const partners = fitted?.partners ?? (await partnersOf(histories, details.lastPurchased, kernels, signal))
  const price = meanPrice(dataset)
  const columns = contentColumns(dataset, price, configuration.content)
  const { features, ...segmented } = segmentCustomers(
    dataset,
    histories,
    seed,
    configuration.preset === 'notebook' ? 'notebook' : 'measured',
    formerSegments,
  )
  const weights = await blendWeights
  return sealModel({
    summary: {
      configuration,
      ...(asked && { asked }),
      ...(trainedOn && { trainedOn }),
      kernelVariant: kernels.variant,
      ...(fitted && { engine: fitted.engine }),
      dataFingerprint: dataset.fingerprint,
      interactions: interactions.count,
      customers: new Set(customer).size,
      products: products.size,
      purchases: histories.indices.length,
      loss: als.loss,
      lossByIteration,
      ...(configuration.blend === 'learned' && {
        blendWeights: weights,
        ...(repeatHalfLife && { repeatHalfLife }),
      }),
    },
    customers,
    products,
    ...(dataset.productNames && { productNames: dataset.productNames }),
    category: dataset.category,
    seller: productSellers(dataset),
    itemFactors: { rows: products.size, columns: factors, data: als.itemFactors },
    itemWeights,
    contentColumns: columns,
    content: contentFeatures(columns, products.size),
    popularity: popularity(histories),
    price,
    sales: salesOf(contents, dataset.orders.timestamp, histories),
    histories,
    ...details,
    baskets: withoutBaskets ? basketsAlone(contents) : basketsOf(dataset, histories),
    partners,
    customerFeatures: featureMatrix(features),
    ...segmented,
  })
}

/**
 * The rows up to the last customer who bought. Those who never bought come last in a dataset; they have nothing to
 * teach, and would only water down the training loss.
 */
function withoutLastEmptyRows({ rows, columns, indptr, indices, values }: Csr): Csr {
  let used = rows
  while (used > 1 && indptr[used] === indptr[used - 1]) used--
  return { rows: used, columns, indptr: indptr.subarray(0, used + 1), indices, values }
}

/**
 * The item factors of a configuration.
 * @param observed  as `observations` gives them
 */
export function fitFactors(
  observed: Csr,
  configuration: EquationFields &
    Pick<Configuration, 'factors' | 'iterations' | 'seed' | 'conjugateGradientSteps'>,
  kernels: Kernels,
  options: Pick<AlsProblem, 'trackLoss' | 'onIteration' | 'signal'> = {},
): Promise<AlsResult> {
  const { factors, iterations, seed, conjugateGradientSteps } = configuration
  return kernels.fitAls({
    interactions: withoutLastEmptyRows(observed),
    equation: equationOf(configuration),
    factors,
    iterations,
    conjugateGradientSteps,
    itemFactors: startFactors(observed.columns * factors, seed),
    itemsOnly: true,
    ...options,
  })
}

/** The factors of another engine, with their loss. */
function lossOfFitted(
  observed: Csr,
  { itemFactors }: FittedItems,
  configuration: EquationFields & Pick<Configuration, 'factors'>,
  kernels: Kernels,
): Pick<AlsResult, 'itemFactors' | 'loss'> {
  const matrix = { rows: observed.columns, columns: configuration.factors, data: itemFactors }
  const rows = withoutLastEmptyRows(observed)
  return { itemFactors, loss: trainingLoss(rows, matrix, equationOf(configuration), kernels) }
}

/** The histories as ALS is given them: r in place of units. */
export function observations(
  histories: Csr,
  { orderCounts }: Pick<HistoryDetails, 'orderCounts'>,
  { observation, confidence, alpha }: Pick<Configuration, 'observation' | 'confidence' | 'alpha'>,
): Csr {
  const least = leastCounted(confidence, alpha)
  if (observation === 'quantity' && histories.values.every((value) => value >= least)) return histories
  const values = histories.values.map((quantity, entry) =>
    Math.max(least, observedOf(observation, quantity, orderCounts[entry])),
  )
  return { ...histories, values }
}

/**
 * Where ALS starts: uniform in ±0.01, by xoroshiro128+. Small, so that the first half-sweep sees next to nothing in
 * common between items and the factors grow out of the data; of both signs, so that no direction is favoured: on Olist
 * 20 iterations end at a lower loss than from `implicit`'s own start, uniform in 0 … 0.01.
 */
function startFactors(length: number, seed: number): Float32Array {
  const random = xoroshiro128plus(seed)
  return new Float32Array(length).map(() => 0.02 * uniformFloat32(random) - 0.01)
}

function popularity({ columns, indices, values }: Csr): Float32Array {
  const total = new Float64Array(columns)
  indices.forEach((product, entry) => (total[product] += values[entry]))
  return Float32Array.from(total)
}

/**
 * The seller of each product: the one it was most often bought from, in line items; of several the one the shop
 * named first. −1 where none is known, no labels where the shop names no sellers.
 */
export function productSellers({ interactions, products, sellers }: Dataset): CategoricalColumn {
  const codes = new Int32Array(products.size).fill(-1)
  if (!interactions.seller || !sellers) return { name: 'seller', labels: [], codes }
  const labels = Array.from({ length: sellers.size }, (_, seller) => sellers.at(seller))
  // A pair as one number: exact up to 2⁵³.
  const sold = new Map<number, number>()
  interactions.seller.forEach((seller, i) => {
    if (seller < 0) return
    const pair = interactions.product[i] * sellers.size + seller
    sold.set(pair, (sold.get(pair) ?? 0) + 1)
  })
  const most = new Uint32Array(products.size)
  for (const [pair, count] of sold) {
    const product = Math.floor(pair / sellers.size)
    const seller = pair % sellers.size
    if (count < most[product] || (count === most[product] && seller > codes[product])) continue
    most[product] = count
    codes[product] = seller
  }
  return { name: 'seller', labels, codes }
}
