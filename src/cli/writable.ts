import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * Finds out before the work, not after it, that its result cannot be written.
 * @throws {Error} naming the file, and the folder that is missing or may not be written to
 */
export async function expectWritable(file: string): Promise<void> {
  const folder = dirname(resolve(file))
  try {
    await access(folder, constants.W_OK)
  } catch (cause) {
    throw new Error(`cannot write ${file}: the folder ${folder} is missing or not writable`, { cause })
  }
  const existing = await stat(file).catch(() => undefined)
  if (existing?.isDirectory()) throw new Error(`cannot write ${file}: it is a folder; name a file`)
}
