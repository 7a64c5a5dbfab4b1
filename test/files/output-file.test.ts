import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { expectWritable, OutputFile, replaceFile } from '../../src/files/output-file.ts'
import { runChildNow, startChild } from '../child-process.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rationale-'))
  file = join(folder, 'model')
  writeFileSync(file, 'former')
})
afterEach(() => rmSync(folder, { recursive: true }))

const content = (path = file) => readFileSync(path, 'utf8')
const mode = (path: string) => statSync(path).mode & 0o7777
const temporaries = () => readdirSync(folder).filter((name) => name.endsWith('.tmp'))
const isRoot = process.geteuid?.() === 0
if (!isRoot) console.warn('SKIPPED: outputs of other users and devices, since the tests do not run as root.')

/** The same file, pipe or device as before, and nothing beside it. */
function stays(path: string, ino: number): void {
  expect(lstatSync(path).ino).toBe(ino)
  expect(temporaries()).toEqual([])
}

/** For programs of their own. */
const IMPORT = `import { OutputFile, replaceFile } from ${JSON.stringify(
  join(import.meta.dirname, '../../src/files/output-file.ts'),
)}\n`

function* failing() {
  yield 'half'
  throw new Error('out of tensors')
}

describe('replaceFile', () => {
  test('replaces a file by its pieces, and says how many bytes it has', async () => {
    expect(await replaceFile(file, ['thé ', new TextEncoder().encode('new one')])).toBe(12)
    expect(content()).toBe('thé new one')
    expect(readdirSync(folder)).toEqual(['model'])
  })

  test('keeps the former file until the new one is complete', async () => {
    const seen: string[] = []
    function* watching() {
      for (const piece of ['half', 'whole']) {
        yield piece
        seen.push(content())
      }
    }
    await replaceFile(file, watching())
    expect(seen).toEqual(['former', 'former'])
  })

  test('a failure on the way leaves the former file, and nothing else', async () => {
    await expect(replaceFile(file, failing())).rejects.toThrow('out of tensors')
    expect(content()).toBe('former')
    expect(readdirSync(folder)).toEqual(['model'])
  })

  test('so does an abort', async () => {
    const controller = new AbortController()
    function* interrupted() {
      yield 'half'
      controller.abort(new Error('interrupted'))
      yield 'whole'
    }
    await expect(replaceFile(file, interrupted(), { signal: controller.signal })).rejects.toThrow(
      'interrupted',
    )
    expect(content()).toBe('former')
    expect(readdirSync(folder)).toEqual(['model'])
  })

  test('shows the complete file before it takes its name; what throws then leaves the former one', async () => {
    const seen: string[] = []
    const verify = async (temporary: string) => {
      seen.push(content(temporary), content())
      if (seen.length > 2) throw new Error('does not open')
    }
    await replaceFile(file, ['new ', 'one'], { verify })
    expect(seen).toEqual(['new one', 'former'])
    await expect(replaceFile(file, ['bad'], { verify })).rejects.toThrow('does not open')
    expect(content()).toBe('new one')
    expect(readdirSync(folder)).toEqual(['model'])
  })

  test('takes names as long as the file system does', async () => {
    for (const name of ['n'.repeat(255), '名'.repeat(85)]) {
      await replaceFile(join(folder, name), ['x'])
      expect(content(join(folder, name))).toBe('x')
    }
  })
})

describe('permissions and owner', () => {
  test.each(['600', '640', '644', '664', '700'])('of the former file stay: %s', async (octal) => {
    const kept = Number.parseInt(octal, 8)
    chmodSync(file, kept)
    await replaceFile(file, ['new'], { confidential: true })
    expect(mode(file)).toBe(kept)
    expect(content()).toBe('new')
  })

  test('a new file of what customers did is for its owner alone', async () => {
    await replaceFile(join(folder, 'histories'), ['x'], { confidential: true })
    expect(mode(join(folder, 'histories'))).toBe(0o600)
  })

  test('any other new file is as the umask has it', async () => {
    writeFileSync(join(folder, 'plain'), '')
    await replaceFile(join(folder, 'report'), ['x'])
    expect(mode(join(folder, 'report'))).toBe(mode(join(folder, 'plain')))
  })

  test('nobody else may read a confidential file while it is written', () => {
    const output = new OutputFile(join(folder, 'histories'), { confidential: true })
    const [temporary] = temporaries()
    expect(mode(join(folder, temporary))).toBe(0o600)
    output.discard()
    expect(readdirSync(folder)).toEqual(['model'])
  })

  test.skipIf(!isRoot)('root replaces the file of another user, whose it stays', async () => {
    chownSync(file, 4321, 4322)
    chmodSync(file, 0o4750)
    await replaceFile(file, ['new'])
    expect(statSync(file)).toMatchObject({ uid: 4321, gid: 4322 })
    expect(mode(file)).toBe(0o4750)
  })

  test.skipIf(!isRoot)('another user is refused what would become theirs, and a read-only file', async () => {
    chmodSync(folder, 0o777)
    const refused = (problem: RegExp) => {
      const { code: status, stderr } = asNobody(`new OutputFile(${JSON.stringify(file)})`)
      expect(stderr).toMatch(problem)
      expect(status).toBe(1)
      expect(content()).toBe('former')
      expect(readdirSync(folder)).toEqual(['model'])
    }
    chmodSync(file, 0o666)
    refused(/cannot write .*model: it belongs to user 0 and group 0, .*delete it first/)
    chmodSync(file, 0o444)
    refused(/cannot write .*model: it is read-only: change its permissions/)
  })
})

describe('symbolic links', () => {
  test('are followed, and stay', async () => {
    mkdirSync(join(folder, 'releases'))
    writeFileSync(join(folder, 'releases', 'one'), 'former', { mode: 0o640 })
    symlinkSync('releases/one', join(folder, 'middle'))
    symlinkSync('middle', join(folder, 'current'))
    await replaceFile(join(folder, 'current'), ['new'])
    expect(readlinkSync(join(folder, 'current'))).toBe('middle')
    expect(readlinkSync(join(folder, 'middle'))).toBe('releases/one')
    expect(lstatSync(join(folder, 'releases', 'one')).isFile()).toBe(true)
    expect(content(join(folder, 'releases', 'one'))).toBe('new')
    expect(mode(join(folder, 'releases', 'one'))).toBe(0o640)
  })

  test('that lead to no file yet have it made, as by a shell', async () => {
    mkdirSync(join(folder, 'releases'))
    symlinkSync('releases/two', join(folder, 'current'))
    await replaceFile(join(folder, 'current'), ['new'])
    expect(lstatSync(join(folder, 'current')).isSymbolicLink()).toBe(true)
    expect(content(join(folder, 'releases', 'two'))).toBe('new')
  })

  test('that lead nowhere, or in a circle, are refused', () => {
    symlinkSync('missing/two', join(folder, 'broken'))
    expect(() => expectWritable(join(folder, 'broken'))).toThrow(
      /broken: there is no folder .*missing: make it/,
    )
    symlinkSync('circle', join(folder, 'circle'))
    expect(() => expectWritable(join(folder, 'circle'))).toThrow(/circle: .*leads back to itself/)
  })

  test('another hard link keeps the former content', async () => {
    linkSync(file, join(folder, 'copy'))
    await replaceFile(file, ['new'])
    expect(content(join(folder, 'copy'))).toBe('former')
  })
})

describe('what is no regular file is never replaced', () => {
  test('a named pipe is written through, in whole, to whoever reads it', async () => {
    const pipe = join(folder, 'pipe')
    runChildNow('mkfifo', [pipe])
    const { ino } = lstatSync(pipe)
    const text = 'a longer text than the pipe holds\n'.repeat(20_000)
    const writing = replaceFile(pipe, [text], { confidential: true })
    const reader = startChild('cat', [pipe])
    let read = ''
    reader.stdout.setEncoding('utf8').on('data', (chunk: string) => (read += chunk))
    await Promise.all([writing, once(reader, 'close')])
    expect(read === text).toBe(true)
    expect(lstatSync(pipe).isFIFO()).toBe(true)
    stays(pipe, ino)
  })

  test('a named pipe that nobody reads is waited for until an abort', async () => {
    const pipe = join(folder, 'pipe')
    runChildNow('mkfifo', [pipe])
    const controller = new AbortController()
    const writing = replaceFile(pipe, ['x'], { signal: controller.signal })
    controller.abort(new Error('interrupted'))
    await expect(writing).rejects.toThrow('interrupted')
  })

  test('a named pipe whose reader goes away is an error', async () => {
    const pipe = join(folder, 'pipe')
    runChildNow('mkfifo', [pipe])
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    const writing = replaceFile(pipe, ['x'.repeat(2 ** 20)])
    const refused = expect(writing).rejects.toThrow(/pipe: its reader has stopped reading/)
    const buffer = Buffer.alloc(10)
    while (readWithoutWaiting(reader, buffer) === 0) await new Promise(setImmediate)
    closeSync(reader)
    await refused
  })

  test.skipIf(!existsSync('/dev/null'))('a device is written through', async () => {
    const { ino } = lstatSync('/dev/null')
    await replaceFile('/dev/null', ['x'])
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true)
    stays('/dev/null', ino)
  })

  test.skipIf(!isRoot)('so is a device node of any name, and one behind a link', async () => {
    const node = join(folder, 'n')
    runChildNow('mknod', [node, 'c', '1', '3'])
    symlinkSync('n', join(folder, 'link'))
    const { ino } = lstatSync(node)
    await replaceFile(node, ['x'])
    await replaceFile(join(folder, 'link'), ['x'])
    expect(lstatSync(node).isCharacterDevice()).toBe(true)
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    stays(node, ino)
  })

  test.skipIf(!existsSync('/dev/full'))('a device that is full is an error', async () => {
    await expect(replaceFile('/dev/full', ['x'])).rejects.toThrow(
      'cannot write /dev/full: the disk is full: free some space, or choose another place',
    )
    expect(lstatSync('/dev/full').isCharacterDevice()).toBe(true)
  })

  test('a folder is refused', async () => {
    await expect(replaceFile(folder, ['x'])).rejects.toThrow(`cannot write ${folder}: it is a folder`)
    expect(() => expectWritable(folder)).toThrow('it is a folder')
    expect(readdirSync(folder)).toEqual(['model'])
  })

  test('a socket is refused', async () => {
    const socket = join(folder, 'socket')
    const server = createServer().listen(socket)
    await once(server, 'listening')
    try {
      await expect(replaceFile(socket, ['x'])).rejects.toThrow(`cannot write ${socket}: it is a socket`)
      expect(lstatSync(socket).isSocket()).toBe(true)
    } finally {
      server.close()
    }
  })

  test('a name without a folder, below a file, and of no letters is refused', () => {
    expect(() => expectWritable(join(folder, 'no', 'x'))).toThrow(/x: there is no folder .*no: make it/)
    expect(() => expectWritable(join(file, 'x'))).toThrow(/x: .*is a file, not a folder/)
    expect(() => expectWritable('')).toThrow('cannot write "": the name is empty')
  })

  test('what stdout leads to is added to, and not replaced: a pipe, or a file', () => {
    const program = `${IMPORT}
      process.stdout.write('before ')
      await replaceFile('/dev/stdout', ['through '])
      process.stdout.write('after')`
    expect(runChildNow(process.execPath, ['--input-type=module', '-e', program]).stdout).toBe(
      'before through after',
    )
    const log = openSync(join(folder, 'log'), 'w')
    runChildNow(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', log, 'inherit'],
    })
    closeSync(log)
    expect(content(join(folder, 'log'))).toBe('before through after')
  })
})

describe('what killed runs left behind', () => {
  const begun = `${IMPORT}
    new OutputFile('NAME', { confidential: true }).writeNow('half')
    process.stdout.write('begun')
    setTimeout(() => {}, 600_000)`
  const begin = async () => {
    const child = startChild(process.execPath, ['--input-type=module', '-e', begun.replace('NAME', file)])
    await once(child.stdout, 'data')
    return child
  }

  test('is removed by the next output in the folder; what a living process writes, and other files, stay', async () => {
    const killed = await begin()
    const [left] = temporaries()
    const living = await begin()
    const other = temporaries().find((name) => name !== left)
    try {
      killed.kill('SIGKILL')
      await once(killed, 'close')
      for (const name of ['.model.tmp', 'model.tmp', '.x.123.tmp', `${left.slice(1)}.bak`]) {
        writeFileSync(join(folder, name), 'not ours')
      }
      await replaceFile(join(folder, 'another'), ['x'])
      const names = readdirSync(folder)
      expect(names).not.toContain(left)
      expect(names).toEqual(
        expect.arrayContaining(['another', 'model', '.model.tmp', 'model.tmp', '.x.123.tmp', other]),
      )
      expect(names).toContain(`${left.slice(1)}.bak`)
      expect(content()).toBe('former')
    } finally {
      living.kill('SIGKILL')
      await once(living, 'close')
    }
  })

  test('stays where nothing is known of its process: of another computer, or another container of this one', async () => {
    const killed = await begin()
    killed.kill('SIGKILL')
    await once(killed, 'close')
    const [left] = temporaries()
    const [, host, boot, pids, rest] = /rationale-(\w{8})-(\w{8})-(\w{8})-(.*)$/.exec(left)!
    rmSync(join(folder, left))
    const named = (...owner: string[]) => `.model.rationale-${owner.join('-')}-${rest}`
    const elsewhere = named('00000000', boot, pids)
    const container = named(host, boot, '00000000')
    const before = named(host, '00000000', pids)
    for (const name of [elsewhere, container, before]) writeFileSync(join(folder, name), 'half')
    await replaceFile(file, ['new'])
    // Before its last start this computer had other processes.
    expect(temporaries().sort()).toEqual([elsewhere, container].sort())
  })

  test.skipIf(!existsSync('/proc/self/stat'))(
    'a number that another process has by now is not the same process',
    async () => {
      const living = await begin()
      try {
        const [own] = temporaries()
        const former = own.replace(/-(\d+)-(\w{8}\.tmp)$/, (_, start, end) => `-${Number(start) + 1}-${end}`)
        writeFileSync(join(folder, former), 'half')
        await replaceFile(file, ['new'])
        expect(temporaries()).toEqual([own])
      } finally {
        living.kill('SIGKILL')
        await once(living, 'close')
      }
    },
  )
})

/** Runs a line as another user than root. */
function asNobody(line: string) {
  return runChildNow(process.execPath, ['--input-type=module', '-e', `${IMPORT}${line}`], {
    uid: 65_534,
    gid: 65_534,
  })
}

/** Bytes that a pipe holds just now. */
function readWithoutWaiting(pipe: number, buffer: Buffer): number {
  try {
    return readSync(pipe, buffer)
  } catch {
    return 0
  }
}
