import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { ExplanationStore } from '../../src/store/explanation-store.ts'
import { startChild } from '../child-process.ts'
import { keptLog, temporaryFile } from '../explanations/writer.ts'

const open = (file: string | null, log = keptLog()) => new ExplanationStore(file, log)

describe('a store', () => {
  test('finds what was kept, also after it was closed and opened again', () => {
    const file = temporaryFile('store.sqlite')
    const store = open(file)
    expect(store.find('key')).toBeUndefined()
    store.keep('key', 'first')
    store.keep('key', 'second')
    store.close()
    const again = open(file)
    expect(again.find('key')).toBe('second')
    again.close()
  })

  test('makes the folder that it is to stand in', () => {
    const file = `${temporaryFile('folder')}/within/store.sqlite`
    const store = open(file)
    store.keep('key', 'text')
    store.close()
    expect(existsSync(file)).toBe(true)
  })

  test('adds up what a day has cost, and keeps it', () => {
    const file = temporaryFile('store.sqlite')
    const store = open(file)
    store.spend('2018-08-29', { tokens: 100, money: 0.5 })
    store.spend('2018-08-29', { tokens: 20, money: 0.25 })
    store.spend('2018-08-30', { tokens: 1, money: 1 })
    store.close()
    const again = open(file)
    expect(again.spent('2018-08-29')).toEqual({ tokens: 120, money: 0.75 })
    expect(again.spent('2018-08-31')).toEqual({ tokens: 0, money: 0 })
    again.close()
  })

  test('is shared by those who open the same file', () => {
    const file = temporaryFile('store.sqlite')
    const [one, other] = [open(file), open(file)]
    one.keep('key', 'text')
    one.spend('2018-08-29', { tokens: 1, money: 1 })
    other.spend('2018-08-29', { tokens: 1, money: 1 })
    expect(other.find('key')).toBe('text')
    expect(one.spent('2018-08-29').money).toBe(2)
    one.close()
    other.close()
  })

  test('knows what was spent also once its file cannot be read any more', () => {
    const file = temporaryFile('store.sqlite')
    const store = open(file)
    store.spend('2018-08-29', { tokens: 2, money: 1 })
    const other = new DatabaseSync(file)
    other.exec('DROP TABLE spending')
    other.close()
    store.spend('2018-08-29', { tokens: 3, money: 4 })
    expect(store.spent('2018-08-29')).toEqual({ tokens: 5, money: 5 })
    store.close()
  })

  test('frees no money where its file was edited', () => {
    const file = temporaryFile('store.sqlite')
    const store = open(file)
    store.spend('2018-08-29', { tokens: -2000, money: -1000 })
    expect(store.spent('2018-08-29')).toEqual({ tokens: 0, money: 0 })
    store.close()
  })

  test('without a file keeps no text, but knows what was spent', () => {
    const log = keptLog()
    const store = open(null, log)
    store.keep('key', 'text')
    store.spend('2018-08-29', { tokens: 2, money: 1 })
    expect(store.find('key')).toBeUndefined()
    expect(store.spent('2018-08-29')).toEqual({ tokens: 2, money: 1 })
    expect(log.lines).toEqual([])
  })
})

describe('a store that cannot be opened warns once, keeps nothing, and counts what is spent', () => {
  test.each([
    ['its folder cannot be made', () => `${import.meta.filename}/store.sqlite`],
    [
      'it is no database',
      () => {
        const file = temporaryFile('store.sqlite')
        writeFileSync(file, 'These are not the bytes of a database. '.repeat(100))
        return file
      },
    ],
  ])('%s', (_why, file) => {
    const log = keptLog()
    const store = open(file(), log)
    store.keep('key', 'text')
    store.spend('2018-08-29', { tokens: 2, money: 1 })
    expect(store.find('key')).toBeUndefined()
    expect(store.spent('2018-08-29')).toEqual({ tokens: 2, money: 1 })
    store.close()
    expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      expect.stringMatching(/^warn: the store of explanations failed to open .*: going on without it$/),
    ])
  })
})

const storeModule = JSON.stringify(new URL('../../src/store/explanation-store.ts', import.meta.url).href)

/** A process of its own that runs `script` with a store called `store` over `file`. */
function child(file: string, script: string, limits?: string) {
  const program = `
    import { ExplanationStore } from ${storeModule}
    const log = { info() {}, warn: (details, message) => console.log(message) }
    const store = new ExplanationStore(${JSON.stringify(file)}, log)
    ${script}`
  return startChild(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(limits !== undefined && { limits }),
  })
}

const onUnix = test.skipIf(process.platform === 'win32')

onUnix('a process killed in the middle of writing loses nothing that it had kept', async () => {
  const file = temporaryFile('store.sqlite')
  const writing = child(
    file,
    // A turn for each, so that what a full pipe did not take is written before the next.
    `for (let n = 0; n < 1_000_000; n++) {
      store.keep('key ' + n, 'text ' + n)
      await new Promise((written) => process.stdout.write(n + '\\n', written))
    }`,
  )
  let printed = ''
  writing.stdout.on('data', (text) => (printed += text))
  while (printed.length < 2000) await once(writing.stdout, 'data')
  writing.kill('SIGKILL')
  await once(writing, 'close')
  const kept = printed.slice(0, printed.lastIndexOf('\n')).split('\n').map(Number)
  const log = keptLog()
  const store = open(file, log)
  expect(kept.length).toBeGreaterThan(100)
  expect(kept.filter((n) => store.find(`key ${n}`) !== `text ${n}`)).toEqual([])
  expect(log.lines).toEqual([])
  store.close()
})

onUnix('a full disk is no store any more: one warning, and the work goes on', async () => {
  // A limit on the size of files stands for the disk: writing past it fails in the same way.
  const limited = 'trap "" XFSZ; ulimit -f 512'
  const script = `
    for (let n = 0; n < 2000; n++) store.keep('key ' + n, 'x'.repeat(1000))
    store.spend('2018-08-29', { tokens: 2, money: 1 })
    console.log(store.find('key 0')?.length, store.spent('2018-08-29').money)`
  const full = child(temporaryFile('store.sqlite'), script, limited)
  let printed = ''
  full.stdout.on('data', (text) => (printed += text))
  const [code] = await once(full, 'close')
  expect(printed).toBe('the store of explanations failed to write: going on without it\n1000 1\n')
  expect(code).toBe(0)
})
