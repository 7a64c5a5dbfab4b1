import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'
import { smallShop } from './shop.ts'

let shop: string
beforeAll(async () => {
  shop = await smallShop()
})

const lines = (file: string) => readFileSync(join(shop, file), 'utf8').trimEnd().split('\n').length - 1

describe('rationale train', () => {
  test('--json reports what was learnt from and what was written', async () => {
    const model = join(temporaryFolder(), 'm')
    const trained = await rationaleJson(
      `train --data ${shop} --model ${model} --preset notebook --factors 8 --iterations 3 --seed 9 --threads 1`,
    )
    expect(trained).toEqual({
      interactions: lines('olist_order_items_dataset.csv'),
      customers: expect.any(Number),
      products: 60,
      preset: 'notebook',
      factors: 8,
      iterations: 3,
      loss: expect.any(Number),
      seconds: { read: expect.any(Number), fit: expect.any(Number), write: expect.any(Number) },
      peakRssBytes: expect.any(Number),
      modelBytes: readFileSync(model).length,
      modelHash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    })
    // Between a bare Node (some 40 MB) and far more than so small a shop can need: the unit is bytes.
    expect(trained.peakRssBytes).toBeGreaterThan(30e6)
    expect(trained.peakRssBytes).toBeLessThan(2e9)
  })

  test('the same seed writes the same bytes, whatever the number of threads', async () => {
    const folder = temporaryFolder()
    const line = `train --data ${shop} --factors 8 --iterations 2 --model ${folder}`
    await rationaleJson(`${line}/a --seed 1`)
    await rationaleJson(`${line}/b --seed 1 --threads 2`)
    await rationaleJson(`${line}/c --seed 2`)
    const [a, b, c] = ['a', 'b', 'c'].map((name) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    )
    expect(b).toBe(a)
    expect(c).not.toBe(a)
  })

  test('reads a CSV of interactions under other column names, and keeps its bad rows', async () => {
    const folder = temporaryFolder()
    const [data, model, quarantine] = ['ratings.csv', 'm', 'bad.csv'].map((name) => join(folder, name))
    writeFileSync(
      data,
      'userId,movieId,timestamp\nann,up,1700000000\n,up,1700000000\nbob,up,1700000000\nbob,heat,1700000000\n',
    )
    const trained = await rationaleJson(
      `train --data ${data} --columns customer_id=userId,product_id=movieId --quarantine ${quarantine}` +
        ` --model ${model} --factors 2`,
    )
    expect(trained).toMatchObject({ interactions: 3, customers: 2, products: 2 })
    expect(existsSync(quarantine)).toBe(true)
  })

  test.each([
    ['a price', 'bob,heat,2024-01-04,1,1e39,', 'price', '1e39'],
    ['a price', 'bob,heat,2024-01-04,2,1e308,', 'price', '1e308'],
    ['a quantity', 'bob,heat,2024-01-04,1e39,9,', 'quantity', '1e39'],
    ['a quantity', 'bob,heat,2024-01-04,1e-50,9,', 'quantity', '1e-50'],
    ['a time', 'bob,heat,2118-01-04,1,9,', 'timestamp', '2118-01-04'],
  ])(
    '%s that no model can hold is a bad row, and the former model stays: %s',
    async (_what, line, column, value) => {
      const folder = temporaryFolder()
      const [data, model] = ['interactions.csv', 'm'].map((name) => join(folder, name))
      const header = 'customer_id,product_id,timestamp,quantity,price,order_status'
      const rows = 'ann,up,2024-01-01,1,9,\nbob,up,2024-01-02,1,9,\nbob,heat,2024-01-03,1,9,\n'
      writeFileSync(data, `${header}\n${rows}`)
      await rationaleJson(`train --data ${data} --model ${model} --factors 2`)
      const former = readFileSync(model)
      writeFileSync(data, `${header}\n${rows}${line}\n`)
      const { code, stderr } = await rationale(`train --data ${data} --model ${model} --factors 2`)
      expect(code).toBe(1)
      expect(stderr).toContain(`line 5, column ${column}: "${value}"`)
      expect(readFileSync(model)).toEqual(former)
      const lenient = `train --data ${data} --model ${model} --factors 2 --quarantine ${folder}/bad.csv`
      expect(await rationaleJson(lenient)).toMatchObject({ interactions: 3 })
    },
  )

  test('--now says when an archive was current; a gap before the last orders is told of', async () => {
    const folder = temporaryFolder()
    const data = join(folder, 'interactions.csv')
    const rows = Array.from({ length: 40 }, (_, i) => `c${i % 9},p${i % 7},2018-01-${10 + (i % 20)}\n`).join(
      '',
    )
    writeFileSync(data, `customer_id,product_id,timestamp\n${rows}x1,p3,2023-01-10\n`)
    const line = `train --data ${data} --model ${folder}/m --factors 2`
    const warned = await rationale(line)
    expect(warned.stderr).toMatch(
      /warning: .*the last order lies 1807 days after all others.*line 42: 2023-01-10/,
    )
    const late = await rationale(`${line} --now 2018-02-01`)
    expect(late.code).toBe(1)
    expect(late.stderr).toMatch(/line 42, column timestamp: "2023-01-10" is later than 2018-02-01/)
    expect(await rationaleJson(`${line} --now 2018-02-01 --quarantine ${folder}/bad.csv`)).toMatchObject({
      interactions: 40,
    })
    const { code, stderr } = await rationale(`${line} --now tomorrow`)
    expect(code).toBe(2)
    expect(stderr).toMatch(/--now.*It has to be a date/)
  })

  test('cancelled orders are left out, unless they are to count', async () => {
    const folder = temporaryFolder()
    const data = join(folder, 'interactions.csv')
    writeFileSync(
      data,
      'customer_id,product_id,timestamp,order_status\nann,up,2024-01-01,\nbob,up,2024-01-01,canceled\nbob,heat,2024-01-02,\n',
    )
    const line = `train --data ${data} --model ${folder}/m --factors 2`
    expect((await rationale(line)).stderr).toMatch(/^ +1 cancelled order left out$/m)
    expect(await rationaleJson(line)).toMatchObject({ interactions: 2 })
    expect(await rationaleJson(`${line} --count-cancelled`)).toMatchObject({ interactions: 3 })
    expect(await rationaleJson(`${line} --preset notebook`)).toMatchObject({ interactions: 3 })
  })

  test('without --json it tells people the same, progress on stderr, results on stdout', async () => {
    const { stdout, stderr } = await rationale(`train --data ${shop} --model ${temporaryFolder()}/m`)
    expect(stdout).toMatch(/^customers +\d+$/m)
    expect(stdout).toMatch(/sha256:/)
    expect(stderr).toMatch(/^Reading /)
    expect(stderr).toMatch(/^Training \(default preset, \d+ factors/m)
    expect(stderr).not.toMatch(/█/)
  })

  test('goes on when nobody reads its progress', async () => {
    const run = start(`train --data ${shop} --model ${temporaryFolder()}/m --factors 8 --json`)
    run.process.stderr?.destroy()
    expect(await run.finished).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\{.*\}\n$/) })
  })

  test('finds out before the training that the model cannot be written', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'taken'))
    for (const model of [join(folder, 'missing', 'm'), join(folder, 'taken')]) {
      const { code, stderr } = await rationale(`train --data ${shop} --model ${model}`)
      expect(code).toBe(1)
      expect(stderr).toMatch(/^error: cannot write .*folder/)
      expect(stderr).not.toMatch(/Reading/)
    }
  })

  test('a shop that cannot be read is named, and nothing is written', async () => {
    const folder = temporaryFolder()
    const { code, stderr } = await rationale(`train --data ${folder}/no-shop --model ${folder}/m`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/error: .*no-shop/)
    expect(readdirSync(folder)).toEqual([])
  })
})

const trainForever = (model: string) =>
  start(`train --data ${shop} --model ${model} --factors 512 --iterations 10000`)

async function formerModel() {
  const folder = temporaryFolder()
  const model = join(folder, 'm')
  await rationaleJson(`train --data ${shop} --model ${model} --factors 8 --iterations 1`)
  return { folder, model, bytes: readFileSync(model) }
}

describe('a training that does not end leaves the former model as it was', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s exits with %i and says so', async (signal, exitCode) => {
    const { folder, model, bytes } = await formerModel()
    const run = trainForever(model)
    await run.printed('Training')
    run.process.kill(signal)
    const { code, stdout, stderr } = await run.finished
    expect(code).toBe(exitCode)
    expect(stderr).toMatch(new RegExp(`interrupted by ${signal}; no partial output is left\n$`))
    expect(stdout).toBe('')
    expect(readdirSync(folder)).toEqual(['m'])
    expect(readFileSync(model).equals(bytes)).toBe(true)
  })

  test('kill -9 while it computes', async () => {
    const { folder, model, bytes } = await formerModel()
    const run = trainForever(model)
    await run.printed('Training')
    run.process.kill('SIGKILL')
    await run.finished
    expect(readdirSync(folder)).toEqual(['m'])
    expect(readFileSync(model).equals(bytes)).toBe(true)
  })

  test('kill -9 while it writes leaves a whole model: the former one, or the new one if it was done', async () => {
    const { folder, model } = await formerModel()
    const former = await rationaleJson(`inspect --model ${model}`)
    const changes = watch(folder)
    const run = start(`train --data ${shop} --model ${model} --factors 8 --iterations 1 --seed 99`)
    await changes[Symbol.asyncIterator]().next()
    run.process.kill('SIGKILL')
    await run.finished
    const left = await rationaleJson(`inspect --model ${model}`)
    if (left.configuration.seed !== 99) expect(left).toEqual(former)
  })
})

const olist = `${process.env.RATIONALE_DATA ?? '../shared/data'}/olist`
const hasOlist = existsSync(olist)
if (!hasOlist) console.warn(`SKIPPED: training on real data, since there is no ${olist}.`)

// 104 items, of 83 customers who kept nothing, are of cancelled orders.
test.skipIf(!hasOlist).each([
  ['--preset notebook', 112_650, 95_409],
  ['--count-cancelled', 112_650, 95_409],
  ['', 112_546, 95_326],
])(
  'Olist has, with %j, %i interactions of %i customers, and 32,951 products (real data)',
  async (options, interactions, customers) => {
    const model = join(temporaryFolder(), 'm')
    const trained = await rationaleJson(
      `train --data ${olist} --model ${model} --factors 4 --iterations 1 ${options}`,
    )
    expect(trained).toMatchObject({ interactions, customers, products: 32_951 })
  },
)
