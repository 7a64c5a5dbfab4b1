import type { Command } from 'commander'
import { Option } from 'commander'
import type { ProductFacts } from '../data/catalogue.ts'
import { readProducts } from '../data/interactions.ts'
import { expectWritable } from '../files/output-file.ts'
import { importDataset, importProducts } from '../store/import-dataset.ts'
import { isPostgres } from '../store/open-database.ts'
import { unnamedColumns } from '../store/product-statements.ts'
import { purchasesWithoutTime } from '../store/purchase-events.ts'
import { abortOnInterruption, keepPartialOutput } from './interruption.ts'
import { type DataOptions, dataOptions, filled, jsonOption } from './options.ts'
import { say, showProgress } from './progress.ts'
import { read, time } from './read-data.ts'
import { count, printResult } from './result.ts'
import { requiredStore, storeOption } from './store.ts'

interface ImportOptions extends DataOptions {
  data?: string
  products?: string
  store?: string
  json?: boolean
}

const EXAMPLE = `
An import that was stopped can be started again, and a file with more rows can be imported after the first: what is in
the store already is not recorded twice. Purchases without a time are left out. Products that were removed stay removed.

Examples:
  rationale import --data shop --store shop.sqlite
  rationale import --products products.csv --store shop.sqlite`

export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description(
      'bring an order history and its catalogue into a store: purchases as events, products, customers',
    )
    .addOption(
      new Option('--data <path>', 'folder of Olist-schema files, or a CSV file of interactions').argParser(
        filled,
      ),
    )
    .addOption(
      new Option(
        '--products <file>',
        'a CSV file of products, alone or in place of what --data says of them',
      ).argParser(filled),
    )
    .addOption(storeOption())
    .addHelpText('after', EXAMPLE)
  for (const option of [...dataOptions(), jsonOption()]) command.addOption(option)
  command.action(async (options: ImportOptions) => {
    if (options.data === undefined && options.products === undefined)
      command.error('error: name what to import: --data, --products, or both')
    printResult(await importFiles(options, abortOnInterruption()), options, renderImport)
  })
}

async function importFiles(options: ImportOptions, signal: AbortSignal) {
  const store = requiredStore(options)
  if (!isPostgres(store)) expectWritable(store)
  keepPartialOutput('what was imported until then is in the store: the same command goes on from there')
  const { data, products } = options
  const history = data === undefined ? undefined : await importHistory(data, store, options, signal)
  const catalogue =
    products === undefined ? undefined : await importProductFile(products, store, options, signal)
  return {
    events: history?.events ?? 0,
    customers: history?.customers ?? 0,
    products: history?.products ?? catalogue!.products,
    duplicates: history?.duplicates ?? 0,
    seconds: (history?.seconds ?? 0) + (catalogue?.seconds ?? 0),
  }
}

/** Imports a shop's files into a store, and prints progress. */
export async function importHistory(data: string, store: string, options: DataOptions, signal: AbortSignal) {
  const { result: dataset, seconds: readSeconds } = await read(
    data,
    { ...options, keepColumns: true },
    signal,
  )
  const without = purchasesWithoutTime(dataset)
  if (without > 0)
    say(`  warning: ${count(without)} purchases have no time and are left out: an event needs one`)
  warnOfUnnamed(dataset)
  const progress = showProgress('Importing', dataset.interactions.count)
  const { result, seconds } = await time(() =>
    importDataset(dataset, store, { onProgress: (done) => progress.update(done), signal }),
  ).finally(() => progress.stop())
  return {
    events: result.accepted,
    duplicates: result.duplicates,
    customers: new Set(dataset.interactions.customer).size,
    products: new Set(dataset.interactions.product).size,
    seconds: readSeconds + seconds,
  }
}

async function importProductFile(
  path: string,
  store: string,
  { lenient = false, quarantine, columns = {} }: ImportOptions,
  signal: AbortSignal,
) {
  say(`Reading ${path}`)
  const { result, seconds } = await time(async () => {
    const facts = await readProducts(path, {
      lenient,
      quarantineFile: quarantine,
      columns,
      keepColumns: true,
      signal,
    })
    warnOfUnnamed(facts)
    await importProducts(facts, store, signal)
    return facts.products.size
  })
  return { products: result, seconds }
}

function warnOfUnnamed(facts: ProductFacts): void {
  const unnamed = unnamedColumns(facts)
  if (unnamed > 0)
    say(
      `  warning: ${count(unnamed)} columns of products have no name of their own and are left out: name them`,
    )
}

function renderImport({ events, duplicates, customers, products, seconds }: Imported): string {
  return (
    `${count(events)} events of ${count(customers)} customers and ${count(products)} products, ` +
    `and ${count(duplicates)} that were there already, in ${seconds.toFixed(1)} s`
  )
}

type Imported = Awaited<ReturnType<typeof importFiles>>
