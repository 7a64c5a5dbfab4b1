import type { Command } from 'commander'
import type { Dataset } from '../data/dataset.ts'
import type { NewEvent } from '../store/event.ts'
import { browsingEvents } from '../store/browsing-events.ts'
import { purchaseEvents, purchasesWithoutTime } from '../store/purchase-events.ts'
import { openEvents } from '../store/sqlite-events.ts'
import { expectWritable } from '../files/output-file.ts'
import { eventStoreOption } from './event-store.ts'
import { storeFile } from './keys.ts'
import { abortOnInterruption, hearInterruption, keepPartialOutput } from './interruption.ts'
import { type DataOptions, dataOptions, filled, jsonOption } from './options.ts'
import { say, showProgress } from './progress.ts'
import { read, time } from './read-data.ts'
import { count, printResult } from './result.ts'

interface ImportOptions extends DataOptions {
  data: string
  store?: string
  json?: boolean
}

/** Events of one transaction: each writes every page that it changes, and keys lie anywhere. */
const BATCH = 20_000

const EXAMPLE = `
An import that was stopped can be started again, and a file with more rows can be imported after the first: what is in
the store already is not recorded twice. Purchases without a time are left out.

Example:
  rationale import --data shop --store shop.sqlite`

export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description('bring an order history into a store, as events: purchases, and views and cart entries')
    .requiredOption('--data <path>', 'folder of Olist-schema files, or a CSV file of interactions', filled)
    .addOption(eventStoreOption())
    .addHelpText('after', EXAMPLE)
  for (const option of [...dataOptions(), jsonOption()]) command.addOption(option)
  command.action(async (options: ImportOptions) => {
    printResult(await importData(options, abortOnInterruption()), options, renderImport)
  })
}

async function importData(options: ImportOptions, signal: AbortSignal) {
  const file = storeFile(options)
  expectWritable(file)
  const { result: dataset, seconds: readSeconds } = await read(options.data, options, signal)
  const without = purchasesWithoutTime(dataset)
  if (without > 0)
    say(`  warning: ${count(without)} purchases have no time and are left out: an event needs one`)
  const { result, seconds } = await time(() => record(dataset, file, signal))
  return {
    ...result,
    customers: new Set(dataset.interactions.customer).size,
    products: new Set(dataset.interactions.product).size,
    seconds: readSeconds + seconds,
  }
}

async function record(dataset: Dataset, file: string, signal: AbortSignal) {
  const store = openEvents(file)
  const progress = showProgress('Importing', dataset.interactions.count + (dataset.browsing?.count ?? 0))
  keepPartialOutput('what was imported until then is in the store: the same command goes on from there')
  let [accepted, duplicates] = [0, 0]
  try {
    for (const batch of batches(eventsOf(dataset))) {
      await hearInterruption(signal)
      const recorded = await store.append(batch)
      accepted += recorded.accepted
      duplicates += recorded.duplicates
      progress.update(accepted + duplicates)
    }
    return { events: accepted, duplicates }
  } finally {
    progress.stop()
    await store.close()
  }
}

function* eventsOf(dataset: Dataset): Generator<NewEvent, void> {
  yield* purchaseEvents(dataset)
  if (dataset.browsing) yield* browsingEvents(dataset.browsing)
}

function* batches(events: Iterable<NewEvent>): Generator<NewEvent[]> {
  let batch: NewEvent[] = []
  for (const event of events) {
    if (batch.push(event) < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function renderImport({ events, duplicates, customers, products, seconds }: Imported): string {
  return (
    `${count(events)} events of ${count(customers)} customers and ${count(products)} products, ` +
    `and ${count(duplicates)} that were there already, in ${seconds.toFixed(1)} s`
  )
}

type Imported = Awaited<ReturnType<typeof importData>>
