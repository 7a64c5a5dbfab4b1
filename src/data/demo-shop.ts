import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DataError, fileError } from './data-error.ts'
import { CsvFolder } from './demo/csv-folder.ts'
import { Customer } from './demo/customer.ts'
import { Dice } from './demo/dice.ts'
import { addHeaders, addStock, Sales } from './demo/olist-files.ts'
import { Stock } from './demo/stock.ts'

/** How large a made-up shop is, and which. */
export interface ShopOptions {
  /** The folder to make. An empty one, or one that an earlier call made, is replaced. */
  readonly directory: string
  /** At least 1. */
  readonly customers: number
  /** At least 1; with 24 or more there are some in every category. */
  readonly products: number
  /** A whole number, 0 … 2³² − 1. */
  readonly seed: number
  readonly signal?: AbortSignal
}

/** By this file a folder is known for a made-up shop. */
const MARK = 'demo-shop.json'
const CUSTOMERS_PER_FLUSH = 1000

/**
 * Writes the history of a made-up shop in Olist's files. There is something in it to be found: customers like one
 * department and one style best and come in five characters, products have companions and seasons, and few sell
 * much. The same options give the same bytes.
 *
 * The folder appears when all is written, and not at all when that fails or is aborted.
 * @throws {RangeError} for a number out of range
 * @throws {DataError} when the folder holds anything else, or cannot be written
 * @throws the reason of `signal`, when that aborts
 */
export async function generateShop(options: ShopOptions): Promise<void> {
  const { customers, products, seed, signal } = options
  checkRange({ customers, products }, 1)
  checkRange({ seed }, 0)
  signal?.throwIfAborted()
  const directory = resolve(options.directory)
  try {
    await checkReplaceable(directory)
    const draft = `${directory}.partial-${process.pid}`
    await mkdir(draft, { recursive: true })
    try {
      await writeShop(draft, options)
      await writeFile(join(draft, MARK), `${JSON.stringify({ customers, products, seed })}\n`)
      await rm(directory, { recursive: true, force: true })
      await rename(draft, directory)
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  } catch (error) {
    throw fileError(directory, error as Error)
  }
}

async function writeShop(folder: string, { customers, products, seed, signal }: ShopOptions): Promise<void> {
  const dice = new Dice(seed)
  const stock = new Stock(products, dice)
  const files = new CsvFolder(folder)
  addHeaders(files)
  addStock(files, stock, dice)
  const sales = new Sales(files, stock, dice)
  for (let customer = 0; customer < customers; customer++) {
    sales.addCustomer(new Customer(dice, stock).orders())
    if (customer % CUSTOMERS_PER_FLUSH === 0) {
      await files.flush()
      signal?.throwIfAborted()
    }
  }
  await files.flush()
}

function checkRange(numbers: Readonly<Record<string, number>>, least: number): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || value < least || value >= 2 ** 32) {
      throw new RangeError(`${name} must be a whole number from ${least} to ${2 ** 32 - 1}, not ${value}`)
    }
  }
}

/** @throws {DataError} when a folder is there and holds what we did not make */
async function checkReplaceable(directory: string): Promise<void> {
  const found: string[] = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (found.length > 0 && !found.includes(MARK)) {
    throw new DataError('is not empty, and not a made-up shop: choose another folder', { file: directory })
  }
}
