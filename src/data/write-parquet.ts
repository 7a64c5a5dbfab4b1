/** Writing Apache Parquet: a table, and a data set as a folder that `readDataset` and Spark read. */
import { chmod, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BasicType } from 'hyparquet-writer'
import { endOfLinks } from '../files/output-place.ts'
import { removeAbandoned, temporaryName } from '../files/temporary-file.ts'
import { DataError, fileError } from './data-error.ts'
import type { CategoricalColumn, Dataset } from './dataset.ts'
import { INTERACTIONS_PARQUET, PRODUCTS_PARQUET } from './interactions.ts'

/** A column that is written: its value in each row, null where there is none. */
export interface WrittenColumn {
  readonly name: string
  readonly type: BasicType
  readonly at: (row: number) => string | number | bigint | Date | null
}

/** Rows of a row group: Spark reads the groups of a file in parallel. */
const ROWS = 2 ** 17

/**
 * Writes a table to a new file that only its owner can read, and flushes it to the disk.
 * @param count  its rows
 * @throws the reason of `signal`, when that aborts
 */
export async function writeParquet(
  path: string,
  columns: readonly WrittenColumn[],
  count: number,
  signal?: AbortSignal,
): Promise<void> {
  const { fileWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer')
  const rowsFrom = (from: number) =>
    columns.map(({ name, type, at }) => ({
      name,
      type,
      data: Array.from({ length: Math.min(ROWS, count - from) }, (_, i) => at(from + i)),
    }))
  const file = fileWriter(path)
  await chmod(path, 0o600)
  const schema = schemaFromColumnData({
    columnData: columns.map(({ name, type }) => ({ name, type, data: [] })),
  })
  const writer = new ParquetWriter({ writer: file, schema })
  for (let from = 0; from < count; from += ROWS) {
    signal?.throwIfAborted()
    await writer.write({ columnData: rowsFrom(from), rowGroupSize: ROWS })
  }
  await writer.finish()
  const written = await open(path, 'r+')
  await written.sync()
  await written.close()
}

/**
 * Writes the purchases and the products of a data set as Parquet, into a new folder that appears when all is written,
 * and not at all when that fails. `readDataset` reads the same purchases of the same products back, with the columns of
 * products that something is learned from. Left out are views and cart entries, cancelled orders, reviews, deliveries,
 * segments that the shop gives, and customers who bought nothing. Orders are given by number.
 * @param folder  that does not exist yet, or is empty
 * @throws {DataError} when it holds anything, or cannot be written
 * @throws the reason of `signal`, when that aborts
 */
export async function exportDataset(dataset: Dataset, folder: string, signal?: AbortSignal): Promise<void> {
  try {
    const target = endOfLinks(folder)
    const parent = dirname(target)
    await expectEmpty(target)
    await mkdir(parent, { recursive: true })
    removeAbandoned(parent)
    const draft = temporaryName(parent, target)
    await mkdir(draft, { mode: 0o700 })
    try {
      await writeParquet(
        join(draft, PRODUCTS_PARQUET),
        productColumns(dataset),
        dataset.products.size,
        signal,
      )
      const { count } = dataset.interactions
      await writeParquet(join(draft, INTERACTIONS_PARQUET), interactionColumns(dataset), count, signal)
      await rmdir(target).catch(ignoreMissing)
      await rename(draft, target)
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  } catch (error) {
    throw fileError(folder, error as Error)
  }
}

async function expectEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch(ignoreMissing)
  if (names && names.length > 0) throw new DataError('is not empty: choose another folder', { file: folder })
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function interactionColumns({
  interactions,
  customers,
  products,
  orders,
  sellers,
}: Dataset): WrittenColumn[] {
  const { customer, product, order, quantity, price, seller } = interactions
  return [
    { name: 'customer_id', type: 'STRING', at: (i) => customers.at(customer[i]) },
    { name: 'product_id', type: 'STRING', at: (i) => products.at(product[i]) },
    { name: 'order_id', type: 'STRING', at: (i) => String(order[i]) },
    { name: 'timestamp', type: 'TIMESTAMP', at: (i) => timeOf(orders.timestamp[order[i]]) },
    { name: 'quantity', type: 'FLOAT', at: (i) => quantity[i] },
    { name: 'price', type: 'DOUBLE', at: (i) => known(price[i]) },
    ...(seller && sellers
      ? [
          {
            name: 'seller_id',
            type: 'STRING' as const,
            at: (i: number) => (seller[i] < 0 ? null : sellers.at(seller[i])),
          },
        ]
      : []),
  ]
}

function productColumns({
  products,
  productNames,
  category,
  categorical,
  numeric,
}: Dataset): WrittenColumn[] {
  return [
    { name: 'product_id', type: 'STRING', at: (i) => products.at(i) },
    ...(productNames
      ? [{ name: 'product_name', type: 'STRING' as const, at: (i: number) => productNames.at(i) || null }]
      : []),
    labelColumn('category', category),
    ...categorical.map((column) => labelColumn(column.name, column)),
    ...numeric.map(
      ({ name, values }): WrittenColumn => ({ name, type: 'DOUBLE', at: (i) => known(values[i]) }),
    ),
  ]
}

function labelColumn(name: string, { codes, labels }: CategoricalColumn): WrittenColumn {
  return { name, type: 'STRING', at: (i) => (codes[i] < 0 ? null : labels[codes[i]]) }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value
}

function timeOf(milliseconds: number): Date | null {
  return Number.isNaN(milliseconds) ? null : new Date(milliseconds)
}
