import type { Command } from 'commander'
import { INTERACTIONS_PARQUET, PRODUCTS_PARQUET } from '../data/interactions.ts'
import { exportDataset } from '../data/write-parquet.ts'
import { abortOnInterruption } from './interruption.ts'
import type { SourceOptions } from './options.ts'
import { dataOptions, expectSource, filled, jsonOption, sourceOptions } from './options.ts'
import { expectOutputs, quarantineOf } from './outputs.ts'
import { readGiven, time } from './read-data.ts'
import { count, printResult } from './result.ts'

interface ExportOptions extends SourceOptions {
  out: string
  json?: boolean
}

const EXAMPLE = `
Examples:
  rationale export --data shop --out shop-parquet
  rationale export --store shop.sqlite --out shop-parquet`

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description(
      `write purchases and products as Parquet: ${INTERACTIONS_PARQUET} and ${PRODUCTS_PARQUET}, which --data reads, and Spark`,
    )
    .requiredOption('--out <dir>', 'a new folder', filled)
    .addHelpText('after', EXAMPLE)
  const source = sourceOptions('folder of Olist-schema files, or a file of interactions')
  for (const option of [...source, ...dataOptions(), jsonOption()]) command.addOption(option)
  command.action(async (options: ExportOptions) => {
    expectSource(command, options, 'to export')
    printResult(await exportGiven(options, abortOnInterruption()), options, render)
  })
}

async function exportGiven(options: ExportOptions, signal: AbortSignal) {
  expectOutputs(quarantineOf(options), { '--store': options.store }, options.data, options)
  const { result: dataset, seconds: read } = await readGiven(options, signal)
  const { seconds: write } = await time(() => exportDataset(dataset, options.out, signal))
  return {
    folder: options.out,
    interactions: dataset.interactions.count,
    products: dataset.products.size,
    seconds: { read, write },
  }
}

function render({
  folder,
  interactions,
  products,
  seconds,
}: Awaited<ReturnType<typeof exportGiven>>): string {
  return (
    `${folder}: ${count(interactions)} interactions, ${count(products)} products, ` +
    `in ${(seconds.read + seconds.write).toFixed(1)} s`
  )
}
