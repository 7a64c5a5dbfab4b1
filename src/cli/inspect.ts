import type { Command } from 'commander'
import { decimal, headlineFirst, interval } from '../evaluation/report-numbers.ts'
import type { EvaluationSummary, MeasuresAtK } from '../model/evaluation-summary.ts'
import { stateOf } from '../files/file-or-object.ts'
import { openModel } from '../model/model-file.ts'
import { layoutOf } from '../model/model-tensors.ts'
import { typeName } from '../model/safetensors.ts'
import { jsonOption, modelOption } from './options.ts'
import { count, customersText, printResult, rounded, size, table } from './result.ts'

interface InspectOptions {
  model: string
  json?: boolean
}

type Inspected = Awaited<ReturnType<typeof inspect>>

const EXAMPLE = `
Example:
  rationale inspect --model shop.model`

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .description('show what a model file holds and how it was made')
    .addOption(modelOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
    .action(async (options: InspectOptions) => {
      printResult(await inspect(options.model), options, render)
    })
}

async function inspect(modelFile: string) {
  const model = await openModel(modelFile)
  const bytes = (await stateOf(modelFile))?.bytes ?? 0
  const tensors = layoutOf(model).tensors.map(({ name, shape, data }) => ({
    name,
    type: typeName(data),
    shape,
    bytes: data.byteLength,
  }))
  return { version: model.version, bytes, ...model.summary, segments: model.segmentProfiles, tensors }
}

function render(inspected: Inspected): string {
  const { evaluations = [] } = inspected
  return [
    renderSummary(inspected),
    ...(evaluations.length > 0 ? [renderEvaluations(evaluations)] : []),
    renderSegments(inspected),
    renderTensors(inspected),
  ].join('\n\n')
}

function renderSummary(inspected: Inspected): string {
  const { configuration } = inspected
  return table('ll', [
    ['model', inspected.version],
    ['size', size(inspected.bytes)],
    ['format version', String(inspected.formatVersion)],
    ['interactions', count(inspected.interactions)],
    ['customers', customersText(inspected)],
    ['products', count(inspected.products)],
    ['purchases', count(inspected.purchases)],
    ...(inspected.engine
      ? [['factors fitted by', `${inspected.engine.name} ${inspected.engine.version}`]]
      : [['loss after the first iteration', inspected.lossByIteration[0].toPrecision(6)]]),
    ['loss', inspected.loss.toPrecision(6)],
    ...Object.entries(configuration)
      .filter(([field]) => field !== 'weights')
      .map(([field, value]) => [field, settingText(value)]),
    ...renderWeights(inspected),
    ['kernels', inspected.kernelVariant],
    ['data', `sha256:${inspected.dataFingerprint}`],
    ['tensors', `sha256:${inspected.tensorHash}`],
  ])
}

/** The weight of each source: the learned ones if the blend learns them, else those of the configuration. */
function renderWeights({
  configuration,
  blendWeights,
}: Pick<Inspected, 'configuration' | 'blendWeights'>): string[][] {
  if (!blendWeights) return [['weights', settingText(configuration.weights)]]
  const { discovery, basket, nextOrder, customers } = blendWeights
  return [
    ['weights, discovery', weightsText(discovery)],
    ['weights, basket', weightsText(basket)],
    ['weights, next order', weightsText(nextOrder)],
    [
      'weights learned from',
      customers > 0
        ? `the last orders of ${count(customers)} repeat customers`
        : 'too few repeat customers: the prior',
    ],
  ]
}

function weightsText(weights: Readonly<Record<string, number>>): string {
  return settingText(
    Object.fromEntries(
      Object.entries(weights).map(([source, weight]) => [source, Number(weight.toPrecision(3))]),
    ),
  )
}

/** The text of weights: `collaborative 0.6, content 0.4`. */
function settingText(value: string | number | Record<string, number>): string {
  if (typeof value !== 'object') return String(value)
  return Object.entries(value)
    .map((part) => part.join(' '))
    .join(', ')
}

/** The measures of the report's table at the K that it shows, without MRR. */
function renderEvaluations(evaluations: readonly EvaluationSummary[]): string {
  const rows = evaluations.map(({ protocol, task, cases, measures, bestOther, evaluatedWith }) => {
    const ours = headline(measures)
    return [
      `${protocol}, ${task}`,
      count(cases),
      String(ours.k),
      ...[ours.hitRate, ours.recall, ours.ndcg].map((mean) => `${decimal(mean.value)} (${interval(mean)})`),
      bestOther ? `${bestOther.name} ${decimal(headline(bestOther.measures).ndcg.value)}` : '–',
      evaluatedWith,
    ]
  })
  const head = ['evaluation', 'cases', 'K', 'hit rate', 'recall', 'nDCG', 'best other by nDCG', 'by version']
  return table('lrrlllll', [head, ...rows])
}

function headline(measures: readonly MeasuresAtK[]): MeasuresAtK {
  const k = headlineFirst(measures.map((at) => at.k))
  return measures.find((at) => at.k === k)!
}

function renderSegments({ segments }: Inspected): string {
  const features = Object.keys(segments[0]?.means ?? {})
  const rows = segments.map(({ name, customers, means }) => [
    name,
    count(customers),
    ...features.map((feature) => (means[feature] == null ? '–' : rounded(means[feature]))),
  ])
  return table(`l${'r'.repeat(1 + features.length)}`, [['segment', 'customers', ...features], ...rows])
}

function renderTensors({ tensors }: Inspected): string {
  const rows = tensors.map(({ name, type, shape, bytes }) => [name, type, shape.join(' × '), count(bytes)])
  return table('llrr', [['tensor', 'type', 'shape', 'bytes'], ...rows])
}
