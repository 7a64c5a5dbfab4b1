import type { Command } from 'commander'
import { Option } from 'commander'
import { conclusionOf } from '../evaluation/conclusion.ts'
import type { EvaluationReport } from '../evaluation/evaluation-report.ts'
import { pageOf } from '../documents/page.ts'
import { headlineMarkdown, reportDocument } from '../evaluation/report-document.ts'
import { PROTOCOL_DESCRIPTIONS, type ProtocolName } from '../evaluation/protocols/description.ts'
import { SPLITTING_PROTOCOLS } from '../evaluation/protocols/trials.ts'
import type { Task } from '../evaluation/trial.ts'
import { replaceFile } from '../files/output-file.ts'
import { openKernels } from '../kernels/open.ts'
import { protocolOf, runEvaluation } from './evaluating.ts'
import { abortOnInterruption } from './interruption.ts'
import { say } from './narration.ts'
import type { DataOptions } from './options.ts'
import { dataOptions, jsonOption, listOf, filled, threadsOption, wholeNumber } from './options.ts'
import { expectOutputs, quarantineOf } from './outputs.ts'
import type { Recording } from './recording.ts'
import { openRecording } from './recording.ts'
import { printResult } from './result.ts'

export interface EvaluateOptions extends DataOptions {
  data?: string
  train?: string
  test?: string
  format?: 'pairs' | 'user-lines'
  protocol?: ProtocolName
  task: Task
  cut?: string[]
  first: number[]
  seed: number
  systems?: string[]
  tune: boolean
  note?: string[]
  report?: string
  record?: string
  threads?: number
  json?: boolean
  leastCustomers?: number
}

const EXAMPLE = `
Examples:
  rationale evaluate --data shop --protocol temporal --cut 0.7 --cut 0.8 --report evaluation.html
  rationale evaluate --data shop --protocol last-order --task next-order --json
  rationale evaluate --data shop --record shop.model
  rationale evaluate --train train.txt --test test.txt --format user-lines --first 20`

export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description(
      'measure how well recommendations find what customers bought next, beside simpler ways to recommend',
    )
    .addOption(
      new Option('--data <path>', 'folder or file to split, as `train` reads it')
        .argParser(filled)
        .conflicts(['train', 'test']),
    )
    .option('--train <file>', 'what to learn from, where the split is given; with --test', filled)
    .option('--test <file>', 'what to find', filled)
    .addOption(
      new Option('--format <name>', 'of --train and --test: CSV pairs, or lines of a user and their items')
        .choices(['pairs', 'user-lines'])
        .default('pairs'),
    )
    .addOption(
      new Option('--protocol <name>', 'how the data is split (default: temporal)').choices(
        SPLITTING_PROTOCOLS,
      ),
    )
    .addOption(
      new Option('--task <name>', 'whether what was bought before may be recommended, and counts')
        .choices(['discovery', 'next-order'])
        .default('discovery'),
    )
    .option(
      '--cut <date|share>',
      'of `temporal`: learn from what is earlier; repeat it for several (default: 0.8)',
      (cut: string, cuts: string[] = []) => [...cuts, filled(cut)],
    )
    .addOption(
      new Option('--first <list>', 'how long lists are looked at')
        .argParser(listOf(wholeNumber(1, 1000)))
        .default([5, 10, 20, 50], '5,10,20,50'),
    )
    .addOption(
      new Option('--seed <n>', 'of whatever draws lots').argParser(wholeNumber(0, 2 ** 32 - 3)).default(1),
    )
    .addOption(
      new Option('--systems <list>', 'only these, and `default`').argParser(listOf((name: string) => name)),
    )
    .option(
      '--no-tune',
      'take the simpler systems with usual settings, in place of tuning them on a validation split',
    )
    .option(
      '--note <text>',
      'what readers of the figures have to know; repeat it for several',
      (note: string, notes: string[] = []) => [...notes, filled(note)],
    )
    .option('--report <file>', 'also write a page with plots that opens offline', filled)
    .addOption(
      new Option(
        '--record <model>',
        'evaluate the configuration of this model file, trained on the same --data, and keep a summary in it: for ' +
          '`inspect`, and modelInfo in the API; replaces that of the same protocol and task',
      )
        .argParser(filled)
        .conflicts(['train', 'test']),
    )
    .addOption(
      new Option(
        '--least-customers <n>',
        'of `basket`, whose customers are not known: how many must have bought two products before lists of one tell the ' +
          'other (default: $LEAST_CUSTOMERS, else 2)',
      ).argParser(wholeNumber(1)),
    )
    .addHelpText('after', EXAMPLE)
  for (const option of [...dataOptions(), threadsOption(), jsonOption()]) command.addOption(option)
  command.action(async (options: EvaluateOptions) => {
    if (!options.data && !(options.train && options.test)) {
      command.error('error: name the --data to split, or both --train and --test')
    }
    if (options.leastCustomers !== undefined && protocolOf(options) !== 'basket') {
      command.error('error: --least-customers is for --protocol basket: elsewhere customers are known')
    }
    const signal = abortOnInterruption()
    const { record } = options
    const { train, test, report: page } = options
    expectOutputs(
      { '--report': page, '--record': record },
      { '--train': train, '--test': test, ...quarantineOf(options) },
      options.data,
      options,
    )
    const recording = record === undefined ? undefined : await openRecording(record, protocolOf(options))
    const report = await evaluateWith(options, signal, recording)
    // First, so that minutes of work are not lost where a file cannot be written after all.
    printResult(report, options, (found) => `${conclusionOf(found)}\n\n${headlineMarkdown(found)}`)
    if (page !== undefined) await writePage(page, report, signal)
    await recording?.write(report, program.version()!, signal)
  })
}

async function evaluateWith(
  options: EvaluateOptions,
  signal: AbortSignal,
  recording?: Recording,
): Promise<EvaluationReport> {
  const kernels = await openKernels(options)
  try {
    return await runEvaluation(options, kernels, signal, recording)
  } finally {
    await kernels.close()
  }
}

async function writePage(file: string, report: EvaluationReport, signal: AbortSignal): Promise<void> {
  const description = [PROTOCOL_DESCRIPTIONS[report.protocol as ProtocolName]]
  await replaceFile(file, [pageOf(reportDocument(report, description))], { signal })
  say(`Wrote ${file}`)
}
