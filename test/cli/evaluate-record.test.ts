import { appendFileSync, chmodSync, copyFileSync, cpSync, readdirSync, readFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'
import { smallShop, trainedModel } from './shop.ts'

let shop: string
let trained: string
beforeAll(async () => {
  shop = await smallShop()
  trained = await trainedModel(shop)
})

const MEASURES = ['hitRate', 'recall', 'recallTruncated', 'precision', 'ndcg', 'mrr', 'map'] as const

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

/** A copy of the trained model in a folder of its own. */
function modelFile(): string {
  const model = join(temporaryFolder(), 'm')
  copyFileSync(trained, model)
  return model
}

const record = (model: string, options = '') =>
  rationaleJson(`evaluate --data ${shop} --no-tune --record ${model} ${options}`)

/** A report's figures of one system, as the model file and the API arrange them. */
function figuresIn(report: Record<string, any>, name: string) {
  const system = report.systems.find((one: any) => one.name === name)
  return report.first.map((k: number) => ({
    k,
    coverage: system.coverage[k],
    ...Object.fromEntries(MEASURES.map((measure) => [measure, system[measure][k]])),
  }))
}

/** Serves a model file and asks for what was recorded in it. */
async function served(model: string) {
  const figures = `k coverage ${MEASURES.map((measure) => `${measure} { value low high }`).join(' ')}`
  const query = `{ modelInfo { version evaluations {
    protocol task trials { name cases customers } cases customers products level
    measures { ${figures} } systems bestOther { name measures { ${figures} } } notes evaluatedWith
  } } }`
  const run = start(`serve --model ${model} --port 0`)
  const url = (await run.printed('/graphql\n')).trim()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { data, errors } = (await response.json()) as any
  run.process.kill('SIGINT')
  await run.finished
  expect(errors).toBeUndefined()
  return data.modelInfo
}

describe('rationale evaluate --record', () => {
  test('the API then gives the very figures that the report printed, of a model that is still the same', async () => {
    const model = modelFile()
    const { version: formerVersion, tensorHash } = await rationaleJson(`inspect --model ${model}`)
    const reports = [
      await record(model, '--protocol last-order --task next-order --systems default --first 3'),
      await record(model, '--cut 0.7 --cut 0.85 --systems random,popularity --first 5,10 --note Hello.'),
    ]
    const modelInfo = await served(model)
    expect(modelInfo.version).toBe(formerVersion)
    const { cases, users, catalogue, notes, trials } = reports[1]
    expect(modelInfo.evaluations).toMatchObject([
      { protocol: 'LAST_ORDER', task: 'NEXT_ORDER', systems: ['default'], bestOther: null },
      {
        protocol: 'TEMPORAL',
        task: 'DISCOVERY',
        trials: trials.map((trial: any) => ({
          name: trial.name,
          cases: trial.cases,
          customers: trial.users,
        })),
        cases,
        customers: users,
        products: catalogue,
        level: 0.95,
        systems: ['random', 'popularity', 'default'],
        bestOther: { name: 'popularity', measures: figuresIn(reports[1], 'popularity') },
        notes,
        evaluatedWith: version,
      },
    ])
    expect(trials).toHaveLength(2)
    expect(notes).toContain('Hello.')
    modelInfo.evaluations.forEach(({ measures }: any, i: number) =>
      expect(measures).toEqual(figuresIn(reports[i], 'default')),
    )
    const inspected = await rationaleJson(`inspect --model ${model}`)
    expect(inspected).toMatchObject({
      version: formerVersion,
      tensorHash,
      evaluations: [{ protocol: 'last-order' }, { protocol: 'temporal' }],
    })
  })

  test('a model without any says so by an empty list', async () => {
    expect((await served(trained)).evaluations).toEqual([])
  })

  test('inspect shows people what was recorded', async () => {
    const model = modelFile()
    const { cases, systems } = await record(model, '--systems popularity')
    const { stdout } = await rationale(`inspect --model ${model}`)
    const found = systems.map(({ ndcg }: any) => ndcg['10'].value.toFixed(4))
    expect(stdout).toMatch(
      new RegExp(
        `^temporal, discovery +${cases} +10 .* ${found[1]} \\(.*\\) +popularity ${found[0]} +${version}$`,
        'm',
      ),
    )
  })

  test('evaluates the configuration of the model, and says where it is not the usual one', async () => {
    const options = '--systems default --first 10'
    const own = await record(modelFile(), options)
    expect(own.notes).toEqual([
      'The system named default has the configuration of the model that this is recorded in: factors 8, iterations 5.',
    ])
    const usual = await rationaleJson(`evaluate --data ${shop} --no-tune ${options}`)
    expect(usual.notes).toEqual([])
    expect(own.systems).not.toEqual(usual.systems)

    const model = join(temporaryFolder(), 'm')
    await rationaleJson(`train --data ${shop} --model ${model} --seed 7`)
    expect(await record(model, options)).toEqual(usual)

    // The notebook's configuration stands in the table under its own name, too: both have the same figures.
    await rationaleJson(`train --data ${shop} --model ${model} --preset notebook`)
    const report = await record(model, '--systems notebook')
    expect(figuresIn(report, 'default')).toEqual(figuresIn(report, 'notebook'))
  })

  test('recorded twice, the file is the same to the byte', async () => {
    const model = modelFile()
    await record(model, '--systems popularity')
    const bytes = readFileSync(model)
    await record(model, '--systems popularity')
    expect(readFileSync(model).equals(bytes)).toBe(true)
    await record(model, '--systems popularity --cut 0.7')
    expect((await rationaleJson(`inspect --model ${model}`)).evaluations).toHaveLength(1)
  })

  test('another shop’s data are refused before anything is learnt, and the file is left alone', async () => {
    const other = join(temporaryFolder(), 'shop')
    cpSync(shop, other, { recursive: true })
    appendFileSync(join(other, 'olist_customers_dataset.csv'), '\n')
    const model = modelFile()
    const { code, stdout, stderr } = await rationale(`evaluate --data ${other} --record ${model}`)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^error: cannot record in .*: its model was trained on other data \(sha256:[0-9a-f]{64}\) than these/m,
    )
    expect(stderr).not.toMatch(/^(Trial|Tuning)/m)
    expect(stdout).toBe('')
    expect(readFileSync(model)).toEqual(readFileSync(trained))
  })

  test.each([
    ['--record NOWHERE', /^error: Cannot open the model .*: there is no such file or folder: check the path/],
    ['--record package.json', /^error: Cannot open the model package.json: /],
    ['--record MODEL --protocol notebook', /^error: --record does not go with --protocol notebook, whose/],
    ['--record MODEL --train x --test y', /'--record <model>' cannot be used with option '--train <file>'/],
  ])('refuses %s before it reads any data', async (options, message) => {
    const model = modelFile()
    const data = options.includes('--train') ? '' : `--data ${shop}`
    const line = options.replace('MODEL', model).replace('NOWHERE', `${model}.none`)
    const { code, stdout, stderr } = await rationale(`evaluate ${data} ${line}`)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/Reading/)
    expect(code).toBeGreaterThan(0)
    expect(stdout).toBe('')
    expect(readFileSync(model)).toEqual(readFileSync(trained))
  })

  const isRoot = process.getuid?.() === 0
  if (isRoot) console.warn('SKIPPED: a read-only model file, because root may write everywhere.')
  const skipped = isRoot ? ' (SKIPPED: root may write everywhere)' : ''
  test.skipIf(isRoot)(`refuses a read-only file before it reads any data${skipped}`, async () => {
    const model = modelFile()
    chmodSync(model, 0o444)
    const { code, stderr } = await rationale(`evaluate --data ${shop} --record ${model}`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: cannot write .*: it is read-only: change its permissions/)
    expect(stderr).not.toMatch(/Reading/)
  })
})

describe('a recording that does not end leaves a whole file', () => {
  test.each(['SIGINT', 'SIGKILL'] as const)(
    'the former one where %s comes while it evaluates',
    async (signal) => {
      const model = modelFile()
      const run = start(`evaluate --data ${shop} --record ${model}`)
      await run.printed('Tuning on')
      run.process.kill(signal)
      const { stdout, code } = await run.finished
      expect(code).not.toBe(0)
      expect(stdout).toBe('')
      expect(readdirSync(join(model, '..'))).toEqual(['m'])
      expect(readFileSync(model)).toEqual(readFileSync(trained))
    },
  )

  test('the former one, or the new one if it was done, where kill -9 comes while it writes', async () => {
    const model = modelFile()
    const { evaluations: _, ...former } = await rationaleJson(`inspect --model ${model}`)
    const changes = watch(join(model, '..'))
    const run = start(`evaluate --data ${shop} --no-tune --systems popularity --record ${model}`)
    await changes[Symbol.asyncIterator]().next()
    run.process.kill('SIGKILL')
    await run.finished
    const { evaluations, bytes, ...left } = await rationaleJson(`inspect --model ${model}`)
    expect({ ...left, bytes: former.bytes }).toEqual(former)
    if (evaluations === undefined) expect(bytes).toBe(former.bytes)
  })

  test('another model trained meanwhile stays, and the report is printed all the same', async () => {
    const model = modelFile()
    const other = join(temporaryFolder(), 'other')
    await rationaleJson(`train --data ${shop} --model ${other} --factors 4 --iterations 1`)
    const run = start(`evaluate --data ${shop} --no-tune --systems popularity --record ${model}`)
    await run.printed('Trial')
    copyFileSync(other, model)
    const { code, stdout, stderr } = await run.finished
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: Cannot record the evaluation in .*: the file holds another model by now/m)
    expect(stdout).toMatch(/^\| \*\*default\*\* \|/m)
    expect(readFileSync(model)).toEqual(readFileSync(other))
  })
})
