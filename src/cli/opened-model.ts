import { Recommender, type RecommenderOptions } from '../engine/recommender.ts'
import { openKernels } from '../kernels/open.ts'
import { openModel } from '../model/model-file.ts'

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
