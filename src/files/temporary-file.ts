/**
 * Temporary files that a killed process leaves behind. Their name identifies their process, so that a later run
 * can remove those of dead processes: `.shop.model.rationale-<host>-<boot>-<pids>-<pid>-<start>-<random>.tmp`.
 */
import { createHash, randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'

/** In characters: names have at most 255 bytes, a character at most four. */
const LONGEST_STEM = 40

const NAME = /\.rationale-([0-9a-f]{8})-([0-9a-f]{8})-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{8}\.tmp$/

/**
 * The computer, its start and its numbering of processes: a process id identifies a process only together with all
 * three.
 */
const HOST = digest(`${hostname()}\n${textOf('/etc/machine-id')}`)
const BOOT = digest(textOf('/proc/sys/kernel/random/boot_id'))
const PIDS = digest(linkOf('/proc/self/ns/pid'))

/** An unused name in a folder, for a file that will be renamed to `target`. */
export function temporaryName(folder: string, target: string): string {
  const owner = `${HOST}-${BOOT}-${PIDS}-${process.pid}-${startOf(process.pid) ?? 0}`
  const stem = basename(target).slice(0, LONGEST_STEM)
  return join(folder, `.${stem}.rationale-${owner}-${randomBytes(4).toString('hex')}.tmp`)
}

/**
 * Removes the temporary files and folders in a folder whose process is known to be dead. Those of another computer, or
 * of another container of this one, stay: nothing is known of their processes here.
 */
export function removeAbandoned(folder: string): void {
  for (const name of namesIn(folder)) {
    const [, host, boot, pids, pid, start] = NAME.exec(name) ?? []
    if (host !== HOST) continue
    if (boot === BOOT && (pids !== PIDS || isRunning(Number(pid), Number(start)))) continue
    const path = join(folder, name)
    try {
      if (lstatSync(path).isSymbolicLink()) continue
      rmSync(path, { force: true, recursive: true })
    } catch {
      // Another user's, or gone already: it does no harm.
    }
  }
}

/** @param start  when it started, where the system says: numbers are given anew */
function isRunning(pid: number, start: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const found = startOf(pid)
  return found === undefined || start === 0 || found === start
}

/** When a process started, in ticks since the computer did: field 22 of /proc/…/stat (proc(5)), where there is one. */
function startOf(pid: number): number | undefined {
  const text = textOf(`/proc/${pid}/stat`)
  // The second field is the program's name in brackets, which may hold spaces and brackets.
  const start = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19])
  return start > 0 ? start : undefined
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
