import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { html } from '../../src/documents/html.ts'
import { pageOf } from '../../src/documents/page.ts'
import { ticksUpTo } from '../../src/documents/ticks.ts'
import { conclusionOf } from '../../src/evaluation/conclusion.ts'
import { evaluate } from '../../src/evaluation/evaluate.ts'
import type { EvaluationReport } from '../../src/evaluation/evaluation-report.ts'
import { headlineMarkdown, reportDocument } from '../../src/evaluation/report-document.ts'
import { decimal, headlineFirst, probability, signed } from '../../src/evaluation/report-numbers.ts'
import { byIndex, oracle, smallTrial } from './small-trial.ts'

const htmlReport = (report: EvaluationReport, description: readonly string[]) =>
  pageOf(reportDocument(report, description))

const HOSTILE = '<script>alert("1|2")</script> & *\'`'

let report: EvaluationReport

beforeAll(async () => {
  const trial = smallTrial(
    `before ${HOSTILE}`,
    [
      { customer: 'ann', product: 'cup' },
      { customer: 'bob', product: 'cup' },
    ],
    { ann: ['jar'], bob: ['pot'] },
    { products: ['cup', 'pot', 'jar', 'vase'] },
  )
  const evaluation = await evaluate({
    protocol: 'temporal',
    task: 'discovery',
    trials: [{ ...trial, leftOut: { [HOSTILE]: 12_345 } }],
    systems: [byIndex, { ...oracle, name: HOSTILE }],
    defaultName: 'by index',
    seeds: [1],
    first: [1, 5, 20],
    segmentOf: () => HOSTILE,
    notes: ['Orders reconstructed.'],
  })
  report = evaluation.report
})

describe('the Markdown table', () => {
  test('has a row a system, the default in bold, intervals and the verdict', () => {
    const [head, rule, first, second] = headlineMarkdown(report, 1).split('\n')
    expect(head).toBe(
      '| system | hit rate @1 | recall @1 | nDCG @1 | MRR @1 | coverage @1 | nDCG @1 beside the default |',
    )
    expect(rule).toBe('| --- | --: | --: | --: | --: | --: | --- |')
    // Ann and Bob are both offered the pot first: Bob’s. Of two users a resample may be all Ann, or all Bob.
    expect(first).toBe(`| **by index** | ${'0.5000 (0.0000 – 1.0000) | '.repeat(4)}0.2500 | the default |`)
    expect(second).toMatch(/\| 0.5000 \| no difference shown \|$/)
  })

  test('takes the K of 10, or the nearest below it, unless told', () => {
    expect(headlineMarkdown(report)).toContain('hit rate @5')
    expect(() => headlineMarkdown(report, 10)).toThrow(
      new RangeError('the report has no K of 10; it has 1, 5, 20'),
    )
  })

  test('says what it is made from', () => {
    expect(headlineMarkdown(report)).toMatch(
      /Protocol temporal, task discovery; 2 users, 2 cases, 4 products, all ranked; .* Orders reconstructed\.\n$/,
    )
  })

  test('a name can neither end a cell nor begin an element', () => {
    const row = headlineMarkdown(report).split('\n')[3]
    expect(row.match(/(?<!\\)\|/g)).toHaveLength(8)
    expect(row).toContain('\\<script\\>')
    expect(row).not.toMatch(/(?<!\\)[<*`]/)
  })

  test('a backslash in a name does not undo the escape behind it', () => {
    const [system] = report.systems
    const named = { ...report, systems: [{ ...system, name: 'a\\|b' }] }
    expect(headlineMarkdown(named).split('\n')[2]).toMatch(/^\| a\\\\\\\|b \|/)
  })
})

/** A system of an nDCG @10 and a hit rate @10 of as much more, and how it stands beside the default's .2 and .3. */
const verdict = (name: string, ndcg: number, found?: string, hitRate = ndcg + 0.1) => {
  const beside = (value: number) => ({
    verdict: found,
    difference: value,
    low: value - 0.01,
    high: value + 0.02,
    p: 0.24,
  })
  return {
    name,
    ndcg: { 5: { value: 0 }, 10: { value: ndcg } },
    hitRate: { 5: { value: 0 }, 10: { value: hitRate, low: hitRate - 0.02, high: hitRate + 0.02 } },
    ...(found && {
      versusDefault: { 'ndcg@10': beside(ndcg - 0.2), 'hitRate@10': beside(hitRate - 0.3) },
    }),
  } as any
}

const concludesOf = (ours: number, ...systems: object[]) =>
  conclusionOf({
    ...report,
    first: [5, 10],
    defaultName: 'default',
    systems: [verdict('default', ours), ...systems] as any,
  })
const concludes = (...systems: object[]) => concludesOf(0.2, ...systems)

const EASE = verdict('EASE', 0.25, 'better')
const RANDOM = verdict('random', 0.02, 'worse')

describe('the conclusion', () => {
  test('says who wins and by how much, also where that is another system', () => {
    expect(concludes(verdict('ALS', 0.21, 'better'), EASE, RANDOM)).toMatch(
      /^EASE finds something for 35 of 100 customers, default for 30: EASE is better by 5 \(interval 4 to 7\)\. By /,
    )
    expect(concludes(verdict('popularity', 0.16, 'worse'), RANDOM)).toMatch(
      /^default finds something for 30 of 100 customers, popularity for 26: default is better by 4 \(interval 2 to 5\)\. By /,
    )
  })

  test('writes as many digits as it takes to tell the two apart', () => {
    expect(concludes(verdict('ALS', 0.21, 'better', 0.313))).toMatch(
      /^ALS finds something for 31\.3 of 100 customers, default for 30\.0: ALS is better by 1\.3 \(interval 0\.3 to 3\.3\)\. By /,
    )
  })

  test('says by nDCG who wins where as much is found, only in better places', () => {
    expect(concludes(verdict('ALS', 0.25, 'better', 0.3))).toMatch(
      /^ALS is better than default by the places where it finds things: nDCG @10 0\.2500 in place of 0\.2000, difference 0\.0500 \(interval 0\.0400 – 0\.0700\); ALS finds something for 30 of 100 customers, default for 30\. By /,
    )
  })

  test('says that no winner is shown, and who leads, or that nobody found anything', () => {
    expect(concludes(verdict('ALS', 0.205, 'no difference shown', 0.31), RANDOM)).toMatch(
      /^No winner is shown: ALS finds something for 31 of 100 customers, default for 30, and that ALS has the higher nDCG @10, 0\.2050 in place of 0\.2000, may be chance \(interval of the difference −0\.0050 – 0\.0250\)\. By /,
    )
    expect(concludes(verdict('ALS', 0.195, 'no difference shown'))).toMatch(
      /^No winner is shown: default finds .* has the higher nDCG @10, 0\.2000 in place of 0\.1950, may be chance \(interval of the difference −0\.0150 – 0\.0150\)\. By /,
    )
    expect(concludes(verdict('ALS', 0.22, 'no difference shown'))).toMatch(
      / may be chance \(interval of the difference 0\.0100 – 0\.0400, but p 0\.240 where all comparisons are counted\)\. By /,
    )
    expect(concludesOf(0, verdict('ALS', 0, 'no difference shown'))).toMatch(
      /^Nobody wins: no system found anything\. By /,
    )
  })

  test('counts what is better, worse and not told apart, and names what is not worse', () => {
    expect(concludes(EASE, verdict('content', 0.2, 'no difference shown'), RANDOM)).toMatch(
      / By nDCG @10, of the 3 other systems: 1 better than default \(EASE\), 1 worse, for 1 no difference is shown \(content\)\.$/,
    )
    expect(concludes(RANDOM)).toMatch(
      / By nDCG @10, of the one other system: none better than default, 1 worse\.$/,
    )
  })

  test('says that there is nothing to compare with, and the page then has no comparison', () => {
    expect(concludes()).toBe(
      'default finds something for 30 of 100 customers (interval 28 to 32) among the first 10 of its lists; no other system was run to compare it with.',
    )
    const alone = { ...report, systems: report.systems.filter(({ name }) => name === report.defaultName) }
    expect(htmlReport(alone, [])).not.toContain('<h2>Beside')
    expect(htmlReport(report, [])).toContain('<h2>Beside by index</h2>')
  })
})

describe('the HTML report', () => {
  test('has its conclusion and the plots first, says what was asked once, and has no empty section', () => {
    const page = htmlReport(report, ['What was bought after the cut.'])
    expect(page).toMatch(
      /<\/h1>\n<p>[^\n]*(?:finds something|winner)[^\n]* By nDCG @5, of the one other system: [^]*?<main>\n<h2>How the systems did<\/h2>\n<p class="quiet">[^<]*<\/p>\n<div class="plots">/,
    )
    expect(page.match(/Discovery:/g)).toHaveLength(1)
    const without = { ...report.systems[0], slices: { pastPurchases: {}, segment: {}, relevantItems: {} } }
    const unsliced = htmlReport({ ...report, systems: [without] }, [])
    expect(unsliced).not.toContain('Slices')
    for (const some of [page, unsliced])
      expect(some).not.toMatch(/<\/h[23]>\s*(?:<h2|<\/main)|NaN|Infinity|undefined/)
  })

  test('needs nothing else: no script, and nothing fetched', () => {
    const page = htmlReport(report, ['What was bought after the cut.'])
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import/i)
  })

  test('escapes whatever comes from data', () => {
    const page = htmlReport({ ...report, protocol: HOSTILE, notes: [HOSTILE] }, [HOSTILE])
    const escaped = '&lt;script&gt;alert(&quot;1|2&quot;)&lt;/script&gt; &amp; *&#39;`'
    expect(page).not.toContain('alert("')
    // Title and heading, note, description, trial, left out, systems, segment.
    for (const place of [
      '<h1>Evaluation: ',
      '<p class="note">',
      '<p>',
      'before ',
      '<li>',
      '<th scope="row">',
      '<th scope="col">',
    ]) {
      expect(page).toContain(place + escaped)
    }
  })

  test('has a plot for each headline metric, with what it shows as text', () => {
    const page = htmlReport(report, [])
    for (const name of ['hit rate @5', 'recall @5', 'nDCG @5', 'MRR @5']) {
      expect(page).toContain(`<figcaption>${name}</figcaption>`)
    }
    expect(page).toContain('aria-label="by index: 1.0000, interval 1.0000 – 1.0000"')
  })

  test('shows every K, the notes, the slices, and says where no difference is shown', () => {
    const page = htmlReport(report, [])
    for (const k of [1, 5, 20]) expect(page).toContain(`All metrics at K = ${k}`)
    expect(page).toContain('<p class="note">Orders reconstructed.</p>')
    expect(page).toContain('By segment')
    expect(page).toContain('no difference shown')
    expect(page).toContain('12,345')
  })

  test('is the same twice, and its tags are balanced', () => {
    const page = htmlReport(report, ['One.', 'Two.'])
    expect(htmlReport(report, ['One.', 'Two.'])).toBe(page)
    for (const tag of ['div', 'table', 'tr', 'td', 'th', 'svg', 'figure', 'details', 'p', 'span', 'small']) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length
      expect([tag, page.match(new RegExp(`</${tag}>`, 'g'))?.length]).toEqual([tag, opened])
    }
  })
})

describe('the HTML template', () => {
  test('escapes text, leaves templates as they are, joins lists and leaves out what is not there', () => {
    expect(html`<p title="${'"'}">${'<'}${[html`<b>${1}</b>`, '&']}${undefined}${false}</p>`.text).toBe(
      '<p title="&quot;">&lt;<b>1</b>&amp;</p>',
    )
  })
})

describe('numbers', () => {
  test('have a proper minus sign, and none at 0', () => {
    expect([-0.03125, -0.00001, 0, null, NaN].map((value) => decimal(value))).toEqual([
      '−0.0313',
      '0.0000',
      '0.0000',
      '–',
      '–',
    ])
    expect([0.5, -0.5, 0].map((value) => signed(value, 1))).toEqual(['+0.5', '−0.5', '0.0'])
    expect([0.0004, 0.0123].map(probability)).toEqual(['< 0.001', '0.012'])
  })

  test('the headline is at 10, at the greatest K below it, or at the least there is', () => {
    expect(
      [
        [5, 10, 20],
        [5, 20],
        [20, 50],
      ].map(headlineFirst),
    ).toEqual([10, 5, 20])
  })

  test.each([
    [0.23, [0, 0.05, 0.1, 0.15, 0.2, 0.25]],
    [1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0.0031, [0, 0.001, 0.002, 0.003, 0.004]],
    [0, [0, 1]],
  ])('an axis up to %d has round ticks', (most, ticks) => {
    expect(ticksUpTo(most)).toEqual(ticks)
  })

  test('an axis reaches its greatest value and not much farther', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1, noNaN: true }), (most) => {
        const ticks = ticksUpTo(most)
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(most * (1 - 1e-9))
        expect(ticks.at(-2)).toBeLessThan(most)
        expect(ticks.length).toBeGreaterThanOrEqual(4)
        expect(ticks.length).toBeLessThanOrEqual(6)
      }),
    )
  })
})
