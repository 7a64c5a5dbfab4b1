import type { Stats } from 'node:fs'
import { accessSync, constants, fstatSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileProblem } from './file-problems.ts'
import { isObjectUrl } from './object-storage.ts'

/** A file that cannot be written; the message names it, what is wrong and what to do. */
export class OutputFileError extends Error {
  override readonly name = 'OutputFileError'
  /** The message without the file. */
  readonly problem: string

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`cannot write ${path}: ${problem}`, options)
    this.problem = problem
  }
}

/** What is at the path of an output already. */
export type OutputPlace =
  /** A regular file, or nothing yet: `target` is where symbolic links lead. */
  | { readonly kind: 'FILE'; readonly target: string; readonly former: Stats | undefined }
  /** A pipe or a device: what is written goes through it. */
  | { readonly kind: 'PIPE' | 'DEVICE'; readonly target: string }
  /** An object, which is stored when the file is complete. */
  | { readonly kind: 'OBJECT'; readonly target: string }
  /** Whatever stdout or stderr leads to, as by /dev/stdout. */
  | { readonly kind: 'STANDARD'; readonly stream: NodeJS.WriteStream }

/** As many links as Linux follows. */
const MOST_LINKS = 40

/**
 * Looks at what is at a path, following links.
 * @throws {OutputFileError} when nothing may be written there
 */
export function placeOf(path: string): OutputPlace {
  if (path === '') throw new OutputFileError('""', 'the name is empty: name a file')
  if (isObjectUrl(path)) return { kind: 'OBJECT', target: path }
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) return newFile(path)
    if (found.isFile()) return existingFile(path, found)
    return stream(path, found)
  } catch (cause) {
    if (cause instanceof OutputFileError) throw cause
    throw new OutputFileError(path, fileProblem(cause as Error), { cause })
  }
}

function newFile(path: string): OutputPlace {
  const target = endOfLinks(path)
  expectFolder(path, dirname(target))
  return { kind: 'FILE', target, former: undefined }
}

function existingFile(path: string, former: Stats): OutputPlace {
  const standard = standardStream(former)
  if (standard) return { kind: 'STANDARD', stream: standard }
  const target = realpathSync(path)
  expectFolder(path, dirname(target))
  // A rename would replace even a read-only file, which its owner protected on purpose.
  expectPermission(path, target)
  return { kind: 'FILE', target, former }
}

function stream(path: string, found: Stats): OutputPlace {
  if (found.isDirectory()) throw new OutputFileError(path, 'it is a folder: name a file')
  if (found.isBlockDevice()) throw new OutputFileError(path, 'it is a disk: name a file')
  const standard = standardStream(found)
  if (standard) return { kind: 'STANDARD', stream: standard }
  if (found.isSocket()) throw new OutputFileError(path, 'it is a socket: name a file')
  expectPermission(path, path)
  return { kind: found.isFIFO() ? 'PIPE' : 'DEVICE', target: path }
}

/** stdout or stderr, where what was found is what it leads to. */
function standardStream({ dev, ino }: Stats): NodeJS.WriteStream | undefined {
  // Windows numbers neither pipes nor consoles.
  if (ino === 0) return undefined
  return [process.stdout, process.stderr].find((standard) => {
    try {
      const open = fstatSync(standard.fd)
      return open.dev === dev && open.ino === ino
    } catch {
      // Closed, or a worker's, which has none of its own.
      return false
    }
  })
}

/**
 * Where a path leads, through symbolic links that may lead nowhere yet, as a shell's `>` goes.
 * @throws {OutputFileError} when they lead in a circle
 */
export function endOfLinks(path: string): string {
  let target = resolve(path)
  for (let links = 0; links < MOST_LINKS; links++) {
    const link = linkAt(target)
    if (link === undefined) return target
    target = resolve(dirname(target), link)
  }
  throw new OutputFileError(path, fileProblem({ code: 'ELOOP', name: '', message: '' }))
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

function expectFolder(path: string, folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found === undefined) {
    throw new OutputFileError(path, `there is no folder ${folder}: make it, or check the path`)
  }
  if (!found.isDirectory()) {
    throw new OutputFileError(path, `${folder} is a file, not a folder: check the path`)
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (cause) {
    const problem = `the folder ${folder} is not writable: change its permissions, or choose another place`
    throw new OutputFileError(path, problem, { cause })
  }
}

function expectPermission(path: string, target: string): void {
  try {
    accessSync(target, constants.W_OK)
  } catch (cause) {
    throw new OutputFileError(path, 'it is read-only: change its permissions, or choose another place', {
      cause,
    })
  }
}

/** Whether two paths are one file, by whatever links, or will be once it is written. */
export function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  if (a !== undefined && b !== undefined) return a.isFile() && a.dev === b.dev && a.ino === b.ino
  return a === b && placed(one) === placed(other)
}

/** The path of a file that is not there yet, without links. */
function placed(path: string): string {
  const target = endOfLinks(path)
  const folder = dirname(target)
  return join(statSync(folder, { throwIfNoEntry: false }) ? realpathSync(folder) : folder, basename(target))
}
