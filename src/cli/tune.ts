import { existsSync, readFileSync, statSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { Option } from 'commander'
import { z } from 'zod'
import { csvLine } from '../data/csv-line.ts'
import { type AlsSetting, type AlsTry, bestOf, reached, searchAls } from '../evaluation/als-search.ts'
import {
  checkTask,
  type SplittingProtocol,
  SPLITTING_PROTOCOLS,
  trialsOf,
} from '../evaluation/protocols/trials.ts'
import { splitTrial, type SplitFormat } from '../evaluation/protocols/split.ts'
import { validationTrial, withFewerCases } from '../evaluation/protocols/validation.ts'
import { formatOption, readSplit } from './split-files.ts'
import { type Task, TASKS, type Trial } from '../evaluation/trial.ts'
import { fileProblem } from '../files/file-problems.ts'
import { replaceFile } from '../files/output-file.ts'
import { OutputFileError } from '../files/output-place.ts'
import { openKernels } from '../kernels/open.ts'
import { configurationSchema } from '../model/configuration.ts'
import { abortOnInterruption, hearInterruption } from './interruption.ts'
import { say, showProgress } from './progress.ts'
import type { SourceOptions } from './options.ts'
import {
  dataOptions,
  expectSource,
  filled,
  jsonOption,
  sourceOptions,
  threadsOption,
  wholeNumber,
} from './options.ts'
import { expectOutputs, quarantineOf } from './outputs.ts'
import { count, printResult } from './result.ts'
import { writeTuned } from './tuned-configuration.ts'
import { shellWord } from './shell-word.ts'
import { readGiven } from './read-data.ts'

interface TuneOptions extends SourceOptions {
  train?: string
  test?: string
  format: SplitFormat
  tuned?: string
  protocol: SplittingProtocol
  task: Task
  cut: string
  first: number
  seed: number
  tries?: string
  threads?: number
  json?: boolean
}

const EXAMPLE = `
Examples:
  rationale tune --data shop --protocol last-order --tries tries.jsonl --tuned tuned.json
  rationale train --data shop --model shop.model --tuned tuned.json
  rationale tune --store shop.sqlite --tuned tuned.json
  rationale tune --train train.txt --test test.txt --format user-lines --first 20 --tuned tuned.json
  rationale evaluate --train train.txt --test test.txt --format user-lines --first 20 --tuned tuned.json`

export function addTune(program: Command): void {
  const command = program
    .command('tune')
    .description(
      'find the best ALS configuration for a data set on a validation split, and print the command to train it',
    )
    .option(
      '--train <file>',
      'training data, if you have split it yourself; with --test. The search holds out a fifth of the items of each of ' +
        'its customers; only the best configuration is tried on the test data',
      filled,
    )
    .option('--test <file>', 'test data: what to predict', filled)
    .addOption(formatOption())
    .option(
      '--tuned <file>',
      'where to write the best configuration, for `train --tuned` and `evaluate --tuned`',
      filled,
    )
    .addOption(
      new Option('--protocol <name>', 'how the validation split is made')
        .choices(SPLITTING_PROTOCOLS.filter((name) => name !== 'notebook'))
        .default('last-order'),
    )
    .addOption(
      new Option(
        '--task <name>',
        'discovery: products bought before may not be recommended; next-order: they may, and count',
      )
        .choices(TASKS)
        .default('discovery'),
    )
    .option('--cut <date|share>', 'for `temporal`: train on what is earlier', filled, '0.8')
    .addOption(
      new Option('--first <n>', 'K of the nDCG@K to maximise').argParser(wholeNumber(1, 1000)).default(10),
    )
    .addOption(
      new Option('--seed <n>', 'seed of all random choices')
        .argParser(wholeNumber(0, 2 ** 32 - 1))
        .default(1),
    )
    .option(
      '--tries <file>',
      'file that stores each try in a line; a search that is started again continues from them',
      filled,
    )
    .addHelpText('after', EXAMPLE)
  const source = sourceOptions('folder or file to learn from, as `train` reads it')
  for (const option of source) command.addOption(option.conflicts(['train', 'test']))
  for (const option of [...dataOptions(), threadsOption(), jsonOption()]) command.addOption(option)
  command.action(async (options: TuneOptions) => {
    if (options.train === undefined || options.test === undefined) {
      expectSource(command, options, 'to learn from, or both --train and --test')
    }
    const signal = abortOnInterruption()
    const { written, ...search } = await findBest(options, signal)
    printResult(search, options, renderSearch)
    await written()
    if (options.tuned !== undefined && search.best.ndcg > 0) {
      await writeTuned(options.tuned, search.best.setting, signal)
    }
  })
}

async function findBest(options: TuneOptions, signal: AbortSignal) {
  const { task, cut, seed, first, train, test, tuned, data } = options
  const protocol = isWhole(options) ? options.protocol : 'split'
  checkTask(protocol, task)
  expectOutputs(
    { '--tries': options.tries, '--tuned': tuned },
    { '--train': train, '--test': test, '--store': options.store, ...quarantineOf(options) },
    data,
    options,
  )
  const kernels = await openKernels(options)
  try {
    const { validation, fingerprint, trial } = await readTrial(options, signal)
    say(`Tuning on ${count(validation.cases.length)} cases`)
    const search = { fingerprint, protocol, task, cut, first, seed }
    const record = await openTries(options.tries, search)
    const progress = showProgress('Tuning', 1)
    const tries = await searchAls(kernels, {
      validation,
      task,
      first,
      seed,
      signal,
      known: record.known,
      onTry: (tried, done, of) => {
        record.add(tried)
        progress.update(done / of)
      },
    }).finally(() => progress.stop())
    const best = bestOf(tries)
    const command = nextCommand(options, best.setting)
    const found =
      trial === undefined || best.ndcg === 0
        ? {}
        : { test: await reached(best.setting, kernels, { validation: trial, task, first, seed, signal }) }
    return { cases: validation.cases.length, tries, best, ...found, command, written: record.written }
  } finally {
    await kernels.close()
  }
}

/** Whether the data is files or a store that `train` reads, and not split by hand. */
const isWhole = ({ data, store }: TuneOptions) => data !== undefined || store !== undefined

/** The validation split, and for a given split the test data for the best configuration. */
async function readTrial(
  options: TuneOptions,
  signal: AbortSignal,
): Promise<{ validation: Trial; fingerprint: string; trial?: Trial }> {
  const { train, test, format, protocol, task, cut, seed } = options
  if (isWhole(options)) {
    const { result } = await readGiven(options, signal)
    await hearInterruption(signal)
    const [whole] = trialsOf(result, { protocol, task, cuts: [cut], seed })
    return { validation: withFewerCases(whole, seed), fingerprint: result.fingerprint }
  }
  const [learnt, held] = await readSplit([train!, test!], format, options, signal)
  await hearInterruption(signal)
  const trial = splitTrial(learnt, held, task)
  await hearInterruption(signal)
  return { validation: validationTrial(learnt, 'split', task, seed), fingerprint: learnt.fingerprint, trial }
}

const tryLine = z.object({
  setting: configurationSchema.pick({
    confidence: true,
    frequencyExponent: true,
    alpha: true,
    regularization: true,
    factors: true,
  }),
  ndcg: z.number(),
})

/**
 * The tries stored in a file: its first line describes the search, each other line is a try.
 * @throws {Error} if the file is from another search, or not such a file
 */
async function openTries(file: string | undefined, search: object) {
  if (file === undefined) return { known: [], add: () => {}, written: async () => {} }
  const head = JSON.stringify(search)
  const known: AlsTry[] = []
  if (existsSync(file)) {
    if (!statSync(file).isFile()) throw new Error(`cannot keep tries in ${file}: it is not a regular file`)
    // If the search was killed while writing, the last line is incomplete: it is tried again.
    const [found, ...lines] = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    if (found !== head) {
      throw new Error(
        `${file} holds the tries of another search (${found ?? 'it is empty'}): name another file, or delete it`,
      )
    }
    for (const [i, line] of lines.entries()) {
      const parsed = tryLine.safeParse(parseJson(line))
      if (!parsed.success)
        throw new Error(`${file}, line ${i + 2}: ${line} is not a try; delete the line or the file`)
      known.push(parsed.data)
    }
    say(`  ${count(known.length)} tries are known from ${file}`)
  }
  const lines = [head, ...known.map((tried) => JSON.stringify(tried))].map((line) => `${line}\n`)
  await replaceFile(file, [lines.join('')])
  let writing: Promise<void> = Promise.resolve()
  let skip = known.length
  const add = (tried: AlsTry) => {
    if (skip-- > 0) return
    writing = writing.then(() => appendFile(file, `${JSON.stringify(tried)}\n`))
    // A full disk must not lose the search: the error is reported after the best result.
    writing.catch(() => {})
  }
  const written = () =>
    writing.catch((cause) => {
      throw new OutputFileError(file, `${fileProblem(cause)}; some tries are missing in it`, {
        cause,
      })
    })
  return { known, add, written }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/**
 * The command that trains the setting on the same data. `train` cannot read lines of users: for these, the command that
 * evaluates the setting, if it was written to a file; else null.
 */
function nextCommand(options: TuneOptions, setting: AlsSetting): string | null {
  const { train, test, format, first, tuned } = options
  if (isWhole(options) || format === 'pairs') return trainCommand(options, setting)
  if (tuned === undefined) return null
  const [learnt, held, file] = [train!, test!, tuned].map((path) => shellWord(path))
  return `rationale evaluate --train ${learnt} --test ${held} --format ${format} --first ${first} --tuned ${file}`
}

function trainCommand(
  { data, store, train, columns, ratings, lenient }: TuneOptions,
  setting: AlsSetting,
): string {
  const source = store === undefined ? `--data ${shellWord(data ?? train!)}` : `--store ${shellWord(store)}`
  const { confidence, frequencyExponent, alpha, regularization, factors } = setting
  const pairs = Object.entries(columns ?? {}).map(([field, column]) => `${field}=${column}`)
  const reading = [
    ...(pairs.length > 0 ? [`--columns ${shellWord(csvLine(pairs))}`] : []),
    ...(ratings === undefined ? [] : [`--ratings ${ratings}`]),
    ...(lenient ? ['--lenient'] : []),
  ]
    .map((option) => ` ${option}`)
    .join('')
  return (
    `rationale train ${source}${reading} --model tuned.model --confidence ${confidence} --alpha ${alpha} ` +
    `--regularization ${regularization} --frequency-exponent ${frequencyExponent} --factors ${factors}`
  )
}

function renderSearch({
  cases,
  tries,
  best,
  command,
  test,
}: Omit<Awaited<ReturnType<typeof findBest>>, 'written'>): string {
  if (best.ndcg === 0) {
    return `None of ${tries.length} settings found any of ${count(cases)} cases, so none is best: use more data or longer lists (--first).`
  }
  const onTest = test === undefined ? '' : `; on the test ${test.toFixed(4)}`
  return [
    `Best of ${tries.length} on ${count(cases)} cases: nDCG ${best.ndcg.toFixed(4)}${onTest}.`,
    command === null
      ? `It is ${JSON.stringify(best.setting)}: name a file with --tuned to use it.`
      : `To use it:\n  ${command}`,
  ].join(' ')
}
