import type { Command } from 'commander'
import { Recommender } from '../engine/recommender.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { openKernels } from '../kernels/open.ts'
import { openModel, writeModel } from '../model/model-file.ts'
import { abortOnInterruption } from './interruption.ts'
import type { DataOptions, FitOptions } from './options.ts'
import { configurationOf, dataOptions, fitOptions, jsonOption, filled, threadsOption } from './options.ts'
import { expectOutputs, quarantineOf } from './outputs.ts'
import { count, customersText, printResult, size, table } from './result.ts'
import { readTuned, tunedOption } from './tuned-configuration.ts'
import { fit, read, time } from './read-data.ts'

interface TrainOptions extends DataOptions, FitOptions {
  data: string
  model: string
  tuned?: string
  threads?: number
  withoutHistories?: boolean
  json?: boolean
}

const EXAMPLE = `
Example:
  rationale train --data shop --model shop.model --factors 64`

export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .description('learn a model from order history and write it to a file')
    .requiredOption('--data <path>', 'folder of Olist-schema files, or a CSV file of interactions', filled)
    .requiredOption(
      '--model <file>',
      'where to write the model; an old file is replaced only when the new one is complete',
      filled,
    )
    .option(
      '--without-histories',
      'leave customers out of the file: their ids, histories and segments. Then it serves lists for products, baskets ' +
        'and the whole shop, but not for known customers, and none by co-purchases of customers',
    )
    .addHelpText('after', EXAMPLE)
  const shared = [...dataOptions(), ...fitOptions(), tunedOption(), threadsOption(), jsonOption()]
  for (const option of shared) command.addOption(option)
  command.action(async (options: TrainOptions) => {
    printResult(await train(options, abortOnInterruption()), options, renderTraining)
  })
}

async function train(options: TrainOptions, signal: AbortSignal) {
  const configuration = configurationOf(options, await readTuned(options.tuned))
  expectOutputs(
    { '--model': options.model },
    { '--tuned': options.tuned, ...quarantineOf(options) },
    options.data,
    options,
  )
  const kernels = await openKernels(options)
  try {
    const dataset = await read(options.data, options, signal)
    const model = await fit(dataset.result, configuration, kernels, signal, options)
    const written = await time(() =>
      writeModel(model.result, options.model, { signal, verify: (file) => serve(file, kernels) }),
    )
    const { interactions, customers, products, loss } = model.result.summary
    const { preset, factors, iterations } = configuration
    return {
      interactions,
      customers,
      products,
      preset,
      factors,
      iterations,
      loss,
      ...(model.result.summary.withoutHistories && { withoutHistories: true }),
      seconds: { read: dataset.seconds, fit: model.seconds, write: written.seconds },
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      modelBytes: written.result.bytes,
      modelHash: written.result.hash,
    }
  } finally {
    await kernels.close()
  }
}

/** Opens a model file like the command `serve`, and makes some lists. @throws {Error} if that fails */
async function serve(file: string, kernels: Kernels): Promise<void> {
  const model = await openModel(file)
  const recommender = new Recommender(model, kernels)
  try {
    const lists = await recommender.recommend([
      model.customers.size > 0
        ? { customer: 0, first: 10 }
        : { history: [{ product: 0, quantity: 1, purchasedAt: null }], first: 10 },
      { list: 'TRENDING', first: 10 },
    ])
    if (lists.some(({ items }) => items.some(({ hybrid }) => !Number.isFinite(hybrid))))
      throw new Error('it gives products scores that are not numbers')
  } finally {
    recommender.close()
  }
}

function renderTraining(trained: Awaited<ReturnType<typeof train>>): string {
  const { seconds } = trained
  return table('ll', [
    ['interactions', count(trained.interactions)],
    ['customers', customersText(trained)],
    ['products', count(trained.products)],
    ['loss', trained.loss.toPrecision(6)],
    [
      'seconds',
      `${seconds.read.toFixed(1)} read, ${seconds.fit.toFixed(1)} fit, ${seconds.write.toFixed(1)} write`,
    ],
    ['peak memory', size(trained.peakRssBytes)],
    ['model', `${size(trained.modelBytes)}, ${trained.modelHash}`],
  ])
}
