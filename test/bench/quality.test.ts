import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { QualityRow, QualityTable } from './quality.ts'
import { benchQuality, codeVersion } from './quality.ts'
import { QUALITY_DATA } from './quality-data.ts'
import { describeQuality } from './quality-report.ts'

const results = mkdtempSync(join(tmpdir(), 'rationale-quality-'))
afterAll(() => rmSync(results, { recursive: true, force: true }))

const question = { data: 'demo', protocol: 'temporal', task: 'discovery' }
const seconds = { fit: 1, recommend: 0.5 }

const row = (system: string, ndcg: number, versusDefault: QualityRow['versusDefault']): QualityRow => ({
  ...question,
  system,
  cases: 1200,
  hitRate10: 0.3,
  ndcg10: { value: ndcg, low: ndcg - 0.01, high: ndcg + 0.01 },
  versusDefault,
  seconds,
})

const table: QualityTable = {
  version: codeVersion(),
  ...question,
  mostCases: null,
  headline: 'EASE finds something for 31 of 100 customers, default for 29.',
  users: 1100,
  notes: ['Made up.'],
  notRun: { 'seller popularity': 'the shop names no seller' },
  settings: { EASE: { lambda: 100 } },
  rows: [
    row('popularity', 0.1, { difference: -0.1, low: -0.12, high: -0.08, p: 0.002, verdict: 'worse' }),
    row('EASE', 0.25, { difference: 0.05, low: 0.03, high: 0.07, p: 0.002, verdict: 'better' }),
    row('default', 0.2, null),
  ],
  totalSeconds: 12.4,
  cpuSeconds: 20,
  peakBytes: 6e8,
}

test('what the same code has measured is not measured again', async () => {
  const { questions } = QUALITY_DATA.find(({ name }) => name === 'demo')!
  const tables: QualityTable[] = []
  for (const { protocol, task } of questions) {
    const one = { ...table, protocol, task }
    writeFileSync(join(results, `demo-${protocol}-${task}.json`), JSON.stringify(one))
    tables.push(one)
  }
  const quality = await benchQuality({ data: ['demo'], results })
  expect(quality).toEqual({ tables, rows: tables.flatMap(({ rows }) => rows), failures: [] })
})

test('says who wins, also where it is not the default, and shows it beside every system', () => {
  const lines = describeQuality({ tables: [table], rows: table.rows, failures: ['olist: none'] })
  const text = lines.join('\n')
  expect(text).toContain(
    '| demo | temporal | discovery | 1,200 | 0.2000 (0.1900 – 0.2100) | EASE 0.2500 (0.2400 – 0.2600) | better: +0.0500 (0.0300 – 0.0700) |',
  )
  expect(text).toContain(
    '- temporal, discovery: EASE finds something for 31 of 100 customers, default for 29.',
  )
  expect(text).toContain('| popularity | 0.1000 (0.0900 – 0.1100); worse: −0.1000 (−0.1200 – −0.0800) |')
  expect(text).toContain('| **default** | 0.2000 (0.1900 – 0.2100) |')
  expect(text).toContain('Not run: seller popularity. the shop names no seller.')
  expect(lines.at(-1)).toBe('Not measured: olist: none')
})
