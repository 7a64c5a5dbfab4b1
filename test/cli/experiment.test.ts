import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import type { EvaluationReport } from '../../src/evaluation/evaluation-report.ts'
import { rationale, rationaleJson, start, temporaryFolder } from './program.ts'

type EvaluationPart = Pick<
  EvaluationReport,
  'protocol' | 'task' | 'users' | 'cases' | 'first' | 'defaultName' | 'notes'
> & {
  systems: object[]
}

let shop: string
beforeAll(async () => {
  shop = join(temporaryFolder(), 'shop')
  await generateShop({ directory: shop, customers: 1000, products: 100, seed: 3 })
})

/** The parts of a report of `rationale evaluate --json` that are read. */
const EVALUATION = {
  protocol: 'temporal',
  task: 'discovery',
  users: 900,
  cases: 1200,
  first: [5, 10],
  defaultName: 'default',
  notes: [],
  systems: [
    {
      name: 'popularity',
      ndcg: { 5: { value: 0.01, low: 0, high: 0.02 }, 10: { value: 0.02, low: 0.01, high: 0.03 } },
      versusDefault: {
        'ndcg@10': { verdict: 'worse', difference: -0.03, low: -0.05, high: -0.01, p: 0.002 },
      },
    },
    {
      name: 'default',
      ndcg: { 5: { value: 0.04, low: 0.03, high: 0.05 }, 10: { value: 0.05, low: 0.04, high: 0.06 } },
    },
  ],
} satisfies EvaluationPart

describe('rationale experiment design', () => {
  test('prints Markdown: the verdict, what follows, six sections, and how it was made', async () => {
    const { code, stdout, stderr } = await rationale(`experiment design --data ${shop}`)
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('Designing') })
    expect(stdout).toMatch(/^# A\/B test design: repeat-purchase rate\n\n(?:Yes|No): /)
    const sections = [...stdout.matchAll(/^## (.*)$/gm)].map(([, name]) => name)
    expect(sections).toEqual([
      'What follows',
      '1. Hypothesis',
      '2. Control and treatment',
      '3. Randomisation',
      '4. Primary metric',
      '5. Sample size and duration',
      '6. Guardrails',
      'How it was made',
    ])
    expect(stdout).not.toMatch(/NaN|undefined|Infinity|\[object/)
  })

  test('--json is the whole design; --out and --report hold the same numbers', async () => {
    const folder = temporaryFolder()
    const [out, report] = ['design.md', 'design.html'].map((name) => join(folder, name))
    const line = `experiment design --data ${shop} --primary basket-size --minimum-effect 4% --split 80/20 --weeks 6`
    const design = await rationaleJson(`${line} --out ${out} --report ${report}`)
    expect(design.request).toMatchObject({
      primary: 'basket-size',
      minimumEffect: 0.04,
      split: [0.8, 0.2],
      weeks: 6,
    })
    const customers = design.verdict.asked.customers.toLocaleString('en')
    for (const file of [out, report])
      expect(readFileSync(file, 'utf8')).toContain(`needs ${customers} customers`)
    expect(readdirSync(folder).sort()).toEqual(['design.html', 'design.md'])
  })

  test('with --out stdout has the verdict alone; two runs write the same bytes', async () => {
    const files = ['one.md', 'two.md'].map((name) => join(temporaryFolder(), name))
    const runs = await Promise.all(
      files.map((file) => rationale(`experiment design --data ${shop} --out ${file}`)),
    )
    expect(runs[0].stdout).toMatch(/^(?:Yes|No): .*\n$/)
    const [one, two] = files.map((file) => readFileSync(file, 'utf8'))
    expect(two).toBe(one)
  })

  test('--evaluation puts the evidence under the hypothesis, the default first', async () => {
    const [file, out] = ['evaluation.json', 'design.md'].map((name) => join(temporaryFolder(), name))
    writeFileSync(file, JSON.stringify(EVALUATION))
    const { evidence } = await rationaleJson(
      `experiment design --data ${shop} --evaluation ${file} --out ${out}`,
    )
    expect(evidence).toMatchObject({
      procedure: 'protocol temporal, task discovery, 1,200 cases of 900 users',
      measure: 'nDCG @10',
    })
    expect(evidence.systems).toEqual([
      { name: 'default', value: 0.05, low: 0.04, high: 0.06, verdict: 'the treatment' },
      { name: 'popularity', value: 0.02, low: 0.01, high: 0.03, verdict: 'worse' },
    ])
    expect(readFileSync(out, 'utf8')).toContain('| popularity | 0.0200 (0.0100 – 0.0300) | worse |')
  })

  test('--help shows its options and examples', async () => {
    const { code, stdout } = await rationale('experiment design --help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples:\n {2}rationale experiment design --data shop/)
    for (const option of [
      '--primary',
      '--baseline-rate',
      '--minimum-effect',
      '--split',
      '--window',
      '--salt',
    ]) {
      expect(stdout).toContain(option)
    }
  })

  test.each([
    ['--power 1', 2, /--power 1 has to be at least 0\.5/],
    ['--minimum-effect 5', 2, /'--minimum-effect <percent>' argument '5' is invalid.*such as 5%/],
    ['--split half/half', 2, /It has to look like 50\/50/],
    ['--split 25/25/25/25', 2, /has 3 arms besides the control.*has 2 \(default,notebook\)/],
    ['--treatments best', 2, /presets, of default, notebook/],
    ['--primary clicks', 2, /Allowed choices are repeat-purchase-rate/],
    ['--primary conversion', 2, /needs --baseline-rate/],
    [
      '--minimum-effect 900%',
      1,
      /^error: --minimum-effect 900% raises the rate from .* above 1: use at most/m,
    ],
    ['--evaluation nowhere.json', 1, /--evaluation nowhere\.json cannot be read/],
    ['--evaluation package.json', 1, /--evaluation package\.json is not an evaluation report: make one/],
    [
      '--out /nowhere/a.md',
      1,
      /^error: cannot write \/nowhere\/a\.md: there is no folder \/nowhere: make it/,
    ],
    ['--out a.md --report ./a.md', 1, /--out and --report are one file/],
  ])('refuses %s', async (options, exitCode, message) => {
    const { code, stderr, stdout } = await rationale(`experiment design --data ${shop} ${options}`)
    expect(stderr).toMatch(message)
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
  })

  test('a design that cannot be made leaves no file, nor touches one that is there', async () => {
    const folder = temporaryFolder()
    const [data, out] = ['sales.csv', 'design.md'].map((name) => join(folder, name))
    writeFileSync(data, 'customer_id,product_id\nann,cup\nbob,cup\n')
    writeFileSync(out, 'the old one')
    const { code, stderr } = await rationale(
      `experiment design --data ${data} --out ${out} --report ${out}.html`,
    )
    expect(code).toBe(1)
    expect(stderr).toMatch(/none of the 2 orders has a time/)
    expect(readFileSync(out, 'utf8')).toBe('the old one')
    expect(existsSync(`${out}.html`)).toBe(false)
  })

  test('Ctrl-C ends it, and leaves nothing half-written', async () => {
    const out = join(temporaryFolder(), 'design.md')
    const run = start(`experiment design --data ${shop} --out ${out}`)
    await run.printed('Designing')
    run.process.kill('SIGINT')
    const { code, stderr } = await run.finished
    expect(code).toBe(130)
    expect(stderr).toContain('interrupted by SIGINT; no partial output is left')
    expect(existsSync(out)).toBe(false)
  })
})
