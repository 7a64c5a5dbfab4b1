/** Small models to keep, promote and serve. */
import { onTestFinished } from 'vitest'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import type { Model } from '../../src/model/model.ts'
import { writeModel } from '../../src/model/model-file.ts'
import { ModelVersions } from '../../src/service/model-versions.ts'
import { openModelRegistry } from '../../src/store/model-registry.ts'
import { smallShop } from '../api/shop.ts'
import { temporaryFile } from '../explanations/writer.ts'

export const kernels = referenceKernels()

/** Why models of these tests are promoted. */
export const decision = { reason: 'A test says so.', ndcg10: null }

/** Different models of the same shop. */
export function fitted(count: number): Promise<Model[]> {
  const fits = Array.from({ length: count }, (_, n) =>
    fitModel(smallShop(), configure('default', { factors: 4, iterations: 1 + n }), kernels),
  )
  return Promise.all(fits)
}

/**
 * A store's models, and the file that the one that serves is published in.
 * @param storage  a URL below which all of them are; left out: folders of this machine
 */
export async function modelVersions(published?: Model, keep = 5, storage?: string) {
  const store = temporaryFile('shop.sqlite')
  const file = storage === undefined ? temporaryFile('shop.model') : `${storage}/shop.model`
  const folder = storage === undefined ? `${store}.models` : `${storage}/models`
  /** What is told of a published file that cannot be written. */
  const unpublished: string[] = []
  const onUnpublished = ({ message }: Error) => void unpublished.push(message)
  if (published) await writeModel(published, file)
  /** The same, as another process opens it. */
  const again = () => {
    const registry = openModelRegistry(store)
    onTestFinished(() => registry.close())
    return new ModelVersions({ registry, folder, published: file, keep, onUnpublished })
  }
  return { store, file, versions: again(), again, unpublished }
}

/** Keeps models and promotes each, in their order. */
export async function promoteAll(versions: ModelVersions, models: readonly Model[]): Promise<void> {
  for (const model of models) {
    await versions.add(model, decision)
    await versions.promote(model.version, decision)
  }
}
