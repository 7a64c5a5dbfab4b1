import { Recommender, type RecommenderOptions } from '../engine/recommender.ts'
import { productFacts } from '../explanations/evidence.ts'
import { openKernels } from '../kernels/open.ts'
import { openModel } from '../model/model-file.ts'
import type { Model } from '../model/model.ts'

/** Opens a model file for the time that `use` takes, and lets go of it however that ends. */
export async function withRecommender<Result>(
  modelFile: string,
  use: (recommender: Recommender) => Promise<Result>,
  options?: RecommenderOptions,
): Promise<Result> {
  const model = await openModel(modelFile)
  const kernels = await openKernels()
  try {
    const recommender = new Recommender(model, kernels, options)
    return await use(recommender).finally(() => recommender.close())
  } finally {
    await kernels.close()
  }
}

/** A product as results name it. */
interface ProductLabel {
  sku: string
  /** Null where the shop gives none. */
  category: string | null
  /** Only in shops that name their products. */
  name?: string
}

export function labelProduct(model: Model, product: number): ProductLabel {
  const { sku, category, name } = productFacts(model, product)
  return name === null ? { sku, category } : { sku, category, name }
}
