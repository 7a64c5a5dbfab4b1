import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

/**
 * Puts a new file in the place of an old one, or leaves the old one as it is: the bytes go to a temporary file in
 * the same folder, which takes the name only when all of them are on the disk. A failure or an abort removes it; a
 * killed process leaves `.<name>.<random>.tmp` behind.
 * @returns the number of bytes written
 * @throws what the file system throws, and the reason of an abort
 */
export async function replaceFile(
  path: string,
  chunks: Iterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<number> {
  const folder = dirname(resolve(path))
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`)
  const file = await open(temporary, 'wx')
  try {
    let bytes = 0
    try {
      for (const chunk of chunks) {
        signal?.throwIfAborted()
        await file.writeFile(chunk)
        bytes += chunk.length
      }
      await file.sync()
    } finally {
      await file.close()
    }
    signal?.throwIfAborted()
    await rename(temporary, path)
    await syncFolder(folder)
    return bytes
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Makes a rename survive a power cut. Windows cannot open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
