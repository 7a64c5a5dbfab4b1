import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'
import { smallShop } from './shop.ts'

let shop: string
beforeAll(async () => {
  shop = await smallShop()
})

/** A user's eight products of one of two tastes, each user beginning elsewhere. */
const bought = (user: number) => Array.from({ length: 8 }, (_, i) => 8 * (user % 2) + ((user + i) % 8))

const splitLines = (from: number, to: number) =>
  Array.from({ length: 40 }, (_, user) => `${user} ${bought(user).slice(from, to).join(' ')}\n`).join('')

describe('rationale tune', () => {
  test('tries weights and λ of both conventions in few factors, then more, and prints a command that trains the best', async () => {
    const larger = join(temporaryFolder(), 'shop')
    await generateShop({ directory: larger, customers: 200, products: 150, seed: 5 })
    const { tries, best, command } = await rationaleJson(`tune --data ${larger}`)
    const settings = tries.map(({ setting }: any) => setting)
    expect(settings.filter(({ factors }: any) => factors === 64)).toHaveLength(32)
    // As many factors as products are the most.
    expect(
      settings.filter(({ factors }: any) => factors > 64).map((one: any) => [one.confidence, one.factors]),
    ).toEqual([
      ['ials', 128],
      ['hu-koren-volinsky', 128],
    ])
    expect(best.ndcg).toBe(Math.max(...tries.map(({ ndcg }: any) => ndcg)))
    const model = join(temporaryFolder(), 'tuned.model')
    const trained = await rationaleJson(command.replace(/^rationale /, '').replace('tuned.model', model))
    expect(trained.factors).toBe(best.setting.factors)
  })

  test('prints a command that reads the data as it was read, wherever it is', async () => {
    const folder = join(temporaryFolder(), "a shop's")
    mkdirSync(folder)
    const file = join(folder, 'sales.csv')
    // Twelve customers with two orders each; the second of half of them is what the others bought first.
    const rows = Array.from(
      { length: 24 },
      (_, i) => `u${i % 12},p${(i * 5) % 7},2024-01-${String(i + 1).padStart(2, '0')}`,
    )
    writeFileSync(file, `who,what,timestamp\n${rows.join('\n')}\n`)
    const columns = 'customer_id=who,product_id=what'
    const { stdout } = await start(['tune', '--data', file, '--columns', columns, '--json']).finished
    const { command } = JSON.parse(stdout)
    const quoted = `'${file.replaceAll("'", String.raw`'\''`)}'`
    expect(command).toContain(`--data ${quoted} --columns ${columns} --model tuned.model `)
  })

  test('goes on from the tries of an interrupted search, on files or on a store, and finds the same', async () => {
    const file = join(temporaryFolder(), 'tries.jsonl')
    const whole = await rationaleJson(`tune --data ${shop} --tries ${file}`)
    const lines = readFileSync(file, 'utf8').split('\n')
    // Killed in the middle of the eleventh try's line.
    writeFileSync(file, lines.slice(0, 11).join('\n') + `\n${lines[11].slice(0, 20)}`)
    const { code, stdout, stderr } = await rationale(`tune --data ${shop} --tries ${file} --json`)
    expect(code).toBe(0)
    expect(stderr).toContain('10 tries are known')
    expect(JSON.parse(stdout)).toEqual(whole)
    expect(readFileSync(file, 'utf8').split('\n')).toEqual(lines)

    // A store into which the files were imported is the same data, so that the search goes on with it.
    const store = join(temporaryFolder(), 'shop.sqlite')
    await rationale(`import --data ${shop} --store ${store}`)
    writeFileSync(file, `${lines.slice(0, -3).join('\n')}\n`)
    const onStore = await rationaleJson(`tune --store ${store} --tries ${file}`)
    expect(onStore).toEqual({
      ...whole,
      command: whole['command'].replace(`--data ${shop}`, `--store ${store}`),
    })
    expect(readFileSync(file, 'utf8').split('\n')).toEqual(lines)
  })

  test('says before the search that its tries cannot be kept', async () => {
    const { code, stderr } = await rationale(`tune --data ${shop} --tries /nowhere/tries.jsonl`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: cannot write \/nowhere\/tries.jsonl: there is no folder \/nowhere/)
  })

  test('does not mix two searches in one file, and names a line that is no try', async () => {
    const file = join(temporaryFolder(), 'tries.jsonl')
    writeFileSync(file, 'something else\n')
    const other = await rationale(`tune --data ${shop} --tries ${file}`)
    expect(other.code).toBe(1)
    expect(other.stderr).toMatch(/another search/)
    expect(readFileSync(file, 'utf8')).toBe('something else\n')

    const broken = join(temporaryFolder(), 'tries.jsonl')
    await rationale(`tune --data ${shop} --tries ${broken}`)
    appendFileSync(broken, '{"setting":1}\n')
    const { code, stderr } = await rationale(`tune --data ${shop} --tries ${broken}`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/line 34: \{"setting":1\} is not a try/)
  })

  test('tunes for a split that is given, and what it finds is usable at once', async () => {
    const folder = temporaryFolder()
    const [train, held, tuned] = ['train.txt', 'test.txt', 'tuned.json'].map((name) => join(folder, name))
    // Forty users of one of two tastes of eight products each: six are known, and of the other two one is asked for.
    writeFileSync(train, splitLines(0, 6))
    writeFileSync(held, splitLines(6, 8))
    const given = `--train ${train} --test ${held} --format user-lines --first 2`
    const { tries, best, command, ...rest } = await rationaleJson(`tune ${given} --tuned ${tuned}`)
    expect(tries).toHaveLength(32)
    // Nothing else of their own taste is left, so that both products are found.
    expect(rest.test).toBe(1)
    expect(JSON.parse(readFileSync(tuned, 'utf8'))).toEqual(best.setting)
    expect(command).toBe(
      `rationale evaluate --train ${train} --test ${held} --format user-lines --first 2 --tuned ${tuned}`,
    )
    const evaluated = await rationaleJson(
      `${command.replace(/^rationale /, '')} --no-tune --systems popularity`,
    )
    expect(evaluated.systems.map(({ name }: any) => name)).toEqual(['popularity', 'default'])
    const model = join(folder, 'tuned.model')
    const trained = await rationaleJson(`train --data ${shop} --model ${model} --tuned ${tuned}`)
    expect(trained.factors).toBe(best.setting.factors)
    const told = await rationaleJson(`train --data ${shop} --model ${model} --tuned ${tuned} --factors 7`)
    expect(told.factors).toBe(7)
  }, 120_000)

  test.each([
    ['{"factors": 64', /tuned.json is no JSON/],
    ['[]', /tuned.json is no tuned configuration: it has to be an object/],
    ['{"factors": 0}', /factors must be a whole number from 1 to 1024, not 0/],
    ['{"factors": 8, "seed": 3}', /there is no field named seed/],
    ['{"alpha": null}', /alpha must be a number above 0, not null/],
    [undefined, /cannot read .*tuned.json: /],
  ])('a tuned configuration of %s is refused before the work', async (text, message) => {
    const folder = temporaryFolder()
    const file = join(folder, 'tuned.json')
    if (text !== undefined) writeFileSync(file, text)
    const { code, stderr } = await rationale(
      `train --data ${shop} --model ${join(folder, 'm')} --tuned ${file}`,
    )
    expect(stderr).toMatch(message)
    expect(code).toBe(1)
  })

  test.each([
    ['', /name the --data or --store to learn from, or both --train and --test/],
    ['--train x', /name the --data or --store to learn from, or both --train and --test/],
    ['--data x --train y --test z', /cannot be used with/],
    ['--data x --protocol basket --task next-order', /basket has only the task discovery/],
    ['--train x --test y --tuned x', /--tuned and --train are one file/],
  ])('refuses tune %s', async (options, message) => {
    const { code, stderr } = await rationale(`tune ${options}`)
    expect(stderr).toMatch(message)
    expect(code).toBeGreaterThan(0)
  })
})
