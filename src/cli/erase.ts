import type { Command } from 'commander'
import { Option } from 'commander'
import { setTimeout as sleep } from 'node:timers/promises'
import { ModelVersions } from '../service/model-versions.ts'
import { openModelRegistry } from '../store/model-registry.ts'
import { takeRetrainingLock } from '../store/process-lock.ts'
import { openEvents } from '../store/sqlite-events.ts'
import { commandLineActor } from './command-line-actor.ts'
import { eventStoreOption, existingEventStore } from './event-store.ts'
import { filled, jsonOption } from './options.ts'
import { onOneLine } from './plain-text.ts'
import { say } from './progress.ts'
import { count, printResult } from './result.ts'

interface EraseOptions {
  store?: string
  model?: string
  customer: string
  background?: boolean
  json?: boolean
}

/** How often to look whether a retraining has ended, in ms. */
const POLL = 200

const EXAMPLE = `
It removes the customer's events and identity from the store, and the customer from its models and from that of --model;
running servers then answer with these within seconds. At last it rewrites the file of the store, so that nothing of the
customer is left in it; nothing else can use the store meanwhile. If a retraining runs, it waits for its end. Copies of
the store and of models are not changed.

Example:
  rationale erase --store shop.sqlite --model shop.model --customer customer-1`

export function addErase(program: Command): void {
  program
    .command('erase')
    .description('erase everything that a store and its models hold about a customer')
    .requiredOption('--customer <id>', "the shop's own id of the customer", filled)
    .addOption(eventStoreOption())
    .option('--model <file>', 'a model file to take the customer out of as well', filled)
    .addOption(new Option('--background', 'leave the file of the store as it is, for a server').hideHelp())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
    .action(async (options: EraseOptions) => {
      printResult(await erase(options), options, ({ customer, events, models }) =>
        onOneLine(
          `${count(events)} events of ${customer} were erased, and the customer from ${count(models)} models`,
        ),
      )
    })
}

async function erase({ customer, ...options }: EraseOptions) {
  const file = existingEventStore(options)
  const store = openEvents(file)
  const registry = openModelRegistry(file)
  try {
    // First, so that a retraining that begins now does not read them.
    // A server has recorded who asked it.
    const events = await store.erase(customer, options.background ? undefined : commandLineActor())
    const unlock = await lockAgainstRetraining(file)
    try {
      const versions = new ModelVersions({ registry, store: file, published: options.model ?? null })
      const models = await versions.erase(customer)
      if (!options.background) {
        say('Rewriting the store')
        await store.scrub()
      }
      return { customer, events, models }
    } finally {
      unlock()
    }
  } finally {
    await registry.close()
    await store.close()
  }
}

/** A retraining that has read the events would bring the customer back. */
async function lockAgainstRetraining(store: string): Promise<() => void> {
  for (let isTold = false; ; isTold = true) {
    const unlock = takeRetrainingLock(store)
    if (unlock !== null) return unlock
    if (!isTold) say('Waiting for the end of a retraining')
    await sleep(POLL)
  }
}
