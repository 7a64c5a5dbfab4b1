import { idTable } from '../data/ids.ts'
import type { Csr } from '../kernels/kernels.ts'
import type { Baskets } from './baskets.ts'
import { weightsSharedBy } from './item-weights.ts'
import { sealModel } from './model-tensors.ts'
import type { Model } from './model.ts'
import { SHARED, sharedBy } from './partners.ts'

/** The histories of nobody. */
function noHistories(products: number): Csr {
  return {
    rows: 0,
    columns: products,
    indptr: new Uint32Array(1),
    indices: new Uint32Array(0),
    values: new Float32Array(0),
  }
}

/**
 * The same model without its customers: no ids, histories, features or segments of any, and no pair of products that
 * only one of them bought. What is answered for a history, beside a product and for the whole shop stays as it is where
 * nothing is said about what fewer than two customers bought (engine/buyers.ts).
 */
export function withoutHistories(model: Model): Model {
  return itemSideOf(sharedOnly(model))
}

/**
 * The same model without ids, histories, features and segments of customers, and with all pairs of products: what lists for
 * customers are made of whose histories are in the store that it was trained on (engine/trained-histories.ts). With these
 * histories it answers as the whole model does, to the last bit.
 */
export function itemSideOf(model: Model): Model {
  const { summary, segments, customerFeatures } = model
  return sealModel({
    ...model,
    summary: { ...summary, withoutHistories: true },
    customers: idTable(new Uint8Array(0), new Uint32Array(1)),
    histories: noHistories(model.products.size),
    orderCounts: new Uint32Array(0),
    firstPurchased: new Float64Array(0),
    lastPurchased: new Float64Array(0),
    customerFeatures: { ...customerFeatures, rows: 0, data: new Float32Array(0) },
    segments: { ...segments, codes: new Int32Array(0) },
  })
}

/** The same model without pairs of products that one customer alone bought; its hash is that of the whole. */
export function sharedOnly(model: Model): Model {
  return {
    ...model,
    partners: sharedBy(SHARED, model.partners),
    itemWeights: weightsSharedBy(SHARED, model.itemWeights),
    baskets: sharedBaskets(model.baskets),
  }
}

/** Without pairs that one customer bought, or that one order holds, which is one customer's. */
function sharedBaskets({ together, customers, orders }: Baskets): Baskets {
  const { indptr, indices, values } = together
  const isShared = (_: number, entry: number) => customers[entry] >= SHARED && values[entry] >= SHARED
  const bounds = new Uint32Array(indptr.length)
  for (let product = 0, kept = 0; product < together.rows; product++) {
    for (let entry = indptr[product]; entry < indptr[product + 1]; entry++) if (isShared(0, entry)) kept++
    bounds[product + 1] = kept
  }
  return {
    together: {
      ...together,
      indptr: bounds,
      indices: indices.filter(isShared),
      values: values.filter(isShared),
    },
    customers: customers.filter(isShared),
    orders,
  }
}
