import { describe, expect, test } from 'vitest'
import { runChild } from '../child-process.ts'
import { rationale, start } from './program.ts'

const commands = ['serve', 'train', 'recommend', 'similar', 'generate', 'export', 'inspect', 'keys']

describe('help', () => {
  test('lists every command', async () => {
    const { code, stdout } = await rationale('--help')
    expect(code).toBe(0)
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ +${command} `, 'm'))
  })

  test.each(commands)('%s --help has an example', async (command) => {
    const { code, stdout, stderr } = await rationale(`${command} --help`)
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`Examples?:\n  rationale ${command}`))
    expect(stderr).toBe('')
  })

  test('--version is the version of the package', async () => {
    const { stdout } = await rationale('--version')
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('wrong usage exits with 2 and says what is wrong', () => {
  const recommend = 'recommend --model m'
  const train = 'train --data d --model m'
  test.each([
    ['', /Usage: rationale/],
    ['trian', /unknown command 'trian'/],
    ['train --model m', /name the --data or --store to learn from/],
    [`${train} --factors abc`, /'--factors <n>'.*'abc'.*number/],
    [`${train} --factors 0`, /factors/],
    [`${train} --factors 2.5`, /factors/],
    [`${train} --regularization -1`, /regularization/],
    [`${train} --preset best`, /'best'.*default, notebook/],
    [`${train} --columns userId`, /customer_id=userId/],
    [`${train} --engine spark`, /name the --master that Spark runs on/],
    [`${train} --master local`, /go with --engine spark/],
    ['train --store s --model m --engine spark --master local', /Spark reads a folder of Parquet/],
    [
      'train --data postgres://h/d --model m --engine spark --master local',
      /Spark reads a folder of Parquet, and neither a store nor a database: write it by `rationale export`/,
    ],
    [`${train} --engine spark --master local --columns customer_id=a`, /without --columns/],
    [`${train} --engine spark --master local --spark-conf memory=1g`, /spark.executor.memory=8g/],
    [`${train} --engine spark --master local --confidence ials`, /confidence must be 'hu-koren-volinsky'/],
    [
      `${train} --engine spark --master local --regularization-scale constant`,
      /regularizationScale must be 'entries' where Spark trains, not 'constant'/,
    ],
    [recommend, /--customer or a --history/],
    [`${recommend} --customer c --history a`, /'--customer <id>' cannot be used with.*'--history/],
    [`${recommend} --customer c --first 0`, /whole number of at least 1/],
    ['serve --data d --model m', /cannot be used with/],
    ['serve --model m --factors 8', /cannot be used with/],
    ['serve --port 65536', /whole number from 0 to 65535/],
  ])('rationale %s', async (line, message) => {
    const { code, stdout, stderr } = await rationale(line)
    expect(stderr).toMatch(message)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })
})

describe('failures exit with 1 and one message', () => {
  test('without a stack', async () => {
    const { code, stdout, stderr } = await rationale('inspect --model no/such/file')
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: .*no\/such\/file.*\n$/)
  })

  test('where Spark is asked to read something else than Parquet', async () => {
    const { code, stderr } = await rationale('train --data d --model m --engine spark --master local')
    expect(code).toBe(1)
    expect(stderr).toBe(
      'error: d holds no interactions.parquet, which is what Spark reads: write it by `rationale export`, and give its ' +
        'folder\n',
    )
  })

  test('with its stack where RATIONALE_DEBUG is set', async () => {
    const { stderr } = await start('inspect --model no/such/file', { RATIONALE_DEBUG: '1' }).finished
    expect(stderr).toMatch(/\n +at /)
  })

  test('a reader that closes the pipe early is no failure', async () => {
    const program = start('--help')
    program.process.stdout?.destroy()
    const { code, stderr } = await program.finished
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

test('a Node too old is told so in one sentence', async () => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`
  const run = runChild(process.execPath, [
    `--import=data:text/javascript,${encodeURIComponent(pretend)}`,
    'bin/rationale.js',
  ])
  await expect(run).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^error: rationale needs Node 22\.18 or newer; this is Node 20\.20\.2.*\n$/,
    ),
  })
})
