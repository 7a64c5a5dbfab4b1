import { type Command, InvalidArgumentError, Option } from 'commander'
import { CsvError, parse as parseCsv } from 'csv-parse/sync'
import type { ConfidenceConvention, Observation } from '../data/confidence.ts'
import { OBSERVATIONS } from '../data/confidence.ts'
import { parseTimestamp } from '../data/fields.ts'
import type { RegularizationScale } from '../kernels/kernels.ts'
import { REGULARIZATION_SCALES } from '../kernels/kernels.ts'
import type { Configuration, PresetName } from '../model/configuration.ts'
import { configure } from '../model/configuration.ts'
import { formOf, helpOf, readSettings, SERVE_SETTINGS, type Setting } from '../server/settings.ts'

/** The parsed `dataOptions()`. */
export interface DataOptions {
  lenient?: boolean
  quarantine: string
  columns?: Record<string, string>
  ratings?: number
  /** When the data was current, in ms since 1970. */
  now?: number
  countCancelled?: boolean
}

/** Where a command reads its data: files, or a store. */
export interface SourceOptions extends DataOptions {
  data?: string
  store?: string
}

/** The command-line option of a setting. */
export function settingOption(setting: Setting & { readonly flag: string }): Option {
  const option = new Option(setting.flag, helpOf(setting))
  if (!setting.flag.includes('<')) return option
  return option.argParser((text: string, others: unknown) => {
    const { data, error } = setting.check.safeParse(filled(text))
    if (error) {
      const message = setting.form === undefined ? `must be ${formOf(setting)}` : error.issues[0].message
      throw new InvalidArgumentError(`It ${message}.`)
    }
    if (!Array.isArray(data)) return data
    if (data.length === 0) throw new InvalidArgumentError('It is empty. Give it at least one value.')
    return [...(Array.isArray(others) ? others : []), ...data]
  })
}

/**
 * The least number of customers: the option, else the environment's LEAST_CUSTOMERS, else the default.
 * @throws {Error} if LEAST_CUSTOMERS is not a whole number of at least 1
 */
export function leastCustomersOf(options: { readonly leastCustomers?: number }): {
  readonly leastCustomers: number
} {
  const { leastCustomers } = SERVE_SETTINGS
  return readSettings({ leastCustomers }, { leastCustomers: options.leastCustomers }, process.env)
}

/** The options for reading data, of the commands that train. */
export function dataOptions(): Option[] {
  return [
    new Option(
      '--columns <pairs>',
      "names of a CSV file's columns: customer_id=userId,product_id=movieId",
    ).argParser(parseColumns),
    new Option(
      '--ratings <stars>',
      'the data is a folder of MovieLens; a rating of this many stars or more counts as a purchase',
    )
      .argParser(number)
      .conflicts(['columns', 'lenient']),
    new Option(
      '--now <date>',
      'when the data was current: a row dated more than a day later is bad (default: now)',
    ).argParser(date),
    new Option(
      '--count-cancelled',
      'count cancelled orders as purchases; the preset `notebook` does (default: they are left out)',
    ),
    new Option('--lenient', 'write bad rows to a file and continue, instead of stopping at the first'),
    new Option('--quarantine <file>', 'the file for bad rows; implies --lenient')
      .argParser(filled)
      .default('quarantine.csv')
      .implies({ lenient: true }),
  ]
}

/**
 * The options of the data of commands that train: `--data` or `--store`.
 * @param what  what is done with the files
 */
export function sourceOptions(what: string): Option[] {
  const data = new Option('--data <path>', what).argParser(filled)
  const store = settingOption({
    ...SERVE_SETTINGS.store,
    meaning: 'in place of --data: the store that holds the purchases and the catalogue (`rationale import`)',
    otherwise: '',
  })
  return [data.conflicts('store'), store]
}

/** Ends the command unless it has data to read. @param use  what it is read for, and what else can be named */
export function expectSource(command: Command, { data, store }: SourceOptions, use: string): void {
  if (data === undefined && store === undefined) command.error(`error: name the --data or --store ${use}`)
}

/** The parsed `fitOptions()`. */
export interface FitOptions {
  preset: PresetName
  factors?: number
  regularization?: number
  alpha?: number
  iterations?: number
  seed?: number
  confidence?: ConfidenceConvention
  observation?: Observation
  frequencyExponent?: number
  regularizationScale?: RegularizationScale
}

/** The options of a fit, of the commands that train. */
export function fitOptions(): Option[] {
  return [
    new Option('--preset <name>', 'configuration to start from')
      .choices(['default', 'notebook'] satisfies PresetName[])
      .default('default'),
    new Option('--factors <n>', 'rank of the factorisation, f').argParser(number),
    new Option('--regularization <x>', 'λ').argParser(number),
    new Option('--alpha <x>', 'α, the weight of a purchase').argParser(number),
    new Option(
      '--observation <name>',
      'what counts of the purchases of a product: units, orders, the logarithm of the units, or that there are any',
    ).choices(OBSERVATIONS),
    new Option('--confidence <name>', 'how that count becomes a confidence').choices([
      'hu-koren-volinsky',
      'implicit',
      'ials',
    ] satisfies ConfidenceConvention[]),
    new Option('--frequency-exponent <x>', 'ν, of the confidence `ials`').argParser(number),
    new Option(
      '--regularization-scale <name>',
      'what λ of a row is multiplied by: nothing, or the number of its entries, as Spark does',
    ).choices(REGULARIZATION_SCALES),
    new Option('--iterations <n>', 'full ALS iterations').argParser(number),
    new Option('--seed <n>', 'seed of the starting factors and the segments').argParser(number),
  ]
}

/**
 * @param tuned  overrides the preset; options override both
 * @throws {ConfigurationError} if a value is outside its range
 */
export function configurationOf(options: FitOptions, tuned: Partial<Configuration> = {}): Configuration {
  return configure(options.preset, { ...tuned, ...givenFields(options) })
}

/** The fields of a configuration that were given as options. */
export function givenFields(options: FitOptions): Partial<Configuration> {
  const { factors, regularization, alpha, iterations, seed } = options
  const { observation, confidence, frequencyExponent, regularizationScale } = options
  const fields = {
    factors,
    regularization,
    alpha,
    iterations,
    seed,
    observation,
    confidence,
    frequencyExponent,
    regularizationScale,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

export const threadsOption = () =>
  new Option('--threads <n>', 'threads to train with (default: one for each core)').argParser(
    wholeNumber(1, 64),
  )

export const jsonOption = () => new Option('--json', 'print one JSON object on stdout, for programs')

export const modelOption = () =>
  new Option('--model <file>', 'model file, written by `rationale train`')
    .argParser(filled)
    .makeOptionMandatory()

export const firstOption = () =>
  new Option('--first <n>', 'how many to show').argParser(wholeNumber(1)).default(10)

/** @throws {InvalidArgumentError} unless `text` is a finite number */
export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It has to be a number.')
  return value
}

/** 2018-02-28 → ms since 1970. @throws {InvalidArgumentError} unless `text` is a date, with or without a time */
function date(text: string): number {
  const time = parseTimestamp(text)
  if (time === undefined || Number.isNaN(time))
    throw new InvalidArgumentError('It has to be a date, such as 2018-02-28 or 2018-02-28T23:59:59Z.')
  return time
}

/** A parser of whole numbers from `least` to `most`; it throws InvalidArgumentError at anything else. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`
  return (text) => {
    const value = number(text)
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It has to be a whole number ${range}.`)
  }
}

/** A parser of values separated by commas; a value that contains a comma is in quotation marks. */
export function listOf<Value>(parse: (text: string) => Value): (text: string) => Value[] {
  return (text) => listItems(text).map(parse)
}

/**
 * Items separated by commas, as in a line of CSV: `a,"12,5 cm"`, with doubled quotation marks inside.
 * @throws {InvalidArgumentError} if an item is empty, or a quotation mark is not closed
 */
export function listItems(list: string): string[] {
  const lines = csvLines(list)
  const items = lines.flat()
  if (lines.length === 1 && items.every((item) => item !== '')) return items
  throw new InvalidArgumentError('It has to be items separated by commas, none of them empty.')
}

function csvLines(list: string): string[][] {
  try {
    return parseCsv(list, { trim: true, relax_quotes: true })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new InvalidArgumentError(
      'A quotation mark is not closed: add the missing one, or double a quotation mark that belongs to a value.',
    )
  }
}

/** @throws {InvalidArgumentError} if `value` is blank, most often because a shell variable is not set */
export function filled(value: string): string {
  if (value.trim() !== '') return value
  throw new InvalidArgumentError('It is empty. Give it a value; a shell variable may not be set.')
}

function parseColumns(list: string): Record<string, string> {
  const pairs = listItems(list).map((pair) => /^([^=]+)=(.+)$/s.exec(pair)?.slice(1))
  if (!pairs.every((pair) => pair !== undefined)) {
    throw new InvalidArgumentError('It has to look like customer_id=userId,product_id=movieId.')
  }
  return Object.fromEntries(pairs)
}

/** 5% → 0.05. @throws {InvalidArgumentError} unless `text` is a number of per cent */
export function percentage(text: string): number {
  const [, amount] = /^([+-]?[\d.]+)\s*%$/.exec(text.trim()) ?? []
  if (amount === undefined) throw new InvalidArgumentError('It has to be in per cent, such as 5%.')
  return Number((number(amount) / 100).toPrecision(15))
}

/** 50/50 → 0.5, 0.5. @throws {InvalidArgumentError} unless `text` is numbers between slashes */
export function shares(text: string): number[] {
  return text.split('/').map((share) => {
    if (!/^\s*[+-]?[\d.]+\s*$/.test(share)) throw new InvalidArgumentError('It has to look like 50/50.')
    return Number((number(share) / 100).toPrecision(15))
  })
}
