import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { ExplanationStore } from '../../src/store/explanation-store.ts'
import { startChild } from '../child-process.ts'
import { keptLog, temporaryFile } from '../explanations/writer.ts'
import { explanationContract } from './explanation-contract.ts'

const open = (file: string | null, log = keptLog()) => new ExplanationStore(file, log)

explanationContract(() => temporaryFile('store.sqlite'))

describe('a store in a file', () => {
  test('makes the folder that it is to stand in', async () => {
    const file = `${temporaryFile('folder')}/within/store.sqlite`
    const store = open(file)
    await store.keep('key', 'text')
    await store.close()
    expect(existsSync(file)).toBe(true)
  })

  test('knows what was spent also once its file cannot be read any more', async () => {
    const file = temporaryFile('store.sqlite')
    const store = open(file)
    await store.spend('2018-08-29', { tokens: 2, money: 1 })
    const other = new DatabaseSync(file)
    other.exec('DROP TABLE spending')
    other.close()
    await store.spend('2018-08-29', { tokens: 3, money: 4 })
    expect(await store.spent('2018-08-29')).toEqual({ tokens: 5, money: 5 })
    await store.close()
  })

  test('without a file keeps no text, but knows what was spent', async () => {
    const log = keptLog()
    const store = open(null, log)
    await store.keep('key', 'text')
    await store.spend('2018-08-29', { tokens: 2, money: 1 })
    expect(await store.find('key')).toBeUndefined()
    expect(await store.spent('2018-08-29')).toEqual({ tokens: 2, money: 1 })
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
  ])('%s', async (_why, file) => {
    const log = keptLog()
    const store = open(file(), log)
    await store.keep('key', 'text')
    await store.spend('2018-08-29', { tokens: 2, money: 1 })
    expect(await store.find('key')).toBeUndefined()
    expect(await store.spent('2018-08-29')).toEqual({ tokens: 2, money: 1 })
    await store.close()
    expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      expect.stringMatching(/^warn: the store of explanations failed to write: going on without it$/),
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
      await store.keep('key ' + n, 'text ' + n)
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
  const texts = await Promise.all(kept.map((n) => store.find(`key ${n}`)))
  expect(texts).toEqual(kept.map((n) => `text ${n}`))
  expect(log.lines).toEqual([])
  await store.close()
})

onUnix('a full disk is no store any more: one warning, and the work goes on', async () => {
  // A limit on the size of files stands for the disk: writing past it fails in the same way.
  const limited = 'trap "" XFSZ; ulimit -f 512'
  const script = `
    for (let n = 0; n < 2000; n++) await store.keep('key ' + n, 'x'.repeat(1000))
    await store.spend('2018-08-29', { tokens: 2, money: 1 })
    console.log((await store.find('key 0'))?.length, (await store.spent('2018-08-29')).money)`
  const full = child(temporaryFile('store.sqlite'), script, limited)
  let printed = ''
  full.stdout.on('data', (text) => (printed += text))
  const [code] = await once(full, 'close')
  expect(printed).toBe('the store of explanations failed to write: going on without it\n1000 1\n')
  expect(code).toBe(0)
})
