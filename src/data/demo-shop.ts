import type { Stats } from 'node:fs'
import { chmod, chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { endOfLinks } from '../files/output-place.ts'
import { removeAbandoned, temporaryName } from '../files/temporary-file.ts'
import { DataError, fileError } from './data-error.ts'
import { CsvFolder, addHeaders, addStock, Sales, SHOP_FILES } from './demo/olist-files.ts'
import { Customer } from './demo/customer.ts'
import { Dice } from './demo/dice.ts'
import { Refunds } from './demo/refunds.ts'
import { Stock } from './demo/stock.ts'
import { Visits } from './demo/visits.ts'

/** The size, seed and folder of a made-up shop. */
export interface ShopOptions {
  /** The folder to make. An empty folder is replaced, and so is one from an earlier call without further files. */
  readonly directory: string
  /** At least 1. */
  readonly customers: number
  /** At least 1; with 24 or more there are some in every category. */
  readonly products: number
  /** A whole number, 0 … 2³² − 1. */
  readonly seed: number
  /** Whether events.csv holds returns: orders and visits are the same with and without them. Default: false. */
  readonly returns?: boolean
  readonly signal?: AbortSignal
}

/** This file marks a folder as a made-up shop. */
const MARK = 'demo-shop.json'
const CUSTOMERS_PER_FLUSH = 1000
/** Visits have random numbers of their own, so that the orders of a seed are the same with and without them. */
const VISITS_SEED = 0x76697369
const RETURNS_SEED = 0x72657475

/**
 * Writes a made-up shop: its orders in the format of Olist's files, and what people viewed and put into the cart in
 * events.csv. It has structure that can be learned. Customers prefer one department and one style, and are of five types;
 * products have companions and seasons; few products sell much; what is viewed in a visit tells what is viewed and bought
 * next. The same options give the same bytes.
 *
 * The folder appears when everything is written. If that fails or is aborted, nothing changes. Symbolic links are followed,
 * and the folder keeps its permissions and owner.
 * @throws {RangeError} for a number out of range
 * @throws {DataError} when the folder holds anything else, or cannot be written
 * @throws the reason of `signal`, when that aborts
 */
export async function generateShop(options: ShopOptions): Promise<void> {
  const { customers, products, seed, returns, signal } = options
  checkRange({ customers, products }, 1)
  checkRange({ seed }, 0)
  signal?.throwIfAborted()
  if (options.directory === '') throw new DataError('the name of the folder is empty: name one')
  try {
    const directory = endOfLinks(options.directory)
    const former = await checkReplaceable(directory)
    const parent = dirname(directory)
    await mkdir(parent, { recursive: true })
    removeAbandoned(parent)
    const draft = temporaryName(parent, directory)
    await mkdir(draft)
    try {
      await writeShop(draft, options)
      await writeFile(join(draft, MARK), `${JSON.stringify({ customers, products, seed, returns })}\n`)
      if (former === undefined) await rename(draft, directory)
      else await exchange(draft, directory, former)
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  } catch (error) {
    throw fileError(options.directory, error as Error)
  }
}

/** Replaces a folder by another, keeping the permissions and owner of the first. */
async function exchange(draft: string, directory: string, { uid, gid, mode }: Stats): Promise<void> {
  const made = await stat(draft)
  if (made.uid !== uid || made.gid !== gid) await chown(draft, uid, gid)
  await chmod(draft, mode & 0o7777)
  const aside = temporaryName(dirname(directory), directory)
  await rename(directory, aside)
  try {
    await rename(draft, directory)
  } catch (error) {
    await rename(aside, directory)
    throw error
  }
  await rm(aside, { recursive: true })
}

async function writeShop(folder: string, options: ShopOptions): Promise<void> {
  const { customers, products, seed, returns = false, signal } = options
  const dice = new Dice(seed)
  const stock = new Stock(products, dice)
  const files = new CsvFolder(folder)
  addHeaders(files)
  addStock(files, stock, dice)
  const sales = new Sales(files, stock, dice)
  const visits = new Visits(files, stock, new Dice((seed ^ VISITS_SEED) >>> 0))
  const refunds = returns ? new Refunds(files, stock, new Dice((seed ^ RETURNS_SEED) >>> 0)) : undefined
  for (let customer = 0; customer < customers; customer++) {
    const orders = new Customer(dice, stock).orders()
    sales.addCustomer(orders)
    visits.addCustomer(orders)
    refunds?.addCustomer(orders)
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

/**
 * The folder that is there, if any.
 * @throws {DataError} when it holds what we did not make
 */
async function checkReplaceable(directory: string): Promise<Stats | undefined> {
  const former = await stat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const found: string[] = former === undefined ? [] : await readdir(directory)
  if (found.length === 0) return former
  if (!found.includes(MARK)) {
    throw new DataError('is not empty, and not a made-up shop: choose another folder', { file: directory })
  }
  const others = found.filter((name) => name !== MARK && !SHOP_FILES.includes(name))
  if (others.length > 0) {
    const problem = `holds other files too, which would be lost: ${others.slice(0, 5).join(', ')}; move it away, or choose another folder`
    throw new DataError(problem, { file: directory })
  }
  return former
}
