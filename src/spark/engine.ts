/** Training on Apache Spark: the inputs of spark/train.py, the job, and its results, checked. */
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Dataset } from '../data/dataset.ts'
import { INTERACTIONS_PARQUET } from '../data/interactions.ts'
import { PARQUET } from '../data/parquet.ts'
import { writeParquet } from '../data/write-parquet.ts'
import type { EngineInput, TrainingEngine } from '../engine/training-engine.ts'
import type { ValidationSplit } from '../engine/validation-split.ts'
import { fileProblem } from '../files/file-problems.ts'
import { removeAbandoned, temporaryName } from '../files/temporary-file.ts'
import { csrFromTriples } from '../kernels/csr.ts'
import type { Csr, Kernels } from '../kernels/kernels.ts'
import { type Configuration, ConfigurationError, equationOf } from '../model/configuration.ts'
import { type FittedItems, observations } from '../model/fit.ts'
import { historyDetails, orderContents } from '../model/history-details.ts'
import { MOST_PARTNERS, PRODUCTS_READ, SHARED } from '../model/partners.ts'
import { checkEquationOf, SparkResults } from './results.ts'
import { runSpark, SparkError, type SparkOptions } from './submit.ts'

export interface SparkEngineOptions extends SparkOptions {
  /** The folder of Parquet that the data set was read from, or its interactions. */
  readonly data: string
  /** Where a folder for inputs and results is made meanwhile: the driver and all executors have to see it there. */
  readonly work: string
  /** Where Spark's log is left when it fails. */
  readonly log: string
}

/** The fields of a configuration that Spark requires. */
export const SPARK_EQUATION = { confidence: 'hu-koren-volinsky', regularizationScale: 'entries' } as const

const SCRIPT = fileURLToPath(new URL('../../spark/train.py', import.meta.url))

/** So many customers' factors are compared with what they fold in to. */
const CHECKED = 500

/**
 * Whether a path is what Spark reads: interactions as Parquet.
 * @returns their file or folder
 * @throws {SparkError} when it is anything else
 */
export function sparkInteractions(data: string): string {
  const path = data.endsWith(PARQUET) ? data : join(data, INTERACTIONS_PARQUET)
  if (existsSync(path)) return resolve(path)
  throw new SparkError(
    `${data} holds no ${INTERACTIONS_PARQUET}, which is what Spark reads: write it by \`rationale export\`, and give its folder`,
  )
}

/** Spark as a training engine. @param kernels  check what it solved */
export function sparkEngine(options: SparkEngineOptions, kernels: Kernels): TrainingEngine {
  return {
    async fit(input) {
      expectFittable(input.configuration)
      const interactions = sparkInteractions(options.data)
      removeAbandoned(options.work)
      const folder = resolve(temporaryName(options.work, 'spark'))
      await mkdir(folder, { mode: 0o700 }).catch((error) => {
        throw new SparkError(`cannot write into ${options.work}: ${fileProblem(error)}`, { cause: error })
      })
      try {
        const done = await runJob(options, input, interactions, folder)
        const results = await resultsOf(input, kernels, folder, done)
        await rm(options.log, { force: true })
        return results
      } catch (error) {
        if (!(error instanceof SparkError)) await rm(options.log, { force: true })
        throw error
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

/** @throws {ConfigurationError} unless MLlib's ALS can fit it */
export function expectFittable(configuration: Configuration): void {
  for (const [field, required] of Object.entries(SPARK_EQUATION)) {
    const value = configuration[field as keyof typeof SPARK_EQUATION]
    if (value !== required)
      throw new ConfigurationError(`${field} must be '${required}' where Spark trains, not '${value}'`)
  }
}

/** What the job says that it counted. */
interface Done {
  readonly spark: string
  readonly interactions: number
  readonly orders: number
  readonly customers: number
  readonly purchases: number
}

/**
 * Runs the job, which leaves its results in the folder (`SparkResults`).
 * @param interactions  as `sparkInteractions` finds them
 * @param folder  absolute; for inputs too
 * @throws {SparkError} as `runSpark`, and when it ended without saying what it counted
 */
export async function runJob(
  options: SparkEngineOptions,
  { dataset, split, configuration, onIteration, signal }: EngineInput,
  interactions: string,
  folder: string,
): Promise<Done> {
  const { products } = dataset
  const [numbers, partly] = [join(folder, 'products.parquet'), join(folder, 'partly.parquet')]
  const ids = { name: 'product_id', type: 'STRING' as const, at: (i: number) => products.at(i) }
  await writeParquet(numbers, [ids, { name: 'number', type: 'INT32', at: (i) => i }], products.size, signal)
  if (split) await writePartly(partly, split, configuration, signal)
  const { observation, factors, iterations, regularization, alpha, seed } = configuration
  const words = {
    // With the scheme: Spark's default file system may be another.
    interactions: `file://${interactions}`,
    products: `file://${numbers}`,
    ...(split && { partly: `file://${partly}` }),
    out: `file://${folder}`,
    observation,
    factors,
    iterations,
    regularization,
    alpha,
    seed,
    partners: MOST_PARTNERS,
    shared: SHARED,
    read: PRODUCTS_READ,
    checked: CHECKED,
  }
  let done: Done | undefined
  const all = iterations * (split ? 2 : 1)
  await runSpark({
    ...options,
    script: SCRIPT,
    args: Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)]),
    onLine(line) {
      if (line.done && typeof line.done === 'object') done = line.done as Done
      if (line.step === 'first') onIteration?.(Number(line.done), all)
      if (line.step === 'whole') onIteration?.(all - iterations + Number(line.done), all)
    },
    ...(signal && { signal }),
  })
  if (done === undefined) throw new SparkError(`Spark ended without a result. Its log is ${options.log}`)
  return done
}

/** What the first fit may know of the customers of whom something is held out; of all others it knows everything. */
async function writePartly(
  path: string,
  { train, lastOrders, baskets }: ValidationSplit,
  configuration: Configuration,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { indptr, indices, values } = observedIn(train, configuration).observed
  const held = [...new Set([...lastOrders, ...baskets].map(({ customer }) => customer))]
  const entries = held.flatMap((customer) =>
    Array.from({ length: indptr[customer + 1] - indptr[customer] }, (_, i) => ({
      customer,
      entry: indptr[customer] + i,
    })),
  )
  await writeParquet(
    path,
    [
      { name: 'customer_id', type: 'STRING', at: (i) => train.customers.at(entries[i].customer) },
      { name: 'product', type: 'INT32', at: (i) => indices[entries[i].entry] },
      { name: 'rating', type: 'FLOAT', at: (i) => values[entries[i].entry] },
    ],
    entries.length,
    signal,
  )
}

/** Customers × products as ALS is given them, and how many orders hold each product. */
export function observedIn(
  dataset: Dataset,
  configuration: Configuration,
): { observed: Csr; orders: Uint32Array } {
  const { interactions, customers, products } = dataset
  const { customer, product, quantity } = interactions
  const histories = csrFromTriples(customers.size, products.size, customer, product, quantity)
  const contents = orderContents(dataset)
  const details = historyDetails(dataset, histories, contents)
  const orders = new Uint32Array(products.size)
  for (const item of contents.indices) orders[item]++
  return { observed: observations(histories, details, configuration), orders }
}

async function resultsOf(
  { dataset, split, configuration, signal }: EngineInput,
  kernels: Kernels,
  folder: string,
  done: Done,
): Promise<{ whole: FittedItems; train?: FittedItems }> {
  const { observed, orders } = observedIn(dataset, configuration)
  const { customers, products } = dataset
  const results = new SparkResults(folder, products.size)
  const counts = await results.counts(signal)
  const buyers = new Uint32Array(products.size)
  for (const product of observed.indices) buyers[product]++
  expectSame('interactions', done.interactions, dataset.interactions.count)
  expectSame('orders', done.orders, dataset.orders.count)
  expectSame('customers', done.customers, new Set(dataset.interactions.customer).size)
  expectSame('purchases', done.purchases, observed.indices.length)
  for (let product = 0; product < products.size; product++) {
    expectSame(`customers of ${products.at(product)}`, counts.buyers[product], buyers[product])
    expectSame(`orders of ${products.at(product)}`, counts.orders[product], orders[product])
  }
  const engine = { name: 'spark', version: done.spark } as const

  const fitted = async (name: string, rows: Csr): Promise<FittedItems> => {
    const itemFactors = await results.factors(name, configuration.factors, signal)
    const tastes = await results.tastes(name, configuration.factors, signal)
    const placed = tastes.map(({ customer, factors }) => ({ row: customers.indexOf(customer), factors }))
    expectSame('factors of customers', tastes.length, Math.min(CHECKED, done.customers))
    checkEquationOf(itemFactors, placed, rows, equationOf(configuration), kernels)
    return { itemFactors, engine }
  }
  return {
    whole: { ...(await fitted('whole', observed)), partners: await results.partners(counts.counted, signal) },
    ...(split && { train: await fitted('first', observedIn(split.train, configuration).observed) }),
  }
}

function expectSame(what: string, found: number, expected: number): void {
  if (found === expected) return
  throw new SparkError(
    `Spark counted ${found} ${what} where the same files hold ${expected}: nothing of it is used. ` +
      'Were they changed meanwhile, or does an events.csv hold returns? Spark reads no more than the interactions: write them anew by `rationale export`',
  )
}
