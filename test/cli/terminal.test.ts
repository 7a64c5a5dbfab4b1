import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { onOneLine, printable, takesEscapes } from '../../src/cli/plain-text.ts'
import { size } from '../../src/cli/result.ts'
import { runChildNow, startChild } from '../child-process.ts'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'
import { smallShop, trainedModel } from './shop.ts'

const LAUNCHER = join(import.meta.dirname, '../../bin/rationale.js')
let shop: string
let model: string
beforeAll(async () => {
  shop = await smallShop()
  model = await trainedModel(shop)
})

/** Colours, moves the cursor, renames the window, turns words around, begins lines. */
const EVIL = '\u001b[31mred\u001b[0m\u001b]0;owned\u0007\u009b2J\u202eabc\r\b\u2028x'
/** What a terminal obeys, but for ends of lines and tabs. */
// oxlint-disable-next-line no-control-regex
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

const into = async (line: string, device: string) => {
  const stdout = openSync(device, 'w')
  const child = startChild(process.execPath, [LAUNCHER, ...line.split(' ')], {
    stdio: ['ignore', stdout, 'pipe'],
  })
  closeSync(stdout)
  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = await once(child, 'close')
  return { code, stderr }
}

const settings = (lines: string, environment: Record<string, string>, line: string) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, '.env'), lines)
  const module = join(import.meta.dirname, '../../src/cli/environment-file.ts')
  const program = `import { readEnvironmentFile } from ${JSON.stringify(module)}
    try { readEnvironmentFile(${line}) } catch (error) { console.log(error.message); process.exit() }
    const { OPENAI_API_KEY: key, OPENAI_BASE_URL: url, NODE_TLS_REJECT_UNAUTHORIZED: tls, LLM_MODEL: model } = process.env
    console.log(JSON.stringify({ key, url, tls, model }))`
  const { OPENAI_API_KEY: _, OPENAI_BASE_URL: __, ...inherited } = process.env
  return runChildNow(process.execPath, ['--input-type=module', '-e', program], {
    cwd: folder,
    env: { ...inherited, ...environment },
  }).stdout.trim()
}

describe('names with escape sequences are printed as text', () => {
  let folder: string
  let evil: string
  beforeAll(async () => {
    folder = temporaryFolder()
    evil = join(folder, 'm')
    const quoted = `"${EVIL}"`
    const rows = ['ann', 'bob', 'eve', `"${EVIL}c"`].flatMap((customer, i) => [
      `${customer},${quoted},2024-01-0${i + 1},1,5`,
      `${customer},tea,2024-01-0${i + 2},1,5`,
      `${customer},"p${i} ${EVIL}\nline",2024-01-0${i + 3},1,5`,
    ])
    writeFileSync(
      join(folder, 'shop.csv'),
      `customer_id,product_id,timestamp,quantity,price\n${rows.join('\n')}\n`,
    )
    writeFileSync(
      join(folder, 'products.csv'),
      `product_id,product_name,category\n${quoted},"Name ${EVIL}","Kind ${EVIL}"\ntea,Tea\u001b[1m,"Kind ${EVIL}"\n`,
    )
    await rationaleJson(`train --data ${join(folder, 'shop.csv')} --model ${evil} --factors 2`)
  })

  test.each([
    ['recommend', '--customer', 'ann', '--include-purchased'],
    ['recommend', '--customer', `${EVIL}c`],
    ['recommend', '--history', EVIL],
    ['recommend', '--history', `none ${EVIL}`],
    ['recommend', '--customer', `none ${EVIL}`],
    ['similar', '--product', 'tea'],
    ['similar', '--product', `none ${EVIL}`],
    ['explain', '--customer', `${EVIL}c`],
    ['explain', '--warm', '--segment', EVIL],
    ['inspect'],
    ['inspect', EVIL],
    [`--${EVIL}`],
    [EVIL],
  ])('%j', async (...args) => {
    const env = {
      OPENAI_BASE_URL: 'http://127.0.0.1:9',
      LLM_PRICE: '1,1',
      HOME: folder,
      EXPLANATION_STORE: join(folder, 'e'),
    }
    for (const json of [[], ['--json']]) {
      const { stdout, stderr } = await start([...args, '--model', evil, ...json], env).finished
      expect(stdout + stderr).not.toMatch(OBEYED)
      expect((stdout + stderr).length).toBeGreaterThan(0)
    }
  })

  test('JSON means the same as before', async () => {
    const run = start(['recommend', '--model', evil, '--customer', 'ann', '--include-purchased', '--json'])
    const { items } = JSON.parse((await run.finished).stdout)
    expect(items.map(({ sku }: any) => sku)).toContain(EVIL)
    expect(items.map(({ name }: any) => name)).toContain(`Name ${EVIL}`)
  })

  test('a bad row is told without them: its file, its column and its value', async () => {
    const data = join(folder, `bad${EVIL.replaceAll('/', '')}.csv`)
    writeFileSync(data, `customer_id,product_id,"quantity"\na,b,"${EVIL}"\n`)
    const { code, stderr } = await start(['train', '--data', data, '--model', join(folder, 'n')]).finished
    expect(code).toBe(1)
    expect(stderr).toContain(String.raw`\u001b[31mred`)
    expect(stderr).not.toMatch(OBEYED)
  })

  test('any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(OBEYED)
        expect(onOneLine(text)).not.toMatch(/[\n\t]/)
        expect(JSON.parse(onOneLine(JSON.stringify(text)))).toBe(text)
      }),
    )
  })
})

describe('escape sequences of our own', () => {
  test.each([
    [{ TERM: 'xterm-256color' }, true],
    [{ TERM: 'dumb' }, false],
    [{ TERM: '' }, false],
    [{}, false],
    [{ TERM: 'xterm', NO_COLOR: '1' }, false],
    [{ TERM: 'xterm', NO_COLOR: '' }, true],
  ])('go to a terminal with %o: %s', (environment, expected) => {
    expect(takesEscapes({ isTTY: true }, environment, 'linux')).toBe(expected)
    expect(takesEscapes({}, environment, 'linux')).toBe(false)
  })

  test('Windows sets no TERM', () => {
    expect(takesEscapes({ isTTY: true }, {}, 'win32')).toBe(true)
  })

  const hasScript = process.platform === 'linux' && existsSync('/usr/bin/script')
  if (!hasScript) console.warn('SKIPPED: a real terminal, since there is no /usr/bin/script.')
  test.skipIf(!hasScript).each([
    [{ TERM: 'xterm' }, true],
    [{ TERM: 'dumb' }, false],
    [{ TERM: 'xterm', NO_COLOR: '1' }, false],
  ])('a training on a terminal with %o: %s', async (environment, expected) => {
    const line = `${process.execPath} ${LAUNCHER} train --data ${shop} --model ${temporaryFolder()}/m --factors 8`
    const { NO_COLOR: _, ...inherited } = process.env
    const env = { ...inherited, ...environment }
    const terminal = startChild('/usr/bin/script', ['-qec', line, '/dev/null'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let shown = ''
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
    await once(terminal, 'close')
    expect(shown).toContain('sha256:')
    expect(shown.includes('\u001b')).toBe(expected)
  })
})

describe('stdout that cannot be written to', () => {
  test
    .skipIf(!existsSync('/dev/full'))
    .each([
      'inspect --model MODEL',
      'inspect --model MODEL --json',
      'recommend --model MODEL --customer customer-1',
      'similar --model MODEL --product none',
      'explain --model MODEL --customer customer-1',
      'train --data SHOP --model FOLDER/m --factors 4 --iterations 1',
      'generate --out FOLDER/shop --customers 5 --products 5',
      'keys create --name n --scope read --store FOLDER/s',
      'experiment design --data SHOP',
      '--help',
      '--version',
      'train --help',
    ])('rationale %s > /dev/full is one message and exit code 1', async (line) => {
    const named = line.replace('MODEL', model).replace('SHOP', shop).replace('FOLDER', temporaryFolder())
    const { code, stderr } = await into(named, '/dev/full')
    expect(code).toBe(1)
    if (line.includes('none')) expect(stderr).toMatch(/^error: There is no product none/)
    else expect(stderr).toMatch(/^error: cannot write to stdout: the disk is full.*\n$/m)
    expect(stderr).not.toMatch(/\n +at |Uncaught|node:/)
  })

  test('a reader who has left does not stop the work: the model is written, the evaluation recorded', async () => {
    const file = join(temporaryFolder(), 'm')
    const training = start(`train --data ${shop} --model ${file} --factors 4 --iterations 1`)
    training.process.stdout?.destroy()
    expect((await training.finished).code).toBe(0)
    const evaluating = start(
      `evaluate --data ${shop} --record ${file} --protocol last-order --no-tune --json`,
    )
    evaluating.process.stdout?.destroy()
    const { code, stderr } = await evaluating.finished
    expect(stderr).toContain(`Recorded in ${file}`)
    expect(code).toBe(0)
    expect((await rationaleJson(`inspect --model ${file}`)).evaluations).toHaveLength(1)
  })
})

const COMMANDS = [
  'serve',
  'train',
  'recommend',
  'similar',
  'explain',
  'evaluate',
  'tune',
  'experiment design',
  'generate',
  'import',
  'erase',
  'export-customer',
  'inspect',
  'keys create',
  'keys list',
  'keys revoke',
  'keys rotate',
  'audit',
]

test.each(COMMANDS)('%s --help gives each default once', async (command) => {
  const { stdout } = await rationale(`${command} --help`)
  const options = stdout.replaceAll(/\s+/g, ' ').split(/ (?=--[a-z])/)
  expect(options.length).toBeGreaterThan(2)
  for (const option of options) expect(option.match(/default:/g)?.length ?? 0).toBeLessThanOrEqual(1)
  expect(stdout).not.toContain('default: []')
})

test.each([
  ['serve', '--host'],
  ['serve', '--model'],
  ['serve', '--data'],
  ['serve', '--store'],
  ['train', '--data'],
  ['train', '--model'],
  ['train', '--quarantine'],
  ['recommend', '--model'],
  ['recommend', '--customer'],
  ['recommend', '--history'],
  ['similar', '--product'],
  ['explain', '--llm-model'],
  ['evaluate', '--data'],
  ['evaluate', '--report'],
  ['evaluate', '--record'],
  ['evaluate', '--cut'],
  ['tune', '--tries'],
  ['experiment', 'design', '--out'],
  ['experiment', 'design', '--salt'],
  ['generate', '--out'],
  ['import', '--data'],
  ['erase', '--customer'],
  ['export-customer', '--store'],
  ['inspect', '--model'],
  ['keys', 'list', '--store'],
  ['audit', '--store'],
])('an empty value, as of an unset variable of the shell, is refused: %s %s %s', async (...words) => {
  const { code, stderr } = await start([...words.filter(Boolean), '']).finished
  expect(stderr).toMatch(
    new RegExp(`^error: option '.*${words.at(-1)}.*' argument '' is invalid\\. It is empty\\.`),
  )
  expect(code).toBe(2)
})

describe('a SKU with a comma', () => {
  let commas: string
  beforeAll(async () => {
    const folder = temporaryFolder()
    commas = join(folder, 'm')
    const skus = ['"12,5 cm"', 'a', 'b', '"a,b"', '"5"" pipe"']
    const rows = skus.flatMap((sku) => ['x', 'y', 'z'].map((customer) => `${customer},${sku}`))
    const others = ['c', 'd'].map((sku) => `x,${sku}`)
    writeFileSync(join(folder, 's.csv'), `customer_id,product_id\n${[...rows, ...others].join('\n')}\n`)
    await rationaleJson(`train --data ${folder}/s.csv --model ${commas} --factors 2`)
  })

  test.each([
    [['12,5 cm'], ['12,5 cm']],
    [['"12,5 cm"'], ['12,5 cm']],
    [['"12,5 cm",a'], ['12,5 cm', 'a']],
    [
      ['12,5 cm', 'a'],
      ['12,5 cm', 'a'],
    ],
    [['a, b'], ['a', 'b']],
    [['a,b'], ['a,b']],
    [['5" pipe'], ['5" pipe']],
  ])('--history %j names %j', async (history, named) => {
    const args = history.flatMap((written) => ['--history', written])
    const { code, stdout, stderr } = await start(['recommend', '--model', commas, ...args, '--json']).finished
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const skus = JSON.parse(stdout).items.map(({ sku }: any) => sku)
    const all = ['12,5 cm', 'a', 'b', 'a,b', '5" pipe', 'c', 'd']
    // What is in the basket is not recommended; all else is.
    expect(skus.toSorted()).toEqual(all.filter((sku) => !named.includes(sku)).toSorted())
  })

  test.each([
    ['12,6 cm', /There is no product 12, 6 cm/],
    ['a,,b', /--history a,,b: It has to be items separated by commas/],
    ['"a', /--history "a: A quotation mark is not closed/],
  ])('--history %s is refused', async (history, message) => {
    const { code, stderr } = await start(['recommend', '--model', commas, '--history', history]).finished
    expect(stderr).toMatch(message)
    expect(code).toBe(1)
  })

  test('so are columns with commas and equals signs', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 's.csv'), '"user, id",a=b\nx,1\ny,1\nx,2\n')
    const { code, stderr } = await start([
      'train',
      '--data',
      join(folder, 's.csv'),
      '--model',
      join(folder, 'm'),
      '--columns',
      '"customer_id=user, id",product_id=a=b',
    ]).finished
    expect(stderr).toContain('3 interactions')
    expect(code).toBe(0)
  })
})

describe('what a model holds', () => {
  test('names the weights that count, not those that the blend ignores', async () => {
    const { stdout } = await rationale(`inspect --model ${model}`)
    const { blendWeights } = await rationaleJson(`inspect --model ${model}`)
    const line = /^weights, discovery +(.*)$/m.exec(stdout)![1]
    const shown = Object.fromEntries(line.split(', ').map((part) => part.split(' ')))
    expect(Object.keys(shown)).toEqual(Object.keys(blendWeights.discovery))
    for (const [source, weight] of Object.entries<number>(blendWeights.discovery)) {
      expect(Number(shown[source])).toBe(Number(weight.toPrecision(3)))
    }
    expect(stdout).toMatch(/^weights, next order +collaborative /m)
    expect(stdout).not.toMatch(/^weights {2}/m)
    expect(stdout).not.toContain('collaborative 0.6, content 0.4')
  })

  test('says the weights of a blend that takes them from its configuration', async () => {
    const file = join(temporaryFolder(), 'm')
    await rationaleJson(`train --data ${shop} --model ${file} --preset notebook --iterations 1`)
    const { stdout } = await rationale(`inspect --model ${file}`)
    expect(stdout).toMatch(/^weights +collaborative 0\.6, content 0\.4$/m)
    expect(stdout).not.toContain('weights, discovery')
  })

  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [29_741, '29.7 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [47_200_000, '47.2 MB'],
    [4_294_967_296, '4.3 GB'],
    [5e15, '5000.0 TB'],
  ])('%i bytes are %s', (bytes, words) => {
    expect(size(bytes)).toBe(words)
  })

  test('says its size in a unit that shows it', async () => {
    const { stdout } = await rationale(`inspect --model ${model}`)
    const { bytes } = await rationaleJson(`inspect --model ${model}`)
    expect(bytes).toBe(readFileSync(model).length)
    expect(stdout).toMatch(new RegExp(`^size +${(bytes / 1000).toFixed(1)} kB$`, 'm'))
  })
})

test('the reasons that are shown sum, with what the others come to, to the score that is shown', async () => {
  for (const customer of ['customer-1', 'customer-2', 'customer-3', 'customer-4']) {
    const { stdout } = await rationale(`recommend --model ${model} --customer ${customer}`)
    const items = stdout.split('\n\n').slice(1)
    expect(items).toHaveLength(10)
    for (const item of items) {
      const score = Number(/hybrid (-?[\d.]+)/.exec(item)![1])
      const amounts = Array.from(item.matchAll(/^ {5} *(-?\d+\.\d{4}) /gm), ([, amount]) => Number(amount))
      expect(amounts.length).toBeLessThanOrEqual(4)
      expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBeCloseTo(score, 8)
    }
  }
})

describe('a file .env of the folder', () => {
  const EVIL_URL = 'OPENAI_BASE_URL=https://evil.example/v1\n'

  test('may not have a key of the environment sent to its own server', () => {
    const key = { OPENAI_API_KEY: 'sk-env' }
    expect(settings(EVIL_URL, key, 'true')).toMatch(
      /^OPENAI_API_KEY from the environment would be sent to OPENAI_BASE_URL from \.env, .*evil/,
    )
    expect(settings(`${EVIL_URL}OPENAI_API_KEY=sk-file\n`, key, 'true')).toMatch(
      /^OPENAI_API_KEY from the environment would be sent/,
    )
    expect(settings(`${EVIL_URL}LLM_MODEL=m\n`, key, 'false')).toBe('{"key":"sk-env","model":"m"}')
  })

  test('may name a server for its own key, and a key for the server of the environment', () => {
    expect(settings(`${EVIL_URL}OPENAI_API_KEY=sk-file\n`, {}, 'true')).toBe(
      '{"key":"sk-file","url":"https://evil.example/v1"}',
    )
    const url = { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', OPENAI_API_KEY: 'sk-env' }
    expect(settings(EVIL_URL, url, 'true')).toBe('{"key":"sk-env","url":"http://127.0.0.1:1/v1"}')
  })

  test('may not turn off the check of certificates', () => {
    expect(settings('NODE_TLS_REJECT_UNAUTHORIZED=0\nLLM_MODEL=m\n', {}, 'true')).toBe('{"model":"m"}')
  })

  test('does not get the key of the environment through a command', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'cwd'))
    writeFileSync(join(folder, 'cwd', '.env'), 'OPENAI_BASE_URL=http://127.0.0.1:9/v1\nLLM_PRICE=1,1\n')
    for (const line of [
      ['explain', '--model', model, '--customer', 'customer-1', '--llm'],
      ['serve', '--model', model, '--port', '0', '--llm'],
    ]) {
      const env = { OPENAI_API_KEY: 'sk-env', OPENAI_BASE_URL: '', HOME: folder }
      const { code, stderr } = await start(line, env, join(folder, 'cwd')).finished
      expect(stderr).toMatch(/^error: OPENAI_API_KEY from the environment would be sent/)
      expect(code).toBe(1)
    }
  })
})
