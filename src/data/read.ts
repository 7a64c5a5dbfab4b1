import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, fileError } from './data-error.ts'
import type { Dataset } from './dataset.ts'
import { INTERACTIONS_FILE, INTERACTIONS_PARQUET, readInteractions } from './interactions.ts'
import { readOlist } from './olist.ts'
import { OLIST_FILES } from './olist-schema.ts'
import { PARQUET } from './parquet.ts'
import { Reading, type ReadOptions } from './reading.ts'

export type { ReadOptions, ReadProgress } from './reading.ts'

/**
 * Reads a shop's history: a folder of Olist's files, a folder that holds interactions.csv or interactions.parquet, or a
 * file of interactions. Two reads of the same bytes give the same data set.
 * @throws {DataError} for anything that is wrong with the input, the first bad row included unless `lenient`
 * @throws the reason of `signal`, when that aborts
 */
export async function readDataset(path: string, options: ReadOptions = {}): Promise<Dataset> {
  options.signal?.throwIfAborted()
  const adapter = await chooseAdapter(path, options)
  const reading = new Reading(options)
  try {
    const dataset = await adapter(reading)
    for (const warning of dataset.warnings ?? []) options.onWarning?.(warning)
    return dataset
  } finally {
    reading.discard()
  }
}

async function chooseAdapter(
  path: string,
  { columns }: ReadOptions,
): Promise<(reading: Reading) => Promise<Dataset>> {
  const fail = (error: NodeJS.ErrnoException) => {
    throw fileError(path, error)
  }
  const found = await stat(path).catch(fail)
  if (!found.isDirectory() || path.endsWith(PARQUET))
    return (reading) => readInteractions(path, reading, columns)
  const names = new Set(await readdir(path).catch(fail))
  const both = [INTERACTIONS_FILE, INTERACTIONS_PARQUET].filter((name) => names.has(name))
  if (both.length > 1) throw new DataError(`holds ${both.join(' and ')}: name one of them`, { file: path })
  if (both.length === 1) return (reading) => readInteractions(join(path, both[0]), reading, columns)
  const missing = OLIST_FILES.filter((file) => !names.has(file))
  if (missing.length === OLIST_FILES.length) {
    const problem = `holds neither an interactions nor an Olist data set
  interactions: ${INTERACTIONS_FILE} or ${INTERACTIONS_PARQUET} is missing (or name the file itself, whatever it is called)
  Olist: ${missing.join(', ')} are missing`
    throw new DataError(problem, { file: path })
  }
  if (columns !== undefined && Object.keys(columns).length > 0) {
    throw new DataError('is an Olist data set, whose columns cannot be renamed', { file: path })
  }
  return (reading) => readOlist(path, reading)
}
