import type { Command } from 'commander'
import { copyStore } from '../store/copy-store.ts'
import { expectStore, isPostgres, storeName } from '../store/open-database.ts'
import { expectWritable } from '../files/output-file.ts'
import { abortOnInterruption } from './interruption.ts'
import { readEnvironmentFile } from './environment-file.ts'
import { jsonOption } from './options.ts'
import { say, showProgress } from './progress.ts'
import { count, printResult } from './result.ts'

const EXAMPLE = `
A store is an SQLite file, or the URL of a PostgreSQL database. The target has to be empty. Stop the servers of the first
store, copy it, copy the folder of its models if it is not shared, and start the servers with the second store.

Example:
  rationale store copy shop.sqlite postgres://rationale@db.example:5432/shop`

export function addStore(program: Command): void {
  const store = program.command('store').description('copy what a server keeps into another store')
  store
    .command('copy')
    .description('copy a store into another, empty one, and compare the numbers of rows')
    .argument('<from>', 'the store to copy')
    .argument('<to>', 'the store to create')
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
    .action(async (from: string, to: string, options: { json?: boolean }) => {
      printResult(await copy(from, to, abortOnInterruption()), options, ({ rows }) => {
        const { events, products, customers } = rows
        return (
          `${count(events)} events, ${count(products)} products and ${count(customers)} imported customers, and what ` +
          `else there was, are in ${storeName(to)}`
        )
      })
    })
}

async function copy(from: string, to: string, signal: AbortSignal) {
  readEnvironmentFile()
  expectStore(from)
  if (!isPostgres(to)) expectWritable(to)
  say(`Copying ${storeName(from)}`)
  const progress = showProgress('Copying', 1)
  try {
    const rows = await copyStore(from, to, {
      signal,
      onProgress: (copied, of) => progress.update(copied / of),
    })
    return { rows }
  } finally {
    progress.stop()
  }
}
