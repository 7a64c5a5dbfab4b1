import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expectWritable } from '../files/output-file.ts'
import { isSameFile } from '../files/output-place.ts'
import { PARQUET } from '../data/parquet.ts'
import type { DataOptions } from './options.ts'

/** Files by option; undefined if the option is not given. */
type Named = Readonly<Record<string, string | undefined>>

/**
 * Checks before the work that its results can be written, and would not overwrite the inputs or each other.
 * @throws {OutputFileError | Error} naming the file and the options
 */
export function expectOutputs(outputs: Named, inputs: Named, data?: string, options?: DataOptions): void {
  const written = given(outputs)
  for (const [, file] of written) expectWritable(file)
  const read = [...given(inputs), ...dataFiles(data, options).map((file) => ['--data', file] as const)]
  for (const [i, [output, file]] of written.entries()) {
    const others = [...written.slice(i + 1), ...read]
    const same = others.find(([, other]) => isSameFile(file, other))
    if (same) throw new Error(`${output} and ${same[0]} are one file, ${file}: name another for ${output}`)
  }
}

/** The file for bad rows, if there is one. */
export function quarantineOf({ lenient, quarantine }: DataOptions): Named {
  return { '--quarantine': lenient ? quarantine : undefined }
}

/** The files that may be read for `--data`. */
function dataFiles(data: string | undefined, options: DataOptions | undefined): string[] {
  const found = data === undefined ? undefined : statSync(data, { throwIfNoEntry: false })
  if (data === undefined || found === undefined) return []
  if (!found.isDirectory()) return [data, join(dirname(data), options?.columns?.products ?? 'products.csv')]
  return readdirSync(data)
    .filter((name) => name.endsWith('.csv') || name.endsWith(PARQUET))
    .map((name) => join(data, name))
}

function given(named: Named): [string, string][] {
  return Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined)
}
