import type { Command } from 'commander'
import { once } from 'node:events'
import type { CustomerExport, EventStore } from '../store/event-store.ts'
import { openEvents } from '../store/open-events.ts'
import { filled, jsonOption } from './options.ts'
import { onOneLine } from './plain-text.ts'
import { existingStore, storeOption } from './store.ts'

interface ExportOptions {
  store?: string
  customer: string
  json?: boolean
}

/** Events that are read at once. */
const PAGE = 1000

const EXAMPLE = `
It prints one JSON object: the customer's id, the visitors that were identified as this customer, the segment that
imported files give the customer, and all events, a line each without --json. Times are in UTC.

Example:
  rationale export-customer --store shop.sqlite --customer customer-1 > customer-1.json`

export function addExportCustomer(program: Command): void {
  program
    .command('export-customer')
    .description('print everything that a store holds about a customer, as JSON')
    .requiredOption('--customer <id>', "the shop's own id of the customer", filled)
    .addOption(storeOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
    .action(exportCustomer)
}

async function exportCustomer({ customer, json = false, ...options }: ExportOptions): Promise<void> {
  const store = openEvents(existingStore(options, 'rationale import'))
  const line = json ? '' : '\n'
  try {
    let separator = line
    for await (const { visitors, segment, events, isFirst } of pagesOf(store, customer)) {
      if (isFirst) {
        const known = [
          `"customer":${text(customer)}`,
          `"visitors":${text(visitors)}`,
          `"segment":${text(segment)}`,
        ]
        await print(`{${known.join()},"events":[`)
      }
      for (const { at, receivedAt, ...event } of events) {
        const times = { at: new Date(at), receivedAt: new Date(receivedAt) }
        await print(`${separator}${text({ ...event, ...times })}`)
        separator = `,${line}`
      }
    }
    await print(`${line}]}\n`)
  } finally {
    await store.close()
  }
}

async function* pagesOf(
  store: EventStore,
  customer: string,
): AsyncGenerator<CustomerExport & { readonly isFirst: boolean }> {
  let next: string | null = null
  do {
    const page: CustomerExport = await store.exportOf(customer, PAGE, next)
    yield { ...page, isFirst: next === null }
    next = page.next
  } while (next !== null)
}

/** Escaped for terminals, which leaves the meaning of JSON as it is. */
const text = (value: unknown) => onOneLine(JSON.stringify(value))

/** A reader that is slower than the store is waited for. */
async function print(part: string): Promise<void> {
  if (process.stdout.write(part) || process.stdout.destroyed) return
  await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')])
}
