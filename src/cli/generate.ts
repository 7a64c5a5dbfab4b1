import type { Command } from 'commander'
import { generateShop } from '../data/demo-shop.ts'
import { abortOnInterruption } from './interruption.ts'
import { jsonOption, filled, wholeNumber } from './options.ts'
import { count, printResult } from './result.ts'
import { time } from './read-data.ts'

interface GenerateOptions {
  out: string
  customers: number
  products: number
  seed: number
  returns?: boolean
  json?: boolean
}

const EXAMPLE = `
Example:
  rationale generate --out shop --customers 3000 --products 600 --seed 7`

export function addGenerate(program: Command): void {
  program
    .command('generate')
    .description('write the order history of a made-up shop')
    .requiredOption('--out <dir>', 'folder to write the CSV files into', filled)
    .option('--customers <n>', 'how many customers', wholeNumber(1), 3000)
    .option('--products <n>', 'how many products', wholeNumber(1), 600)
    .option('--seed <n>', 'seed of the made-up shop', wholeNumber(0), 1)
    .option('--returns', 'with returns in events.csv, most of them in one category')
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
    .action(async (options: GenerateOptions) => {
      printResult(await generate(options, abortOnInterruption()), options, renderShop)
    })
}

async function generate(options: GenerateOptions, signal: AbortSignal) {
  const { out: directory, customers, products, seed, returns = false } = options
  const shop = { directory, customers, products, seed, ...(returns && { returns }) }
  const { seconds } = await time(() => generateShop({ ...shop, signal }))
  return { ...shop, seconds }
}

function renderShop(shop: Awaited<ReturnType<typeof generate>>): string {
  const { directory, customers, products, seconds } = shop
  return `${directory}: ${count(customers)} customers, ${count(products)} products, in ${seconds.toFixed(1)} s`
}
