import type { Dataset } from '../data/dataset.ts'
import { readDataset } from '../data/read.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { Configuration } from '../model/configuration.ts'
import { fitModel } from '../model/fit.ts'
import type { Model } from '../model/model.ts'
import { say, showProgress } from './narration.ts'
import type { DataOptions } from './options.ts'
import { count } from './result.ts'

/** A step's result and how long it took. */
export interface Timed<Result> {
  readonly result: Result
  readonly seconds: number
}

/** Reads a shop's data, saying so. */
export async function read(
  path: string,
  { lenient = false, quarantine, columns = {} }: DataOptions,
  signal: AbortSignal,
): Promise<Timed<Dataset>> {
  say(`Reading ${path}`)
  const progress = showProgress('Reading ', 1)
  const timed = await time(() =>
    readDataset(path, {
      lenient,
      quarantineFile: quarantine,
      columns,
      signal,
      onProgress: ({ bytesRead, bytesTotal }) => progress.update(bytesRead / bytesTotal),
    }),
  ).finally(() => progress.stop())
  const { interactions, orders, products, quarantined } = timed.result
  say(
    `  ${count(interactions.count)} interactions in ${count(orders.count)} orders, ` +
      `${count(products.size)} products in ${timed.seconds.toFixed(1)} s`,
  )
  if (quarantined > 0) say(`  ${count(quarantined)} bad rows set aside in ${quarantine}`)
  return timed
}

/** Fits a model, saying so. */
export async function fit(
  dataset: Dataset,
  configuration: Configuration,
  kernels: Kernels,
  signal: AbortSignal,
): Promise<Timed<Model>> {
  const { preset, factors, iterations } = configuration
  say(`Training (${preset} preset, ${factors} factors, ${iterations} iterations)`)
  const progress = showProgress('Training', iterations)
  const timed = await time(() =>
    fitModel(dataset, configuration, kernels, { onIteration: (done) => progress.update(done), signal }),
  ).finally(() => progress.stop())
  const { summary, version } = timed.result
  say(`  model ${version}, loss ${summary.loss.toPrecision(5)}, in ${timed.seconds.toFixed(1)} s`)
  return timed
}

/** Runs a step by the clock. */
export async function time<Result>(step: () => Promise<Result>): Promise<Timed<Result>> {
  const start = performance.now()
  const result = await step()
  return { result, seconds: (performance.now() - start) / 1000 }
}
