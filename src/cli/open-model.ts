import { Recommender, type RecommenderOptions } from '../engine/recommender.ts'
import { productFacts } from '../explanations/evidence.ts'
import { openKernels } from '../kernels/open.ts'
import { openModel } from '../model/model-file.ts'
import type { ItemSide } from '../model/model.ts'

/** Opens a model file for `use`, and always closes it. */
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

/** A product in results. */
interface ProductLabel {
  sku: string
  /** Null if the shop's data has none. */
  category: string | null
  /** Only if the shop's data has names of products. */
  name?: string
}

export function labelProduct(model: ItemSide, product: number): ProductLabel {
  const { sku, category, name } = productFacts(model, product)
  return name === null ? { sku, category } : { sku, category, name }
}
