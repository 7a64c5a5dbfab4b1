import { idTable } from '../data/ids.ts'
import type { Csr } from '../kernels/kernels.ts'
import type { BlendWeights } from './blend-weights.ts'
import { sharedBy } from './item-weights.ts'
import { sealModel } from './model-tensors.ts'
import type { Model } from './model.ts'

/** The histories of nobody. */
export function noHistories(products: number): Csr {
  return {
    rows: 0,
    columns: products,
    indptr: new Uint32Array(1),
    indices: new Uint32Array(0),
    values: new Float32Array(0),
  }
}

/**
 * The same model without its customers: no ids, histories, features or segments of any. Lists for a history, beside a
 * product and of the whole shop stay as they are, but for what takes everybody's histories: the source co-purchase, the
 * list ALSO_BOUGHT and products near by customers have nothing to say.
 */
export function withoutHistories(model: Model): Model {
  const { summary, segments, customerFeatures } = model
  return sealModel({
    ...model,
    summary: {
      ...summary,
      ...(summary.blendWeights && { blendWeights: withoutCoPurchase(summary.blendWeights) }),
      withoutHistories: true,
    },
    // No weight that rests on a single customer's purchases.
    itemWeights: sharedBy(model.itemWeights, 2),
    customers: idTable(new Uint8Array(0), new Uint32Array(1)),
    histories: noHistories(model.products.size),
    lastPurchased: new Float64Array(0),
    customerFeatures: { ...customerFeatures, rows: 0, data: new Float32Array(0) },
    segments: { ...segments, codes: new Int32Array(0) },
  })
}

/** A source that never has a value counts for nothing, and is said to. */
function withoutCoPurchase({ discovery, nextOrder, ...rest }: BlendWeights): BlendWeights {
  return {
    discovery: { ...discovery, coPurchase: 0 },
    nextOrder: { ...nextOrder, coPurchase: 0 },
    ...rest,
  }
}
