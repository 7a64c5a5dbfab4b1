import { describe, expect, test } from 'vitest'
import { heading, list, note, paragraph, table } from '../../src/documents/block.ts'
import { curvePlot } from '../../src/documents/curve-plot.ts'
import { markdownOf } from '../../src/documents/markdown.ts'
import { pageOf } from '../../src/documents/page.ts'

const document = {
  title: 'A & B',
  blocks: [
    paragraph('One.', undefined, 'Two.'),
    note('Mind this.'),
    heading('More'),
    list(['first', 'second']),
    table('lrl', ['name', 'number', 'words'], [['cup | saucer', '1', 'a <b>']]),
  ],
}

const curve = {
  kind: 'curve',
  title: 'The <rise>',
  axes: ['weeks', '%'],
  points: [
    [2, 10],
    [4, 5],
  ],
  level: { y: 4, name: 'asked for' },
} as const

describe('A document as Markdown', () => {
  test('has a block a paragraph', () => {
    expect(markdownOf(document)).toBe(`# A & B

One. Two.

> Mind this.

## More

- first
- second

| name | number | words |
| --- | --: | --- |
| cup \\| saucer | 1 | a \\<b\\> |
`)
  })

  test('draws curves as bars of text', () => {
    // 40 characters for the highest, 10; so 20 for 5 and 16 for 4.
    expect(markdownOf({ title: 't', blocks: [curve] })).toBe(`# t

\`\`\`text
The <rise>: %, by weeks

        2  10  ${'█'.repeat(40)}
        4   5  ${'█'.repeat(20)}
asked for   4  ${'█'.repeat(16)}
\`\`\`
`)
  })

  test('draws eight points of a long curve, the first and the last among them, and stays within its fence', () => {
    const points = Array.from({ length: 100 }, (_, i) => [i, 100 - i] as const)
    const text = markdownOf({ title: 't', blocks: [{ ...curve, title: '```\n# x', points }] })
    expect(text).toMatch(/^````text\n``` # x: %, by weeks\n/m)
    expect(text.match(/^ +\d+ +\d+(?: +█+)?$/gm)).toHaveLength(8)
    expect(text).toMatch(/^ +0 +100 +█{40}$/m)
    expect(text).toMatch(/^ +99 +1$/m)
  })

  test.each([
    ['# no heading', '\\# no heading'],
    ['- no list', '\\- no list'],
    ['1. no list', '1\\. no list'],
    ['--- no rule', '\\--- no rule'],
    ['1.5 weeks, +5 %, -3', '1.5 weeks, +5 %, -3'],
    ['#hash and -5', '#hash and -5'],
    ['two\nlines', 'two lines'],
    ['A & B, &lt;', 'A & B, \\&lt;'],
    ['[link](there) *stress* _more_ `code`', '\\[link\\](there) \\*stress\\* \\_more\\_ \\`code\\`'],
  ])('takes %j for text at the beginning of a line', (text, escaped) => {
    expect(markdownOf({ title: 't', blocks: [paragraph(text)] })).toBe(`# t\n\n${escaped}\n`)
  })
})

describe('A document as a page', () => {
  test('needs nothing else, and escapes its text', () => {
    const page = pageOf(document)
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import/i)
    expect(page).toContain('<h1>A &amp; B</h1>')
    expect(page).toContain('<p class="note">Mind this.</p>')
    expect(page).toContain(
      '<tr><th scope="row">cup | saucer</th><td>1</td><td class="words">a &lt;b&gt;</td></tr>',
    )
  })

  test('has its tags balanced', () => {
    const page = pageOf({ title: 't', blocks: [...document.blocks, curve] })
    for (const tag of ['p', 'ul', 'li', 'table', 'tr', 'td', 'th', 'div', 'figure', 'svg', 'text', 'h2']) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, 'g'))?.length
      expect([tag, page.match(new RegExp(`</${tag}>`, 'g'))?.length]).toEqual([tag, opened])
    }
  })
})

describe('A curve', () => {
  const plot = curvePlot(curve).text

  test('joins its points, on axes from 0 to the next round number', () => {
    // x from 0 to 4, y from 0 to 10: (2, 10) stands half way at the top, (4, 5) at the right half way down.
    expect(plot).toContain('<line class="curve" x1="50.00%" y1="0.00%" x2="100.00%" y2="50.00%"/>')
    expect(plot).toContain('<line class="level" x1="0%" x2="100%" y1="60.00%" y2="60.00%"/>')
  })

  test('has a limit where there is one', () => {
    // At 8 of 8: the axis reaches the limit.
    const limited = curvePlot({ ...curve, limit: { x: 8, name: 'the end' } }).text
    expect(limited).toContain('<line class="level" x1="100.00%" y1="0%" x2="100.00%" y2="100%"/>')
    expect(limited).toContain('asked for: 4; the end: 8"')
  })

  test('says as text what it shows', () => {
    expect(plot).toContain('aria-label="The &lt;rise&gt;: 10 at 2, 5 at 4; asked for: 4"')
    expect(plot).toContain('<figcaption>The &lt;rise&gt;</figcaption>')
  })
})
