import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { markdownOf } from '../documents/markdown.ts'
import { pageOf } from '../documents/page.ts'
import { NO_DIFFERENCE } from '../evaluation/comparison.ts'
import { count, headlineFirst } from '../evaluation/report-numbers.ts'
import { CONTROL_NAMES } from '../experiments/data-facts.ts'
import { designExperiment } from '../experiments/design.ts'
import { designDocument, verdictText } from '../experiments/document.ts'
import type { ExperimentDesign, OfflineEvidence } from '../experiments/experiment-design.ts'
import type { PrimaryMetric } from '../experiments/metric-definitions.ts'
import { PRIMARY_METRICS } from '../experiments/metric-definitions.ts'
import { DesignError, checkRequest } from '../experiments/request.ts'
import type { DesignRequest } from '../experiments/request.ts'
import { replaceFile } from '../files/output-file.ts'
import type { PresetName } from '../model/configuration.ts'
import { abortOnInterruption } from './interruption.ts'
import { say } from './progress.ts'
import type { DataOptions } from './options.ts'
import { dataOptions, jsonOption, listOf, number, percentage, shares, filled } from './options.ts'
import { expectOutputs, quarantineOf } from './outputs.ts'
import { printResult } from './result.ts'
import { read } from './read-data.ts'

interface DesignCommandOptions extends DataOptions {
  data: string
  primary: PrimaryMetric
  baselineRate?: number
  minimumEffect: number
  power: number
  alpha: number
  split: number[]
  weeks?: number
  window: number
  control: string
  treatments?: string[]
  salt?: string
  evaluation?: string
  note?: string[]
  out?: string
  report?: string
  json?: boolean
}

const PRESETS: readonly string[] = ['default', 'notebook'] satisfies PresetName[]

const EXAMPLE = `
Examples:
  rationale experiment design --data shop --out ab-test.md --report ab-test.html
  rationale experiment design --data shop --primary basket-size --minimum-effect 3% --split 34/33/33
  rationale experiment design --data shop --primary conversion --baseline-rate 0.02 --weeks 6`

export function addExperiment(program: Command): void {
  const experiment = program.command('experiment').description('plan a test of recommendations on customers')
  const command = experiment
    .command('design')
    .description("design an A/B test from a shop's own past: metric, customers, arms and duration")
    .requiredOption('--data <path>', 'folder or file of the past, as `train` reads it', filled)
    .addOption(
      new Option('--primary <metric>', 'metric that the recommender should improve')
        .choices(PRIMARY_METRICS)
        .default('repeat-purchase-rate'),
    )
    .option(
      '--baseline-rate <x>',
      'present rate, 0 to 1, instead of the measured one; for conversion',
      number,
    )
    .addOption(
      new Option(
        '--minimum-effect <percent>',
        'the smallest rise worth detecting, in per cent of the baseline',
      )
        .argParser(percentage)
        .default(0.05, '5%'),
    )
    .option('--power <x>', 'probability of detecting such a rise', number, 0.8)
    .option(
      '--alpha <x>',
      'probability of detecting a difference if there is none; two-sided, for all arms together',
      number,
      0.05,
    )
    .addOption(
      new Option(
        '--split <shares>',
        'per cent of customers in each arm, the control first; several arms: 34/33/33',
      )
        .argParser(shares)
        .default([0.5, 0.5], '50/50'),
    )
    .option('--weeks <n>', 'weeks in which customers enter (default: as many as the effect needs)', number)
    .option(
      '--window <weeks>',
      "weeks from a customer's first order in the test in which outcomes count",
      number,
      8,
    )
    .addOption(
      new Option('--control <name>', 'what the control sees')
        .choices(CONTROL_NAMES)
        .default('popular-products'),
    )
    .addOption(
      new Option(
        '--treatments <presets>',
        `what each other arm sees (default: ${PRESETS.join(', then ')})`,
      ).argParser(listOf(preset)),
    )
    .option(
      '--salt <text>',
      "makes this experiment's assignment independent of others' (default: the primary metric)",
      filled,
    )
    .option('--evaluation <file>', 'offline evidence: a report of `rationale evaluate --json`', filled)
    .option(
      '--note <text>',
      'a note for readers of the figures; repeatable',
      (note: string, notes: string[] = []) => [...notes, filled(note)],
    )
    .option('--out <file>', 'write the Markdown to this file instead of stdout', filled)
    .option('--report <file>', 'also write a page with a plot that opens offline', filled)
    .addHelpText('after', EXAMPLE)
  for (const option of [...dataOptions(), jsonOption()]) command.addOption(option)
  command.action(async (options: DesignCommandOptions) => {
    const request = requestOf(options)
    try {
      checkRequest(request)
    } catch (error) {
      if (error instanceof DesignError) command.error(`error: ${error.message}`)
      throw error
    }
    const design = await designAndWrite(options, request, abortOnInterruption())
    printResult(design, options, (found) =>
      options.out === undefined ? markdownOf(designDocument(found)).trimEnd() : verdictText(found).join(' '),
    )
  })
}

function requestOf(options: DesignCommandOptions): DesignRequest {
  const { primary, baselineRate, minimumEffect, power, alpha, split, weeks, window, control } = options
  return {
    primary,
    ...(baselineRate !== undefined && { baselineRate }),
    minimumEffect,
    power,
    alpha,
    split,
    ...(weeks !== undefined && { weeks }),
    window,
    control,
    treatments: options.treatments ?? PRESETS.slice(0, split.length - 1),
    salt: options.salt ?? primary,
    notes: options.note ?? [],
  }
}

async function designAndWrite(
  options: DesignCommandOptions,
  request: DesignRequest,
  signal: AbortSignal,
): Promise<ExperimentDesign> {
  const { data, evaluation, out, report } = options
  expectOutputs(
    { '--out': out, '--report': report },
    { '--evaluation': evaluation, ...quarantineOf(options) },
    data,
    options,
  )
  const evidence = evaluation === undefined ? undefined : await readEvidence(evaluation)
  const { result: dataset } = await read(data, options, signal)
  say('Designing')
  const design = await designExperiment(dataset, request, { ...(evidence && { evidence }), signal })
  const document = designDocument(design)
  const files = [
    [out, markdownOf],
    [report, pageOf],
  ] as const
  for (const [file, render] of files) {
    if (file === undefined) continue
    await replaceFile(file, [render(document)], { signal })
    say(`Wrote ${file}`)
  }
  return design
}

/** @throws {InvalidArgumentError} unless `name` is a preset */
function preset(name: string): string {
  if (PRESETS.includes(name)) return name
  throw new InvalidArgumentError(`It has to name presets, of ${PRESETS.join(', ')}.`)
}

/** The fields used from an `EvaluationReport`. */
const report = z.object({
  protocol: z.string(),
  task: z.string(),
  users: z.number(),
  cases: z.number(),
  first: z.array(z.number()).nonempty(),
  defaultName: z.string(),
  notes: z.array(z.string()),
  systems: z.array(
    z.object({
      name: z.string(),
      ndcg: z.record(z.string(), z.object({ value: z.number(), low: z.number(), high: z.number() })),
      versusDefault: z
        .record(z.string(), z.object({ verdict: z.enum(['better', 'worse', NO_DIFFERENCE]) }))
        .optional(),
    }),
  ),
})

/**
 * Reads a report of `rationale evaluate --json` as evidence: nDCG at its main K, with the default first.
 * @throws {Error} naming the file, if it cannot be read or is not such a report
 */
export async function readEvidence(file: string): Promise<OfflineEvidence> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Error(`--evaluation ${file} cannot be read: ${cause.message}`, { cause })
  })
  const parsed = report.safeParse(parseJson(text))
  if (!parsed.success) {
    throw new Error(
      `--evaluation ${file} is not an evaluation report: make one with rationale evaluate … --json > ${file}`,
    )
  }
  const { protocol, task, users, cases, first, defaultName, notes, systems } = parsed.data
  const k = headlineFirst(first)
  const isDefault = ({ name }: { name: string }) => Number(name === defaultName)
  return {
    procedure: `protocol ${protocol}, task ${task}, ${count(cases)} cases of ${count(users)} users`,
    measure: `nDCG @${k}`,
    systems: systems
      .toSorted((a, b) => isDefault(b) - isDefault(a))
      .map(({ name, ndcg, versusDefault }) => {
        const { value, low, high } = ndcg[k]
        const verdict = versusDefault?.[`ndcg@${k}`]?.verdict ?? 'the treatment'
        return { name, value, low, high, verdict }
      }),
    notes,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
