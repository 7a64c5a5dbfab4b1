import fc from 'fast-check'
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import {
  helpOf,
  LANGUAGE_MODEL_SETTINGS,
  LIMIT_SETTINGS,
  readSettings,
  SERVE_SETTINGS,
  SERVER_SETTINGS,
  type Setting,
  STORE_SETTINGS,
} from '../../src/server/settings.ts'
import { runChild } from '../child-process.ts'
import { start } from '../cli/program.ts'

const tables: Readonly<Record<string, Setting>>[] = [
  SERVER_SETTINGS,
  SERVE_SETTINGS,
  STORE_SETTINGS,
  LIMIT_SETTINGS,
  LANGUAGE_MODEL_SETTINGS,
]
const settings = tables.flatMap((table) => Object.values(table))
const script = fileURLToPath(new URL('../../docs/print-settings.ts', import.meta.url))
const print = (...args: string[]) => runChild(process.execPath, [script, ...args])

const folder = await mkdtemp(join(tmpdir(), 'settings-'))
afterAll(() => rm(folder, { recursive: true }))

describe('docs/settings.md', () => {
  test('is what the table says: else run "npm run settings:write"', async () => {
    await expect(print('--check')).resolves.toMatchObject({ stderr: '' })
  })

  test('that differs, or is not there, fails the check with what to do', async () => {
    const file = join(folder, 'settings.md')
    const failure = { code: 1, stderr: expect.stringContaining('npm run settings:write') }
    await expect(print('--check', file)).rejects.toMatchObject(failure)
    await writeFile(file, '# Settings\n')
    await expect(print('--check', file)).rejects.toMatchObject(failure)
    await print('--write', file)
    await expect(print('--check', file)).resolves.toMatchObject({ stderr: '' })
    expect(readFileSync(file, 'utf8')).toContain(
      '| PORT | --port \\<n\\> | a whole number from 0 to 65535 | 4000 |',
    )
  })

  test('says nothing of anything else', async () => {
    await expect(print('--print')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Usage'),
    })
  })
})

test('no variable is in the table twice', () => {
  const variables = settings.flatMap(({ variable }) => variable ?? [])
  expect(variables).toEqual([...new Set(variables)])
})

test('the environment is read by the table alone', () => {
  // What is no setting of a server: terminals, stacks of errors, keeping a .env from redirecting a key, and what every
  // client of object storage and of Spark reads.
  const others = new Set([
    'RATIONALE_DEBUG',
    'TERM',
    'NO_COLOR',
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
    'AWS_ENDPOINT_URL',
    'AWS_ENDPOINT_URL_S3',
    'AWS_REGION',
    'SPARK_HOME',
    'PYSPARK_PYTHON',
  ])
  const read = globSync('src/**/*.ts').flatMap((path) =>
    Array.from(
      readFileSync(path, 'utf8').matchAll(/\b(?:env|environment)(?:\.|\[')([A-Z][A-Z0-9_]+)/g),
      ([, name]) => name,
    ),
  )
  expect(read.filter((name) => !others.has(name))).toEqual([])
})

function options(table: Readonly<Record<string, Setting>>): Setting[] {
  return Object.values(table).filter(({ flag }) => flag !== undefined)
}

describe('--help', () => {
  const { store: _, ...asked } = LANGUAGE_MODEL_SETTINGS

  test('of serve has every option of the table, its default once', async () => {
    const { stdout } = await start('serve --help').finished
    const help = stdout.replaceAll(/\s+/g, ' ')
    const shown = [
      ...options(SERVER_SETTINGS),
      ...options(SERVE_SETTINGS),
      ...options(STORE_SETTINGS),
      ...options(asked),
    ]
    expect(shown).toHaveLength(20)
    for (const setting of shown) expect(help.split(`${setting.flag} ${helpOf(setting)}`)).toHaveLength(2)
    expect(help).toContain('--port <n> port, 0 for any free one (default: $PORT, else 4000) --')
  })

  test.each([
    ['recommend', SERVE_SETTINGS.leastCustomers],
    ['explain', LANGUAGE_MODEL_SETTINGS.model],
    ['explain', LANGUAGE_MODEL_SETTINGS.style],
    ['explain', LANGUAGE_MODEL_SETTINGS.store],
  ])('of %s has those that it shares', async (command, setting) => {
    const { stdout } = await start(`${command} --help`).finished
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`${setting.flag} ${helpOf(setting)}`)
  })
})

/** Ranges by hand, from the table's promises: variable, least, most, whether whole. */
const RANGES: readonly (readonly [string, number, number, boolean])[] = [
  ['PORT', 0, 65_535, true],
  ['TRUST_PROXY', 0, Number.MAX_SAFE_INTEGER, true],
  ['LEAST_CUSTOMERS', 1, Number.MAX_SAFE_INTEGER, true],
  ['RETRAIN_MARGIN', 0, Number.MAX_VALUE, false],
  ['KEEP_MODELS', 1, Number.MAX_SAFE_INTEGER, true],
  ['MAX_BODY_BYTES', 1, Number.MAX_SAFE_INTEGER, true],
  ['MAX_TOKENS', 1, Number.MAX_SAFE_INTEGER, true],
  ['MAX_DEPTH', 1, Number.MAX_SAFE_INTEGER, true],
  ['MAX_ALIASES', 1, Number.MAX_SAFE_INTEGER, true],
  ['MAX_DIRECTIVES', 1, Number.MAX_SAFE_INTEGER, true],
  ['MAX_COST', 1, Number.MAX_SAFE_INTEGER, true],
  ['MAX_NODES', 1, Number.MAX_SAFE_INTEGER, true],
  ['REQUEST_TIMEOUT', Number.MIN_VALUE, 2_147_483, false],
  ['STREAM_TIMEOUT', Number.MIN_VALUE, 2_147_483, false],
  ['LLM_TIMEOUT', 0, Number.MAX_VALUE, false],
  ['LLM_RETRIES', 0, 10, true],
  ['LLM_CONCURRENCY', 1, 100, true],
  ['LLM_TOKENS_PER_DAY', 0, Number.MAX_VALUE, false],
  ['LLM_MONEY_PER_DAY', 0, Number.MAX_VALUE, false],
]

describe.each(RANGES)('%s', (variable, least, most, isWhole) => {
  const setting = settings.find((one) => one.variable === variable)!
  const read = (value: string | undefined, option?: unknown) =>
    readSettings({ setting }, { setting: option }, { [variable]: value }).setting
  const inside = isWhole
    ? fc.integer({ min: least, max: most })
    : fc.double({ min: least, max: most, noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value))

  test('is what is said within its range; an option counts before the variable', () => {
    fc.assert(
      fc.property(inside, inside, (value, option) => {
        expect(read(String(value))).toBe(value)
        expect(read(String(value), option)).toBe(option)
      }),
    )
  })

  test('is its default without a value, or with an empty one', () => {
    expect(read('')).toBe(read(undefined))
    expect(read(undefined)).toEqual(expect.any(Number))
  })

  test('is refused by its name and with its value elsewhere', () => {
    const outside = fc.oneof(
      fc.constantFrom(' ', '\t', 'many', '1,5', '1 2', 'NaN', 'Infinity', '-1', '--1', '1e999'),
      fc.double({ max: least, maxExcluded: true, noNaN: true }).map(String),
      ...(most < Number.MAX_SAFE_INTEGER
        ? [fc.double({ min: most, minExcluded: true, noNaN: true }).map(String)]
        : []),
      ...(isWhole ? [fc.constantFrom('1.5', '2.000001')] : []),
    )
    fc.assert(
      fc.property(outside, (value) => {
        fc.pre(value !== '0' || least > 0)
        expect(() => read(value)).toThrow(new RegExp(`^${variable} must be .*, not "`))
        expect(() => read(value)).toThrow(`not "${value}"`)
      }),
    )
  })
})

test.each(
  settings.filter(({ isSecret }) => isSecret).map((setting) => [setting.variable!, setting] as const),
)('%s is never repeated in an error', (variable, setting) => {
  const refusing = { ...setting, check: SERVER_SETTINGS.token.check }
  expect(() => readSettings({ refusing }, {}, { [variable]: 'short-secret' })).toThrow(/^(?!.*short-secret)/)
})

test('everything that is wrong is said at once', () => {
  expect(() => readSettings(SERVER_SETTINGS, {}, { PORT: 'x', TRUST_PROXY: '-1', HOST: 'a b' })).toThrow(
    'HOST must be a name or an address, not "a b"; PORT must be a number, not "x"; TRUST_PROXY must be 0 or more, not "-1"',
  )
})

test.each([
  ['--port 65536', "'--port <n>' argument '65536' is invalid. It must be a whole number from 0 to 65535."],
  ['--port 1.5', "'--port <n>' argument '1.5' is invalid. It must be a whole number from 0 to 65535."],
  [
    '--trust-proxy -1',
    "'--trust-proxy <n>' argument '-1' is invalid. It must be a whole number of at least 0.",
  ],
  [
    '--least-customers 0',
    "'--least-customers <n>' argument '0' is invalid. It must be a whole number of at least 1.",
  ],
  [
    '--cors-origin *',
    "'--cors-origin <origin>' argument '*' is invalid. It must be origins as browsers write them",
  ],
  ['--cors-origin ,', "'--cors-origin <origin>' argument ',' is invalid. It is empty."],
  ['--llm-style prose', "'--llm-style <style>' argument 'prose' is invalid. It must be clauses or free."],
])('serve %s is refused by the name of the option', async (option, message) => {
  const { code, stderr } = await start(`serve ${option}`).finished
  expect(stderr).toContain(message)
  expect(code).toBe(2)
})
