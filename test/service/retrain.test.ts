/** Training anew on what a store holds, and the decision whether the new model serves. */
import { beforeAll, describe, expect, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { readDataset } from '../../src/data/read.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import { trainModel } from '../../src/engine/train.ts'
import { openKernels } from '../../src/kernels/open.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import type { Configuration } from '../../src/model/configuration.ts'
import { configure } from '../../src/model/configuration.ts'
import type { Model } from '../../src/model/model.ts'
import { retrain, type RetrainingStage } from '../../src/service/retrain.ts'
import { temporaryFolder } from '../cli/program.ts'
import { modelVersions } from './models.ts'

const trainedOn = { store: 'a store', receivedThrough: 1 }
const good = configure('default', { factors: 16 })
/** Content and factors of prices and sizes as numbers: far worse than what is learned. */
const bad = configure('notebook', { iterations: 1 })

let kernels: Kernels
let dataset: Dataset
/** Trained on the shop by each configuration. */
let models: Map<Configuration, Model>

beforeAll(async () => {
  kernels = await openKernels()
  const directory = `${temporaryFolder()}/shop`
  await generateShop({ customers: 600, products: 120, seed: 5, directory })
  dataset = await readDataset(directory)
  models = new Map()
  for (const one of [good, bad]) models.set(one, await trainModel(dataset, one, kernels, { effort: 'quick' }))
  return () => kernels.close()
})

async function retrained(
  serving: Configuration | null,
  candidate: Configuration,
  rest: { force?: boolean; margin?: number } = {},
) {
  const model = serving && models.get(serving)!
  const { versions } = await modelVersions(model ?? undefined)
  await versions.adoptPublished()
  const stages = new Set<RetrainingStage>()
  const result = await retrain({
    dataset,
    trainedOn,
    configuration: candidate,
    serving: model,
    versions,
    kernels,
    effort: 'quick',
    onProgress: (stage) => stages.add(stage),
    ...rest,
  })
  return {
    ...result,
    stages: [...stages],
    serves: await versions.registry.serving(),
    current: () => versions.current(),
  }
}

test('the first model is promoted, and knows what it was trained on', async () => {
  const { candidate, promoted, ndcg10, serves, current } = await retrained(null, bad)
  expect({ promoted, ndcg10, serves }).toEqual({ promoted: true, ndcg10: null, serves: candidate })
  expect((await current()).summary.trainedOn).toEqual(trainedOn)
})

describe('a model whose lists are shown to be worse', () => {
  test('does not serve, and is kept with the figures', async () => {
    const found = await retrained(good, bad)
    expect(found).toMatchObject({ promoted: false, serves: models.get(good)!.version })
    expect(found.stages).toEqual(['COMPARING', 'TRAINING', 'WRITING'])
    const { candidate, serving, difference, customers } = found.ndcg10!
    expect(difference.value).toBeCloseTo(candidate - serving, 12)
    expect(difference.low).toBeLessThan(difference.value)
    expect(difference.high).toBeLessThan(0)
    expect(customers).toBeGreaterThan(100)
    expect(found.reason).toContain('It is shown to be worse')
  })

  test('serves if the margin allows for it', async () => {
    expect(await retrained(good, bad, { margin: 0.9 })).toMatchObject({ promoted: true })
  })

  test('serves by force, without being compared', async () => {
    const { promoted, candidate, serves, ndcg10 } = await retrained(good, bad, { force: true })
    expect({ promoted, serves, ndcg10 }).toEqual({ promoted: true, serves: candidate, ndcg10: null })
  })
})

test('a model whose lists are shown to be better serves', async () => {
  const { promoted, candidate, serves, reason } = await retrained(bad, good)
  expect({ promoted, serves }).toEqual({ promoted: true, serves: candidate })
  expect(reason).toContain('It is shown to be better')
})

test('the settings that serve are not compared with themselves as if they were worse', async () => {
  expect(await retrained(bad, bad)).toMatchObject({
    promoted: true,
    ndcg10: { difference: { value: 0, low: 0, high: 0 } },
  })
})

test('where nobody bought anything later, the new model serves and says that there is no comparison', async () => {
  const { orders } = dataset
  const timeless = { ...dataset, orders: { ...orders, timestamp: orders.timestamp.map(() => NaN) } }
  const { versions } = await modelVersions(models.get(bad)!)
  await versions.adoptPublished()
  const { promoted, reason } = await retrain({
    dataset: timeless,
    trainedOn,
    configuration: bad,
    serving: models.get(bad)!,
    versions,
    kernels,
  })
  expect(promoted).toBe(true)
  expect(reason).toContain('The models cannot be compared: the data states no times')
})

test('an abort leaves the model that serves', async () => {
  const { versions } = await modelVersions(models.get(bad)!)
  await versions.adoptPublished()
  const abort = new AbortController()
  const training = retrain({
    dataset,
    trainedOn,
    configuration: good,
    serving: models.get(bad)!,
    versions,
    kernels,
    signal: abort.signal,
    onProgress: (stage) => {
      if (stage === 'TRAINING') abort.abort(new Error('stop'))
    },
  })
  await expect(training).rejects.toThrow('the fit was cancelled')
  expect(await versions.registry.all()).toHaveLength(1)
})
