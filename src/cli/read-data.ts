import type { Dataset } from '../data/dataset.ts'
import { readRatings } from '../data/ratings.ts'
import { readDataset } from '../data/read.ts'
import type { TrainOptions } from '../engine/train.ts'
import { trainModel } from '../engine/train.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { HeldOutQuality, ListQuality } from '../model/blend-weights.ts'
import { bestSource } from '../model/blend-weights.ts'
import type { Configuration } from '../model/configuration.ts'
import type { Model } from '../model/model.ts'
import { say, showProgress } from './progress.ts'
import type { Watermark } from '../store/event-store.ts'
import { readStore } from '../store/read-store.ts'
import { storeName } from '../store/open-database.ts'
import { openEvents } from '../store/open-events.ts'
import type { DataOptions, SourceOptions } from './options.ts'
import { count } from './result.ts'
import { existingStore } from './store.ts'

/** A step's result and how long it took. */
export interface Timed<Result> {
  readonly result: Result
  readonly seconds: number
}

/** Reads a shop's data and prints progress. The preset `notebook` counts cancelled orders. */
export async function read(
  path: string,
  options: DataOptions & { readonly preset?: Configuration['preset']; readonly keepColumns?: boolean },
  signal: AbortSignal,
): Promise<Timed<Dataset>> {
  const { lenient = false, quarantine, columns = {}, ratings, now, keepColumns = false } = options
  const countCancelled = options.countCancelled ?? options.preset === 'notebook'
  const when = { signal, ...(now !== undefined && { now }) }
  say(`Reading ${path}`)
  const progress = showProgress('Reading ', 1)
  const timed = await time(() =>
    ratings !== undefined
      ? readRatings(path, { least: ratings, ...when })
      : readDataset(path, {
          lenient,
          quarantineFile: quarantine,
          columns,
          countCancelled,
          keepColumns,
          ...when,
          onProgress: ({ bytesRead, bytesTotal }) => progress.update(bytesRead / bytesTotal),
        }),
  ).finally(() => progress.stop())
  sayRead(timed)
  if (timed.result.quarantined > 0)
    say(`  ${count(timed.result.quarantined)} bad rows set aside in ${quarantine}`)
  return timed
}

/** Reads what a store holds, as `read` reads files, and prints progress. @returns with the events that were read */
export async function readStored(
  store: string,
  signal: AbortSignal,
): Promise<Timed<Dataset> & { readonly trainedOn: Watermark }> {
  const name = storeName(store)
  say(`Reading ${name}`)
  const events = openEvents(store)
  try {
    const trainedOn = await events.watermark()
    if (trainedOn === null)
      throw new Error(`there is no event in ${name}: \`rationale import\` brings purchases there`)
    const { receivedThrough } = trainedOn
    const timed = await time(() => readStore(store, signal, { receivedThrough }))
    sayRead(timed)
    return { ...timed, trainedOn }
  } finally {
    await events.close()
  }
}

/** Reads the data of a command: files, or a store; exactly one is named. */
export function readGiven(
  options: SourceOptions & { readonly preset?: Configuration['preset'] },
  signal: AbortSignal,
): Promise<Timed<Dataset> & { readonly trainedOn?: Watermark }> {
  return options.data === undefined
    ? readStored(existingStore(options, 'rationale import'), signal)
    : read(options.data, options, signal)
}

function sayRead({ result, seconds }: Timed<Dataset>): void {
  const { interactions, orders, products, cancelled, browsing, warnings = [], unusedColumns = [] } = result
  say(
    `  ${count(interactions.count)} interactions in ${count(orders.count)} orders, ` +
      `${count(products.size)} products in ${seconds.toFixed(1)} s`,
  )
  if (browsing) say(`  ${count(browsing.count)} views and cart entries`)
  if (cancelled && cancelled.count > 0)
    say(`  ${count(cancelled.count)} cancelled ${cancelled.count === 1 ? 'order' : 'orders'} left out`)
  if (unusedColumns.length > 0)
    say(`  nothing is learned from columns of products: ${unusedColumns.join(', ')} (\`import\` keeps them)`)
  for (const warning of warnings) say(`  warning: ${warning}`)
}

/** Trains a model and prints progress. */
export async function fit(
  dataset: Dataset,
  configuration: Configuration,
  kernels: Kernels,
  signal: AbortSignal,
  {
    withoutHistories = false,
    effort,
    engine,
    fixed,
    trainedOn,
  }: Pick<TrainOptions, 'withoutHistories' | 'effort' | 'engine' | 'fixed' | 'trainedOn'> = {},
): Promise<Timed<Model>> {
  const { preset, factors, iterations } = configuration
  say(`Training (${preset} preset, ${factors} factors, ${iterations} iterations)`)
  const progress = showProgress('Training', 1)
  const timed = await time(() =>
    trainModel(dataset, configuration, kernels, {
      onIteration: (done, of) => progress.update(done / of),
      signal,
      withoutHistories,
      ...(effort && { effort }),
      ...(engine && { engine }),
      ...(fixed && { fixed }),
      ...(trainedOn && { trainedOn }),
    }),
  ).finally(() => progress.stop())
  const { summary, version } = timed.result
  const { blendWeights, configuration: used } = summary
  if (alsText(used) !== alsText(configuration)) say(`  ALS that suits the data: ${alsText(used)}`)
  if (blendWeights) {
    say(
      blendWeights.customers > 0
        ? `  sources’ weights learned from the last orders of ${count(blendWeights.customers)} repeat customers`
        : '  too few repeat customers to learn the sources’ weights: the prior weights are used',
    )
  }
  if (blendWeights?.sessions)
    say(`  weights of views and cart entries learned from ${count(blendWeights.sessions)} sessions`)
  for (const [list, quality] of Object.entries(blendWeights?.heldOut ?? {}))
    if (quality) say(`  ${FOUND[list as keyof typeof FOUND]}: ${heldOutText(quality)}`)
  say(`  model ${version}, loss ${summary.loss.toPrecision(5)}, in ${timed.seconds.toFixed(1)} s`)
  return timed
}

/** What each kind of list looked for among what was held out. */
const FOUND = { discovery: 'new products', basket: 'what goes with a purchase', nextOrder: 'next orders' }

const of100 = ({ hitRate10 }: ListQuality) => `${Math.round(100 * hitRate10)} of 100`

/** "the blend finds something for 31 of 100 customers, repeat alone for 29". */
function heldOutText(quality: HeldOutQuality): string {
  const { served, blend, sources } = quality
  const single = bestSource(quality)
  const text =
    served === 'blend'
      ? `the blend finds something for ${of100(blend)} customers, ${single.name} alone for ${of100(single)}`
      : `${served} alone finds something for ${of100(sources[served])} customers, the blend for ${of100(blend)}: ${served} is served`
  const most = Math.max(blend.ndcg10, single.ndcg10)
  return sources.popularity.ndcg10 >= most ? `${text}; nothing is better than what sells most` : text
}

/** The settings of ALS, as words. */
function alsText(configuration: Configuration): string {
  const { confidence, observation, alpha, regularization, factors } = configuration
  const counted = confidence === 'ials' ? '' : ` of ${observation}`
  return `${confidence}${counted}, α ${alpha}, λ ${regularization}, ${factors} factors`
}

/** Runs a step and measures its time. */
export async function time<Result>(step: () => Promise<Result>): Promise<Timed<Result>> {
  const start = performance.now()
  const result = await step()
  return { result, seconds: (performance.now() - start) / 1000 }
}
