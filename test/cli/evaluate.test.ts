import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'
import { smallShop } from './shop.ts'

let shop: string
beforeAll(async () => {
  shop = await smallShop()
})

const rest = (user: number) => [0, 1, 2, 3].filter((item) => item !== user % 4)

describe('rationale evaluate', () => {
  test('--json is the whole report: every system, metric and K, with intervals, beside the default', async () => {
    const report = await rationaleJson(`evaluate --data ${shop} --no-tune`)
    expect(report).toMatchObject({
      protocol: 'temporal',
      task: 'discovery',
      first: [5, 10, 20, 50],
      notRun: {},
    })
    const names = report.systems.map(({ name }: any) => name)
    expect(names).toEqual(
      expect.arrayContaining(['random', 'popularity', 'EASE', 'ALS', 'notebook', 'default']),
    )
    for (const { name, hitRate, recallTruncated, versusDefault } of report.systems) {
      expect(hitRate['10']).toEqual({
        value: expect.any(Number),
        low: expect.any(Number),
        high: expect.any(Number),
      })
      expect(recallTruncated['50'].value).toBeGreaterThanOrEqual(0)
      if (name !== 'default') expect(versusDefault['ndcg@10']).toHaveProperty('p')
    }
  })

  test('two runs print the same bytes, and the page is the same', async () => {
    const folder = temporaryFolder()
    const line = `evaluate --data ${shop} --protocol last-order --task next-order --systems popularity,random --json`
    const [one, two] = await Promise.all(
      ['one', 'two'].map((name) => rationale(`${line} --report ${join(folder, name)}`)),
    )
    expect(one.code).toBe(0)
    expect(two.stdout).toBe(one.stdout)
    expect(readFileSync(join(folder, 'two'), 'utf8')).toBe(readFileSync(join(folder, 'one'), 'utf8'))
  })

  test('prints what it comes to and a Markdown table for people', async () => {
    const { stdout } = await rationale(
      `evaluate --data ${shop} --protocol basket --systems popularity --no-tune`,
    )
    expect(stdout).toMatch(
      /^(?:default|popularity|No winner|Nobody) .*By nDCG @10, of the one other system: .*\n\n\| system \| hit rate @10 \|.*\n\| --- .*\n\| popularity \|.*\n\| \*\*default\*\* \|/,
    )
  })

  test('asks for the next basket, with what customers buy again in the table', async () => {
    const line = `evaluate --data ${shop} --protocol last-order --task next-basket --no-tune --json --systems`
    const names = 'buy again by frequency,buy again by recency'
    const report = JSON.parse((await start([...line.split(' '), names]).finished).stdout)
    expect(report.task).toBe('next-basket')
    expect(report.systems.map(({ name }: any) => name)).toEqual([
      'buy again by frequency',
      'buy again by recency',
      'default',
    ])
  })

  test('the notebook’s procedure finds nothing, whatever the system', async () => {
    const line = `evaluate --data ${shop} --protocol notebook --no-tune --systems popularity,notebook,ALS`
    const { systems } = await rationaleJson(line)
    expect(systems.map(({ hitRate }: any) => hitRate['50'].value)).toEqual([0, 0, 0, 0])
  })

  test('runs a split that is given, a line a user', async () => {
    const folder = temporaryFolder()
    const [train, held] = ['train.txt', 'test.txt'].map((name) => join(folder, name))
    // Everyone goes on to buy what everyone else has: the one product of 0 … 3 that is not in their line.
    writeFileSync(
      train,
      Array.from({ length: 20 }, (_, user) => `${user} ${rest(user).join(' ')}\n`).join(''),
    )
    writeFileSync(held, Array.from({ length: 20 }, (_, user) => `${user} ${user % 4}\n`).join(''))
    const given = `evaluate --train ${train} --test ${held} --format user-lines --no-tune --systems popularity`
    const { users, catalogue, systems } = await rationaleJson(given)
    expect({ users, catalogue }).toEqual({ users: 20, catalogue: 4 })
    for (const { hitRate } of systems) expect(hitRate['5'].value).toBe(1)
  })

  test.each([
    ['', /name the --data or --store to split, or both --train and --test/],
    ['--data SHOP --protocol basket --task next-order', /basket has only the task discovery/],
    ['--data SHOP --protocol basket --task next-basket', /basket has only the task discovery/],
    ['--train x --test y --task next-basket', /does not say which order comes next/],
    ['--data SHOP --task next-basket --record x', /--record keeps discovery and next-order/],
    [
      '--data SHOP --report /nowhere/page.html',
      /^error: cannot write \/nowhere\/page.html: there is no folder \/nowhere: make it/,
    ],
    ['--data SHOP --cut 2031-01-01', /2031-01-01/],
    ['--data SHOP --systems nonsense', /there is no system nonsense; there are: random, popularity/],
    ['--data SHOP --first 0', /whole number from 1/],
    ['--data SHOP --protocol guess', /temporal, last-order, basket, notebook, hold-out-users/],
    ['--data SHOP --train x --test y', /cannot be used with/],
  ])('refuses %s', async (options, message) => {
    const { code, stderr, stdout } = await rationale(`evaluate ${options.replace('SHOP', shop)}`)
    expect(stderr).toMatch(message)
    expect(code).toBeGreaterThan(0)
    expect(stdout).toBe('')
  })
})
