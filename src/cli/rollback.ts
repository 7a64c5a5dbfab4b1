import type { Command } from 'commander'
import { ModelVersions } from '../service/model-versions.ts'
import { openModelRegistry } from '../store/model-registry.ts'
import { commandLineActor } from './command-line-actor.ts'
import { filled, jsonOption } from './options.ts'
import { say } from './progress.ts'
import { printResult } from './result.ts'
import { existingStore, modelsFolder, modelsOption, storeOption } from './store.ts'

interface RollbackOptions {
  store?: string
  model?: string
  models?: string
  json?: boolean
}

const EXAMPLE = `
Running servers of the store answer with the former model within seconds. Called again, it goes back further.

Example:
  rationale rollback --store shop.sqlite`

export function addRollback(program: Command): void {
  program
    .command('rollback')
    .description('serve the model again that served before')
    .addOption(storeOption())
    .addOption(modelsOption())
    .option('--model <file>', 'the model file of `rationale serve`, to be replaced as well', filled)
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
    .action(async (options: RollbackOptions) => {
      printResult(await rollback(options), options, ({ from, to }) => `${to} serves, in place of ${from}`)
    })
}

async function rollback(options: RollbackOptions) {
  const store = existingStore(options, 'rationale import')
  const folder = modelsFolder(store, options.models)
  const registry = openModelRegistry(store)
  try {
    const versions = new ModelVersions({
      registry,
      folder,
      published: options.model ?? null,
      onUnpublished: ({ message }) => say(`warning: ${message}`),
    })
    return await versions.rollback(commandLineActor())
  } finally {
    await registry.close()
  }
}
