import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Column } from './column.ts'
import { DataError, fileError } from './data-error.ts'
import type { Dataset } from './dataset.ts'
import { IdTableBuilder } from './ids.ts'

const LINE_FEED = 10

/**
 * Reads a file of one line a user, `user item item …` separated by white space: the form in which benchmarks such
 * as those of LightGCN (He et al. 2020, arXiv:2002.02126) publish their splits. Each item is an interaction, and an
 * order of its own, with quantity 1 and unknown time. A user without items is a customer who never bought; blank
 * lines
 * are skipped.
 * @throws {DataError} when the file cannot be read, is CSV or not UTF-8, names a user or a user's item twice, or
 *   holds no item
 */
export async function readUserLines(path: string): Promise<Dataset> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw fileError(path, error)
  })
  const customers = new IdTableBuilder()
  const products = new IdTableBuilder()
  const customer = new Column(Uint32Array)
  const product = new Column(Uint32Array)
  const lineOfUser: number[] = []
  let line = 0
  for (const text of linesOf(bytes)) {
    line++
    const [user, ...items] = text.split(/\s+/).filter((token) => token !== '')
    if (user === undefined) continue
    for (const token of [user, ...items]) checkToken(token, { file: path, line })
    if (customers.indexOf(user) >= 0) {
      const problem = `has line ${lineOfUser[customers.indexOf(user)]} already: put a user's items on one line`
      throw new DataError(problem, { file: path, line, value: user })
    }
    lineOfUser.push(line)
    const buyer = customers.add(user)
    const seen = new Set<string>()
    for (const item of items) {
      if (seen.has(item)) {
        throw new DataError('appears twice on the line: remove one', { file: path, line, value: item })
      }
      seen.add(item)
      customer.push(buyer)
      product.push(products.add(item))
    }
  }
  if (customer.length === 0) {
    throw new DataError('holds no item: it needs lines like "user item item …"', { file: path })
  }
  const count = customer.length
  const productIds = products.build()
  const buyers = customer.take()
  return {
    adapter: 'interactions',
    customers: customers.build(),
    products: productIds,
    interactions: {
      count,
      customer: buyers,
      product: product.take(),
      order: Uint32Array.from({ length: count }, (_, i) => i),
      quantity: new Float32Array(count).fill(1),
      price: new Float64Array(count).fill(Number.NaN),
    },
    orders: { count, customer: buyers.slice(), timestamp: new Float64Array(count).fill(Number.NaN) },
    category: { name: 'category', labels: [], codes: new Int32Array(productIds.size).fill(-1) },
    categorical: [],
    numeric: [],
    quarantined: 0,
    // The same as in Reading.
    fingerprint: createHash('sha256')
      .update(`${basename(path)}\0${bytes.length}\0`)
      .update(bytes)
      .digest('hex'),
  }
}

/** Line by line: the text of a whole file may be longer than a string can be. */
function* linesOf(bytes: Buffer): Generator<string> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, start)
    yield bytes.toString('utf8', start, end < 0 ? bytes.length : end)
    start = end < 0 ? bytes.length : end + 1
  }
}

/** @throws {DataError} where what is no id betrays another format */
function checkToken(value: string, place: { file: string; line: number }): void {
  if (value.includes('\uFFFD')) {
    throw new DataError('is not UTF-8: save the file in that encoding', { ...place, value })
  }
  if (/[,;"]/.test(value)) {
    const problem = 'looks like CSV: each line must be "user item item …", separated by spaces or tabs'
    throw new DataError(problem, { ...place, value })
  }
}
