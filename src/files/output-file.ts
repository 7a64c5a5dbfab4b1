import {
  close,
  closeSync,
  constants,
  createReadStream,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsync,
  openSync,
  rmSync,
  type Stats,
  writeFile,
  writeFileSync,
} from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { fileProblem } from './file-problems.ts'
import { storeObject } from './object-storage.ts'
import { OutputFileError, type OutputPlace, placeOf } from './output-place.ts'
import { removeAbandoned, temporaryName } from './temporary-file.ts'

/** Options of `replaceFile`. */
export interface ReplaceOptions {
  /** Whether it holds data of customers: then only its owner can read a new file (mode 0600). */
  readonly confidential?: boolean
  /** Checks the complete file before it replaces the former one, which stays if this throws. */
  readonly verify?: (temporaryPath: string) => Promise<void>
  readonly signal?: AbortSignal
}

/** How long to wait before looking again whether a named pipe has a reader, in milliseconds. */
const READER_POLL = 100

/**
 * Checks before a long computation that its output can be written.
 * @throws {OutputFileError} if the folder is missing or not writable, or the path is read-only, another user's, a
 * folder, a socket or a disk
 */
export function expectWritable(path: string): void {
  const place = placeOf(path)
  if (place.kind !== 'FILE' || place.former === undefined) return
  const { uid, gid } = place.former
  if (uid === process.geteuid?.() && gid === process.getegid?.()) return
  // Whether the new file may have the same owner is known only by trying.
  new OutputFile(path).discard()
}

/**
 * Every output of the program. It is written under a temporary name until `commit`:
 * - a regular file is replaced as a whole once all bytes are on the disk; symbolic links are followed, and stay;
 *   permissions and owner are kept (other hard links keep the former content);
 * - a named pipe, a device, and what stdout or stderr lead to, are written to directly and never replaced;
 * - an object of object storage is replaced as a whole;
 * - a folder, a socket, a disk, a read-only file and one of another user are refused.
 *
 * A killed process leaves its temporary file behind; the next output in that folder removes it.
 */
export class OutputFile {
  readonly #path: string
  readonly #place: OutputPlace
  readonly #temporary: string
  #file: number | undefined

  /** @throws {OutputFileError} when the file cannot be written */
  constructor(path: string, { confidential = false }: Pick<ReplaceOptions, 'confidential'> = {}) {
    this.#path = path
    this.#place = placeOf(path)
    const folder = this.#place.kind === 'FILE' ? dirname(this.#place.target) : tmpdir()
    removeAbandoned(folder)
    this.#temporary = temporaryName(folder, path)
    const former = this.#place.kind === 'FILE' ? this.#place.former : undefined
    const isOpen = this.#place.kind === 'FILE' && former === undefined && !confidential
    try {
      this.#file = openSync(this.#temporary, 'wx', isOpen ? 0o666 : 0o600)
      if (former !== undefined) keepOwner(path, this.#file, former)
    } catch (error) {
      this.discard()
      throw this.#translated(error)
    }
  }

  /** Adds bytes at once. @throws {OutputFileError} when they cannot be written */
  writeNow(bytes: Uint8Array | string): void {
    try {
      writeFileSync(this.#file!, bytes)
    } catch (error) {
      throw this.#translated(error)
    }
  }

  /** Adds bytes. @throws {OutputFileError} when they cannot be written */
  async write(bytes: Uint8Array | string): Promise<void> {
    try {
      await promisify(writeFile)(this.#file!, bytes)
    } catch (error) {
      throw this.#translated(error)
    }
  }

  /**
   * Ends the writing: the file takes its name.
   * @throws {OutputFileError} if it cannot; then the former file is unchanged
   * @throws the reason of an abort, and whatever `verify` throws
   */
  async commit({ verify, signal }: Pick<ReplaceOptions, 'verify' | 'signal'> = {}): Promise<void> {
    try {
      await promisify(fsync)(this.#file!)
      await promisify(close)(this.#file!)
      this.#file = undefined
      await verify?.(this.#temporary)
      signal?.throwIfAborted()
      if (this.#place.kind === 'FILE') {
        await rename(this.#temporary, this.#place.target)
        await syncFolder(dirname(this.#place.target))
      } else {
        await copy(this.#temporary, this.#place, signal)
        this.discard()
      }
    } catch (error) {
      this.discard()
      throw signal?.aborted ? signal.reason : this.#translated(error)
    }
  }

  /** Ends the writing and leaves all as it was; after `commit` it does nothing. */
  discard(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    rmSync(this.#temporary, { force: true })
  }

  #translated(error: unknown): unknown {
    const { syscall } = error as NodeJS.ErrnoException
    if (syscall === undefined) return error
    return new OutputFileError(this.#path, fileProblem(error as Error), { cause: error })
  }
}

/**
 * Writes a whole file, as `OutputFile` does it.
 * @returns the number of bytes written
 * @throws {OutputFileError} when it cannot be written
 * @throws the reason of an abort, and whatever `verify` throws
 */
export async function replaceFile(
  path: string,
  chunks: Iterable<Uint8Array | string>,
  options: ReplaceOptions = {},
): Promise<number> {
  const output = new OutputFile(path, options)
  try {
    let bytes = 0
    for (const chunk of chunks) {
      options.signal?.throwIfAborted()
      await output.write(chunk)
      bytes += Buffer.byteLength(chunk)
    }
    await output.commit(options)
    return bytes
  } finally {
    output.discard()
  }
}

/** Gives a new file the owner and the permissions of the file that it replaces. */
function keepOwner(path: string, file: number, { uid, gid, mode }: Stats): void {
  const made = fstatSync(file)
  if (made.uid !== uid || made.gid !== gid) {
    try {
      fchownSync(file, uid, gid)
    } catch (cause) {
      const problem =
        `it belongs to user ${uid} and group ${gid}, and a new file could not be given to them: delete it first, or ` +
        'choose another place'
      throw new OutputFileError(path, problem, { cause })
    }
  }
  // After the owner: giving a file away clears some of its mode.
  fchmodSync(file, mode & 0o7777)
}

async function copy(
  file: string,
  place: Exclude<OutputPlace, { kind: 'FILE' }>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const abort = signal === undefined ? {} : { signal }
  switch (place.kind) {
    case 'STANDARD':
      return pipeline(createReadStream(file), place.stream, { ...abort, end: false })
    case 'DEVICE': {
      // Neither made nor cut short: it is there, and no file.
      const device = await open(place.target, constants.O_WRONLY)
      return pipeline(createReadStream(file), device.createWriteStream(), abort)
    }
    case 'OBJECT':
      return storeObject(file, place.target, signal)
    case 'PIPE': {
      const pipe = new Socket({ fd: await openPipe(place.target, signal), readable: false })
      return pipeline(createReadStream(file), pipe, abort)
    }
  }
}

/** Waits for a reader; opening it the usual way would block a thread for as long, and the end of the program too. */
async function openPipe(path: string, signal: AbortSignal | undefined): Promise<number> {
  for (;;) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
    }
    await setTimeout(READER_POLL, undefined, signal && { signal })
  }
}

/** The errors of file systems that cannot flush folders or cannot open them. */
const UNSYNCABLE = new Set(['EACCES', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM'])

/** Makes a rename survive a power cut. Windows cannot open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!UNSYNCABLE.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
