import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'
import { smallShop } from './shop.ts'

let shop: string
beforeAll(async () => {
  shop = await smallShop()
})

describe('rationale tune', () => {
  test('tries weights and λ in few factors, then more factors, and prints a command that trains the best', async () => {
    const { tries, best, command } = await rationaleJson(`tune --data ${shop}`)
    expect(tries).toHaveLength(28)
    expect(best.ndcg).toBe(Math.max(...tries.map(({ ndcg }: any) => ndcg)))
    expect(tries.slice(25).map(({ setting }: any) => setting.factors)).toEqual([64, 128, 256])
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

  test('goes on from the tries of an interrupted search, and finds the same', async () => {
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
    expect(stderr).toMatch(/line 30: \{"setting":1\} is not a try/)
  })
})
