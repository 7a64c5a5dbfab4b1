/** The two files of a given split. */
import { Option } from 'commander'
import type { Dataset } from '../data/dataset.ts'
import { readSplitFile, type SplitFormat } from '../evaluation/protocols/split.ts'
import { hearInterruption } from './interruption.ts'
import type { DataOptions } from './options.ts'

export const formatOption = () =>
  new Option('--format <name>', 'format of --train and --test: CSV pairs, or lines of a user and their items')
    .choices(['pairs', 'user-lines'] satisfies SplitFormat[])
    .default('pairs')

/** Reads both, one after the other. @throws {DataError} with the file, the line and the value */
export async function readSplit(
  [train, test]: readonly [string, string],
  format: SplitFormat,
  { columns = {}, now, countCancelled = false }: DataOptions,
  signal: AbortSignal,
): Promise<[Dataset, Dataset]> {
  const reading = { columns, countCancelled, signal, ...(now !== undefined && { now }) }
  const learnt = await readSplitFile(train, format, reading)
  await hearInterruption(signal)
  return [learnt, await readSplitFile(test, format, reading)]
}
