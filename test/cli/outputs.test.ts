import { runChildNow, startChild } from '../child-process.ts'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rationale, rationaleJson, temporaryFolder } from './program.ts'
import { smallShop } from './shop.ts'

let shop: string
beforeAll(async () => {
  shop = await smallShop()
})
let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

const isRoot = process.geteuid?.() === 0
if (!isRoot) console.warn('SKIPPED: device outputs, since the tests do not run as root.')
const mode = (path: string) => statSync(path).mode & 0o777
const train = (model: string, data = shop) =>
  `train --data ${data} --model ${model} --factors 4 --iterations 1`

const generate = (out: string) => rationale(`generate --out ${out} --customers 5 --products 5`)

/** All that comes through a named pipe, read by a process of its own. */
function readThrough(pipe: string): Promise<Buffer> {
  runChildNow('mkfifo', [pipe])
  const reader = startChild('cat', [pipe], { stdio: ['ignore', 'pipe', 'inherit'] })
  const read: Buffer[] = []
  reader.stdout.on('data', (chunk: Buffer) => read.push(chunk))
  return once(reader, 'close').then(() => Buffer.concat(read))
}

describe('a model', () => {
  test('is for its owner alone, as it says what customers bought; permissions given to it stay, also behind a link', async () => {
    const [model, link] = [join(folder, 'm'), join(folder, 'link')]
    symlinkSync('m', link)
    await rationaleJson(train(link))
    expect(mode(model)).toBe(0o600)
    chmodSync(model, 0o640)
    const former = readFileSync(model)
    await rationaleJson(`${train(link)} --seed 9`)
    expect(mode(model)).toBe(0o640)
    expect(readlinkSync(link)).toBe('m')
    expect(readFileSync(model).equals(former)).toBe(false)
    expect(readdirSync(folder).sort()).toEqual(['link', 'm'])
  })

  test('goes through a named pipe as it goes into a file', async () => {
    const pipe = join(folder, 'pipe')
    const read = readThrough(pipe)
    await rationaleJson(train(pipe))
    await rationaleJson(train(join(folder, 'm')))
    expect((await read).equals(readFileSync(join(folder, 'm')))).toBe(true)
    expect(lstatSync(pipe).isFIFO()).toBe(true)
    const { code, stderr } = await rationale(`inspect --model ${pipe}`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: Cannot open the model .*pipe: it is not a regular file/)
  })

  test.skipIf(!isRoot)('leaves a device what it is', async () => {
    const node = join(folder, 'n')
    runChildNow('mknod', [node, 'c', '1', '3'])
    await rationaleJson(train(node))
    expect(lstatSync(node).isCharacterDevice()).toBe(true)
    expect(readdirSync(folder)).toEqual(['n'])
  })

  test('keeps permissions and links when an evaluation is recorded in it', async () => {
    const [model, link] = [join(folder, 'm'), join(folder, 'link')]
    await rationaleJson(train(model))
    chmodSync(model, 0o604)
    symlinkSync('m', link)
    const evaluate = `evaluate --data ${shop} --record ${link} --protocol last-order --no-tune --systems popular`
    const { code, stderr } = await rationale(evaluate.replace(' --systems popular', ''))
    expect(stderr).toContain('Recorded in')
    expect(code).toBe(0)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(mode(model)).toBe(0o604)
  })
})

test('what an experiment is designed as goes through pipes, and replaces what links lead to', async () => {
  const [pipe, link] = [join(folder, 'pipe'), join(folder, 'link')]
  writeFileSync(join(folder, 'page.html'), 'former', { mode: 0o640 })
  symlinkSync('page.html', link)
  const read = readThrough(pipe)
  const { code, stderr } = await rationale(`experiment design --data ${shop} --out ${pipe} --report ${link}`)
  expect(stderr).toContain(`Wrote ${pipe}`)
  expect(code).toBe(0)
  expect(String(await read)).toMatch(/^# /)
  expect(lstatSync(link).isSymbolicLink()).toBe(true)
  expect(readFileSync(join(folder, 'page.html'), 'utf8')).toMatch(/^<!doctype html>/i)
  expect(mode(join(folder, 'page.html'))).toBe(0o640)
})

describe('bad rows set aside', () => {
  const rows = 'customer_id,product_id\na,1\na,2\nb,1\n,2\n'

  test('are for the owner of their file alone, and go where its link leads', async () => {
    const data = join(folder, 'shop.csv')
    writeFileSync(data, rows)
    symlinkSync('aside.csv', join(folder, 'link'))
    await rationaleJson(`${train(join(folder, 'm'), data)} --quarantine ${join(folder, 'link')}`)
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(folder, 'aside.csv'), 'utf8').split('\n')).toHaveLength(3)
    expect(mode(join(folder, 'aside.csv'))).toBe(0o600)
  })

  test('go through a named pipe', async () => {
    const [data, pipe] = [join(folder, 'shop.csv'), join(folder, 'pipe')]
    writeFileSync(data, rows)
    const read = readThrough(pipe)
    await rationaleJson(`${train(join(folder, 'm'), data)} --quarantine ${pipe}`)
    expect(String(await read)).toMatch(/^file,line,column,value,problem,row\n.*shop\.csv,5,/)
    expect(lstatSync(pipe).isFIFO()).toBe(true)
  })
})

test('tries, which are read again, are kept in no pipe or device', async () => {
  const pipe = join(folder, 'pipe')
  runChildNow('mkfifo', [pipe])
  for (const tries of [pipe, '/dev/null']) {
    const { code, stderr } = await rationale(`tune --data ${shop} --tries ${tries}`)
    expect(stderr).toMatch(/error: cannot keep tries in .*: it is not a regular file/)
    expect(code).toBe(1)
  }
  expect(lstatSync(pipe).isFIFO()).toBe(true)
})

describe('a store', () => {
  test('of keys is for its owner alone, its log too', async () => {
    const store = join(folder, 'keys.sqlite')
    await rationaleJson(`keys create --name shop --scope read --store ${store}`)
    expect(readdirSync(folder)).toContain('keys.sqlite')
    for (const file of readdirSync(folder)) expect(mode(join(folder, file))).toBe(0o600)
  })

  test('that is no regular file is refused, and not waited for', async () => {
    const pipe = join(folder, 'pipe')
    runChildNow('mkfifo', [pipe])
    for (const store of [pipe, folder, '/dev/null']) {
      const { code, stderr } = await rationale(`keys create --name shop --scope read --store ${store}`)
      expect(stderr).toMatch(/^error: .*(it is not a regular file|it is a folder)/)
      expect(code).toBe(1)
    }
  })
})

describe('an output that would take the place of what is read, or of another output, is refused before the work', () => {
  beforeEach(() => {
    writeFileSync(join(folder, 'shop.csv'), 'customer_id,product_id\na,1\n,2\n')
    writeFileSync(join(folder, 'products.csv'), 'product_id,category\n1,x\n')
    linkSync(join(folder, 'shop.csv'), join(folder, 'hard'))
    symlinkSync('shop.csv', join(folder, 'soft'))
    copyFileSync(join(folder, 'shop.csv'), join(folder, 'test.csv'))
    mkdirSync(join(folder, 'data'))
    copyFileSync(join(folder, 'shop.csv'), join(folder, 'data', 'interactions.csv'))
  })
  test.each([
    ['train --data D/shop.csv --model D/shop.csv', '--model and --data'],
    ['train --data D/shop.csv --model D/hard', '--model and --data'],
    ['train --data D/soft --model D/shop.csv', '--model and --data'],
    ['train --data D/shop.csv --model D/products.csv', '--model and --data'],
    ['train --data D/data --model D/data/interactions.csv', '--model and --data'],
    ['train --data D/shop.csv --model D/new --quarantine D/../F/new', '--model and --quarantine'],
    ['evaluate --data D/shop.csv --report D/shop.csv', '--report and --data'],
    ['evaluate --train D/shop.csv --test D/test.csv --report D/test.csv', '--report and --test'],
    ['evaluate --data D/shop.csv --report D/m --record D/m', '--report and --record'],
    ['tune --data D/shop.csv --tries D/soft', '--tries and --data'],
    ['experiment design --data D/shop.csv --out D/a.md --report D/./a.md', '--out and --report'],
    ['experiment design --data D/shop.csv --out D/shop.csv', '--out and --data'],
    [
      'experiment design --data D/shop.csv --evaluation D/test.csv --report D/test.csv',
      '--report and --evaluation',
    ],
  ])('%s', async (line, message) => {
    const before = readdirSync(folder).filter((name) => name !== 'data')
    const contents = before.map((name) => readFileSync(join(folder, name), 'utf8'))
    // In one pass: the folder's random name may hold these letters.
    const { code, stderr } = await rationale(
      line.replaceAll(/[DF]/g, (letter) => (letter === 'D' ? folder : basename(folder))),
    )
    expect(stderr).toMatch(new RegExp(`^error: ${message} are one file, .*: name another for --`))
    expect(code).toBe(1)
    expect(readdirSync(folder).filter((name) => name !== 'data')).toEqual(before)
    expect(before.map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(contents)
  })

  test('bad rows do not replace the file that they stand in', async () => {
    const data = join(folder, 'shop.csv')
    const before = readFileSync(data, 'utf8')
    const { code, stderr } = await rationale(
      `${train(join(folder, 'm'), data)} --quarantine ${join(folder, 'soft')}`,
    )
    expect(stderr).toMatch(/error: .*shop\.csv: would be overwritten by its own bad rows/)
    expect(code).toBe(1)
    expect(readFileSync(data, 'utf8')).toBe(before)
  })
})

describe('a made-up shop', () => {
  test('takes the place of what a link leads to, whose permissions stay', async () => {
    mkdirSync(join(folder, 'shop'), { mode: 0o750 })
    symlinkSync('shop', join(folder, 'link'))
    for (let run = 0; run < 2; run++) {
      expect((await generate(join(folder, 'link'))).code).toBe(0)
      expect(readlinkSync(join(folder, 'link'))).toBe('shop')
      expect(mode(join(folder, 'shop'))).toBe(0o750)
      expect(readdirSync(folder).sort()).toEqual(['link', 'shop'])
    }
  })

  test('does not take the place of one that something was added to', async () => {
    const out = join(folder, 'shop')
    await generate(out)
    appendFileSync(join(out, 'shop.model'), 'precious')
    const { code, stderr } = await generate(out)
    expect(stderr).toMatch(/^error: .*holds other files too, which would be lost: shop\.model/)
    expect(code).toBe(1)
    expect(existsSync(join(out, 'shop.model'))).toBe(true)
  })
})
