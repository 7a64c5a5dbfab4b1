import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { Effort } from '../engine/choose-als.ts'
import { EFFORTS } from '../engine/choose-als.ts'
import type { TrainingEngine } from '../engine/training-engine.ts'
import { Recommender } from '../engine/recommender.ts'
import { placeOf } from '../files/output-place.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { openKernels } from '../kernels/open.ts'
import type { HeldOutQuality } from '../model/blend-weights.ts'
import { bestSource } from '../model/blend-weights.ts'
import type { Configuration } from '../model/configuration.ts'
import { openModel, writeModel } from '../model/model-file.ts'
import type { ModelSummary } from '../model/model.ts'
import { expectFittable, SPARK_EQUATION, sparkEngine, sparkInteractions } from '../spark/engine.ts'
import { abortOnInterruption } from './interruption.ts'
import type { FitOptions, SourceOptions } from './options.ts'
import {
  configurationOf,
  dataOptions,
  expectSource,
  filled,
  fitOptions,
  givenFields,
  jsonOption,
  sourceOptions,
  threadsOption,
} from './options.ts'
import { expectOutputs, quarantineOf } from './outputs.ts'
import { count, customersText, printResult, size, table } from './result.ts'
import { readTuned, tunedOption } from './tuned-configuration.ts'
import { fit, readGiven, time } from './read-data.ts'

interface TrainOptions extends SourceOptions, FitOptions {
  model: string
  tuned?: string
  threads?: number
  withoutHistories?: boolean
  effort: Effort
  engine: 'local' | 'spark'
  master?: string
  sparkSubmit?: string
  sparkConf?: Record<string, string>
  work?: string
  json?: boolean
}

const EXAMPLE = `
Examples:
  rationale train --data shop --model shop.model --factors 64
  rationale train --store shop.sqlite --model shop.model
  rationale train --store shop.sqlite --model shop.model --without-histories
  rationale train --engine spark --master local[*] --data shop-parquet --model shop.model`

export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .description('learn a model from order history and write it to a file')
    .requiredOption(
      '--model <file>',
      'where to write the model; an old file is replaced only when the new one is complete',
      filled,
    )
    .option(
      '--without-histories',
      'leave customers out of the file: their ids, histories and segments. With --store, `serve` reads these from that ' +
        'store, and answers as if the file held them. With --data the file also leaves out what only one customer bought ' +
        'together, and answers for products, baskets and the whole shop, not for known customers',
    )
    .addOption(
      new Option(
        '--effort <name>',
        'how much is tried to find settings of ALS that suit the data: none; as much as three plain fits take; a whole ' +
          'grid. What is set by options or --tuned is not searched',
      )
        .choices(EFFORTS)
        .default('normal' satisfies Effort),
    )
    .addOption(
      new Option('--engine <name>', 'what fits the factors: this machine, or Apache Spark (docs/scale.md)')
        .choices(['local', 'spark'] satisfies TrainOptions['engine'][])
        .default('local' satisfies TrainOptions['engine']),
    )
    .option('--master <url>', 'where Spark runs: local[*], spark://host:7077, k8s://…, yarn', filled)
    .option(
      '--spark-submit <file>',
      'the program `spark-submit` (default: that of SPARK_HOME, else the one on the path)',
      filled,
    )
    .addOption(
      new Option(
        '--spark-conf <setting>',
        'a setting of Spark, such as spark.executor.memory=8g; may be repeated',
      ).argParser(sparkSetting),
    )
    .option(
      '--work <dir>',
      'a folder that this machine and all of Spark see under the same name, for inputs and results (default: that of the model)',
      filled,
    )
    .addHelpText('after', EXAMPLE)
  const source = sourceOptions('folder of Olist-schema files, or a CSV file of interactions')
  const shared = [...dataOptions(), ...fitOptions(), tunedOption(), threadsOption(), jsonOption()]
  for (const option of [...source, ...shared]) command.addOption(option)
  command.action(async (options: TrainOptions) => {
    expectSource(command, options, 'to learn from')
    expectEngine(command, options)
    printResult(await train(options, abortOnInterruption()), options, renderTraining)
  })
}

/** Ends the command where options of Spark do not go with the engine. */
function expectEngine(command: Command, options: TrainOptions): void {
  const { engine, master, data, columns, ratings, lenient, countCancelled } = options
  if (engine === 'spark') {
    if (master === undefined) command.error('error: name the --master that Spark runs on, such as local[*]')
    const unread = Object.entries({
      '--columns': columns,
      '--ratings': ratings,
      '--lenient': lenient,
      '--count-cancelled': countCancelled,
    })
      .filter(([, value]) => value !== undefined)
      .map(([option]) => option)
    const advice = 'write it by `rationale export` first, and give that folder as --data'
    if (data === undefined || /^\w+:\/\//.test(data))
      command.error(`error: Spark reads a folder of Parquet, and neither a store nor a database: ${advice}`)
    if (unread.length > 0)
      command.error(`error: Spark reads data as it is, without ${unread.join(', ')}: ${advice}`)
    return
  }
  const given = (['master', 'sparkSubmit', 'sparkConf', 'work'] as const).filter(
    (name) => options[name] !== undefined,
  )
  if (given.length > 0)
    command.error('error: --master, --spark-submit, --spark-conf and --work go with --engine spark')
}

/**
 * Spark, where it is asked for.
 * @throws {ConfigurationError} unless it can fit the configuration
 * @throws {SparkError} unless it can read the data
 */
function engineOf(
  { engine, data, model, work, ...options }: TrainOptions,
  configuration: Configuration,
  kernels: Kernels,
): TrainingEngine | undefined {
  if (engine === 'local') return undefined
  expectFittable(configuration)
  sparkInteractions(data!)
  // Beside a model that goes through a pipe, or to object storage, there is no place for anything.
  const beside = placeOf(model).kind === 'FILE' ? dirname(model) : tmpdir()
  return sparkEngine(
    {
      data: data!,
      master: options.master!,
      work: work ?? beside,
      log: join(beside, `${basename(model)}.spark.log`),
      ...(options.sparkSubmit && { submit: options.sparkSubmit }),
      ...(options.sparkConf && { conf: options.sparkConf }),
    },
    kernels,
  )
}

/** @throws {InvalidArgumentError} unless it is a name, `=` and a value */
function sparkSetting(text: string, others: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^(spark\.[^=\s]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined) throw new InvalidArgumentError('It has to look like spark.executor.memory=8g.')
  return { ...others, [name]: value }
}

async function train(options: TrainOptions, signal: AbortSignal) {
  const tuned = await readTuned(options.tuned)
  const { regularizationScale } = SPARK_EQUATION
  const scale = options.engine === 'spark' ? { regularizationScale } : {}
  const configuration = configurationOf(options, { ...scale, ...tuned })
  const fixed = Object.keys({ ...tuned, ...givenFields(options) }) as (keyof Configuration)[]
  expectOutputs(
    { '--model': options.model },
    { '--tuned': options.tuned, '--store': options.store, ...quarantineOf(options) },
    options.data,
    options,
  )
  const kernels = await openKernels(options)
  try {
    const engine = engineOf(options, configuration, kernels)
    const { trainedOn, ...dataset } = await readGiven(options, signal)
    const model = await fit(dataset.result, configuration, kernels, signal, {
      effort: options.effort,
      fixed,
      ...(engine && { engine }),
      ...(options.withoutHistories && { withoutHistories: true }),
      ...(trainedOn && { trainedOn }),
    })
    const written = await time(() =>
      writeModel(model.result, options.model, { signal, verify: (file) => serve(file, kernels) }),
    )
    const { interactions, customers, products, loss } = model.result.summary
    const { engine: by } = model.result.summary
    const { preset, factors, iterations } = model.result.summary.configuration
    const chosen = chosenOf(model.result.summary)
    return {
      interactions,
      customers,
      products,
      preset,
      factors,
      iterations,
      loss,
      ...(by && { engine: by }),
      ...(model.result.summary.withoutHistories && { withoutHistories: true }),
      ...(chosen && { chosen }),
      seconds: { read: dataset.seconds, fit: model.seconds, write: written.seconds },
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      modelBytes: written.result.bytes,
      modelHash: written.result.hash,
    }
  } finally {
    await kernels.close()
  }
}

/** What is served, and how it and the best source alone did. */
function inShort(quality: HeldOutQuality) {
  const { name, ndcg10 } = bestSource(quality)
  return { served: quality.served, blend: quality.blend.ndcg10, best: { name, ndcg10 } }
}

/** What training chose by held-out orders, and how well it did there; undefined where it chose nothing. */
function chosenOf({ configuration, blendWeights }: ModelSummary) {
  const heldOut = blendWeights?.heldOut
  if (!heldOut) return undefined
  const { confidence, observation, alpha, regularization, frequencyExponent, factors } = configuration
  return {
    served: heldOut.discovery.served,
    als: { confidence, observation, alpha, regularization, frequencyExponent, factors },
    ease: { regularization: configuration.easeRegularization },
    heldOut: {
      ...inShort(heldOut.discovery),
      ...(heldOut.basket && { basket: inShort(heldOut.basket) }),
      nextOrder: inShort(heldOut.nextOrder),
    },
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
