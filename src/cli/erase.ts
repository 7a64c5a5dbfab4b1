import type { Command } from 'commander'
import { Option } from 'commander'
import { setTimeout as sleep } from 'node:timers/promises'
import { ModelVersions } from '../service/model-versions.ts'
import { takeRetrainingLock } from '../store/retraining-lock.ts'
import { openStore } from '../store/store.ts'
import { commandLineActor } from './command-line-actor.ts'
import { filled, jsonOption } from './options.ts'
import { onOneLine } from './plain-text.ts'
import { say } from './progress.ts'
import { count, printResult } from './result.ts'
import { existingStore, modelsFolder, modelsOption, storeOption } from './store.ts'

interface EraseOptions {
  store?: string
  model?: string
  models?: string
  customer: string
  background?: boolean
  json?: boolean
}

/** How often to look whether a retraining has ended, in ms. */
const POLL = 200

const EXAMPLE = `
It removes the customer's events and identity from the store, and the customer from its models and from that of --model;
running servers then answer with these within seconds. At last it rewrites the file of the store (on PostgreSQL, its tables
of events), so that nothing of the customer is left in it; nothing else can use the store meanwhile. If a retraining runs, it waits for its end. Copies of
the store and of models are not changed.

Example:
  rationale erase --store shop.sqlite --model shop.model --customer customer-1`

export function addErase(program: Command): void {
  program
    .command('erase')
    .description('erase everything that a store and its models hold about a customer')
    .requiredOption('--customer <id>', "the shop's own id of the customer", filled)
    .addOption(storeOption())
    .addOption(modelsOption())
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
  const location = existingStore(options, 'rationale import')
  const folder = modelsFolder(location, options.models)
  const store = openStore(location)
  try {
    // First, so that a retraining that begins now does not read them.
    // A server has recorded who asked it.
    const events = await store.events.erase(customer, options.background ? undefined : commandLineActor())
    const unlock = await lockAgainstRetraining(location)
    try {
      const versions = new ModelVersions({
        registry: store.models,
        folder,
        published: options.model ?? null,
      })
      const models = await versions.erase(customer)
      if (!options.background) {
        say('Rewriting the store')
        await store.events.scrub()
      }
      return { customer, events, models }
    } finally {
      await unlock()
    }
  } finally {
    await store.close()
  }
}

/** A retraining that has read the events would bring the customer back. */
async function lockAgainstRetraining(store: string): Promise<() => Promise<void>> {
  for (let isTold = false; ; isTold = true) {
    const unlock = await takeRetrainingLock(store)
    if (unlock !== null) return unlock
    if (!isTold) say('Waiting for the end of a retraining')
    await sleep(POLL)
  }
}
