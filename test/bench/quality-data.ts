/** The data sets that the quality of lists is measured on, and what is asked of each. */
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { csvLine } from '../../src/data/csv-line.ts'
import { generateShop } from '../../src/data/demo-shop.ts'
import type { SplittingProtocol } from '../../src/evaluation/protocols/trials.ts'
import type { Task } from '../../src/evaluation/trial.ts'

/** One table of an evaluation. */
export interface Question {
  readonly protocol: SplittingProtocol
  readonly task: Task
  /** Of `temporal`. */
  readonly cut?: readonly string[]
}

/** Where `rationale evaluate` reads a data set. */
export interface Source {
  readonly data: string
  readonly ratings?: number
}

export interface QualityData {
  readonly name: string
  /** What readers of its figures must know. */
  readonly note?: string
  readonly questions: readonly Question[]
  /**
   * Makes it readable.
   * @param folder  for files that have to be written
   * @returns undefined where the data is missing
   */
  prepare(folder: string): Promise<Source | undefined>
}

const root = process.env['RATIONALE_DATA'] ?? '../shared/data'

/** The first of each month from April 2017 to August 2018. */
const OLIST_CUTS = Array.from({ length: 17 }, (_, month) =>
  new Date(Date.UTC(2017, 3 + month)).toISOString().slice(0, 10),
)

export const QUALITY_DATA: readonly QualityData[] = [
  {
    name: 'olist',
    note: 'Orders are reconstructed.',
    questions: [
      { protocol: 'temporal', task: 'discovery', cut: OLIST_CUTS },
      { protocol: 'temporal', task: 'next-order', cut: OLIST_CUTS },
      { protocol: 'last-order', task: 'discovery' },
      { protocol: 'last-order', task: 'next-order' },
    ],
    prepare: async () => sourceOf('olist'),
  },
  {
    name: 'ml-latest-small',
    note: 'A rating of 4 stars or more counts as a purchase.',
    questions: [
      { protocol: 'temporal', task: 'discovery' },
      { protocol: 'hold-out-users', task: 'discovery' },
    ],
    prepare: async () => sourceOf('ml-latest-small', { ratings: 4 }),
  },
  {
    name: 'lastfm-hetrec',
    note: 'How often an artist was played counts as the quantity.',
    questions: [{ protocol: 'hold-out-users', task: 'discovery' }],
    prepare: prepareLastfm,
  },
  {
    name: 'complete-journey',
    questions: [
      { protocol: 'temporal', task: 'discovery' },
      { protocol: 'temporal', task: 'next-order' },
      { protocol: 'temporal', task: 'next-basket' },
    ],
    prepare: prepareCompleteJourney,
  },
  {
    name: 'demo',
    note: 'The shop that `rationale generate` makes up: 3,000 customers, 600 products.',
    questions: [
      { protocol: 'temporal', task: 'discovery' },
      { protocol: 'temporal', task: 'next-order' },
      { protocol: 'hold-out-users', task: 'discovery' },
    ],
    async prepare(folder) {
      const directory = join(folder, 'demo')
      await generateShop({ directory, customers: 3000, products: 600, seed: 1 })
      return { data: directory }
    },
  },
]

function sourceOf(name: string, reading: Omit<Source, 'data'> = {}): Source | undefined {
  const data = join(root, name)
  return existsSync(data) ? { data, ...reading } : undefined
}

async function prepareLastfm(folder: string): Promise<Source | undefined> {
  const file = join(root, 'lastfm-hetrec', 'user_artists.dat')
  if (!existsSync(file)) return undefined
  const [, ...rows] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/)
  const data = join(folder, 'lastfm-hetrec')
  mkdirSync(data)
  const lines = ['customer_id,product_id,quantity', ...rows.map((row) => csvLine(row.split('\t')))]
  writeFileSync(join(data, 'interactions.csv'), `${lines.join('\n')}\n`)
  return { data }
}

async function prepareCompleteJourney(folder: string): Promise<Source | undefined> {
  const source = join(root, 'complete-journey')
  if (!existsSync(source)) return undefined
  const read = async (name: string, columns: string[]) =>
    parquetReadObjects({ file: await asyncBufferFromFile(join(source, `${name}.parquet`)), columns })
  const data = join(folder, 'complete-journey')
  mkdirSync(data)
  const sales = await read('transactions', [
    'household_id',
    'product_id',
    'basket_id',
    'transaction_timestamp',
    'quantity',
    'sales_value',
  ])
  await writeCsv(
    join(data, 'interactions.csv'),
    ['customer_id', 'product_id', 'order_id', 'timestamp', 'quantity', 'price'],
    sales
      // Corrections and coupons stand in rows of no quantity.
      .filter(({ quantity }) => quantity > 0)
      .map((sale) => [
        sale['household_id'],
        sale['product_id'],
        sale['basket_id'],
        sale['transaction_timestamp'].toISOString(),
        sale['quantity'],
        // What a row came to is stated, not what a piece cost.
        sale['sales_value'] / Number(sale['quantity']),
      ]),
  )
  const products = await read('products', ['product_id', 'product_category', 'department', 'brand'])
  await writeCsv(
    join(data, 'products.csv'),
    ['product_id', 'category', 'department', 'brand'],
    products.map((one) => [one['product_id'], one['product_category'], one['department'], one['brand']]),
  )
  return { data }
}

async function writeCsv(file: string, head: string[], rows: readonly unknown[][]): Promise<void> {
  function* lines() {
    yield line(head)
    for (let from = 0; from < rows.length; from += ROWS) {
      yield rows
        .slice(from, from + ROWS)
        .map(line)
        .join('')
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file))
}

/** How many rows are written at once. */
const ROWS = 10_000

function line(row: readonly unknown[]): string {
  return `${csvLine(row.map((cell) => String(cell ?? '')))}\n`
}
