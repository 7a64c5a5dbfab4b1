import type { Command } from 'commander'
import { openEvents } from '../store/sqlite-events.ts'
import { eventStoreOption, existingEventStore } from './event-store.ts'
import { filled, jsonOption } from './options.ts'
import { onOneLine } from './plain-text.ts'
import { say } from './progress.ts'
import { count, printResult } from './result.ts'

interface EraseOptions {
  store?: string
  customer: string
  json?: boolean
}

const EXAMPLE = `
It removes the customer's events and identity from the store, and rewrites the file so that nothing of them is left in
it; nothing else can use the store meanwhile. A model that was trained on the purchases still holds them: train again
without them, and delete the former file. Copies of the store are not changed.

Example:
  rationale erase --store shop.sqlite --customer customer-1`

export function addErase(program: Command): void {
  program
    .command('erase')
    .description('erase everything that a store holds about a customer')
    .requiredOption('--customer <id>', "the shop's own id of the customer", filled)
    .addOption(eventStoreOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
    .action(async (options: EraseOptions) => {
      printResult(await erase(options), options, ({ customer, events }) =>
        onOneLine(`${count(events)} events of ${customer} were erased`),
      )
    })
}

async function erase({ customer, ...options }: EraseOptions) {
  const store = openEvents(existingEventStore(options))
  try {
    const events = await store.erase(customer)
    say('Rewriting the store')
    await store.scrub()
    return { customer, events }
  } finally {
    await store.close()
  }
}
