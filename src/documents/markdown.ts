import type { Block, Cell, Curve, Document, IntervalPlot, Table } from './block.ts'
import { textOf } from './block.ts'

/** A document as Markdown (GitHub's). Curves are drawn as text. */
export function markdownOf({ title, summary, blocks }: Document): string {
  const parts = [
    `# ${escapeMarkdown(title)}`,
    ...(summary === undefined ? [] : [escapeLine(summary)]),
    ...blocks.map(render),
  ]
  return `${parts.join('\n\n')}\n`
}

/** Escapes text within a line, so that it starts no cell, emphasis, link or element. White space becomes spaces. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|~]|&(?=#?\w+;)/g, '\\$&')
}

/** Like `escapeMarkdown`, for text at the beginning of a line: it starts no heading, list or rule. */
function escapeLine(text: string): string {
  return escapeMarkdown(text).replace(/^(\d+)(?=[.)](?:\s|$))|^(?=(?:#+|[+-]|-{3,})(?:\s|$))/, '$1\\')
}

function render(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level ?? 2)} ${escapeMarkdown(block.text)}`
    case 'paragraph':
      return escapeLine(block.text)
    case 'note':
      return `> ${escapeLine(block.text)}`
    case 'list':
      return block.items.map((item) => `- ${escapeLine(item)}`).join('\n')
    case 'terms':
      return block.terms
        .map(([name, meaning]) => `- **${escapeMarkdown(name)}**: ${escapeMarkdown(meaning)}`)
        .join('\n')
    case 'details':
      return [`### ${escapeMarkdown(block.summary)}`, ...block.blocks.map(render)].join('\n\n')
    case 'plots':
      return block.plots.map(tableOfPlot).join('\n\n')
    case 'table':
      return markdownTableOf(block)
    case 'curve':
      return fenced(textChart(block))
  }
}

/** Lines as a code block; its fence is longer than any fence in them. */
function fenced(lines: readonly string[]): string {
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((ticks) => ticks.length),
  )
  const fence = '`'.repeat(longest + 1)
  return [`${fence}text`, ...lines, fence].join('\n')
}

const cellsOf = (row: readonly Cell[]) => row.map((cell) => escapeMarkdown(textOf(cell)))

/** A table as Markdown; the name of the reference row is bold. */
export function markdownTableOf({ columns, head, rows, reference }: Table): string {
  const rule = Array.from(columns, (column) => (column === 'r' ? '--:' : '---'))
  const cells = rows.map((row, i) => {
    const [name, ...others] = cellsOf(row)
    return [i === reference ? `**${name}**` : name, ...others]
  })
  return [cellsOf(head), rule, ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function tableOfPlot({ title, rows }: IntervalPlot): string {
  return markdownTableOf({
    kind: 'table',
    columns: 'lrr',
    head: [title, 'value', 'interval'],
    rows: rows.map(({ name, texts }) => [name, ...texts]),
    reference: rows.findIndex(({ isReference }) => isReference),
  })
}

const LONGEST_BAR = 40
const MOST_ROWS = 8

/** A curve as lines of text: a bar from 0 for each of at most eight evenly chosen points, and one for the level. */
function textChart({ title, axes, points, level }: Curve): string[] {
  const last = points.length - 1
  const rows = Math.min(MOST_ROWS, points.length)
  const chosen = Array.from(
    { length: rows },
    (_, row) => points[rows === 1 ? 0 : Math.round((row * last) / (rows - 1))],
  )
  const bars = [
    ...chosen.map(([x, y]) => ({ name: String(x), value: y })),
    { name: level.name, value: level.y },
  ]
  const most = Math.max(...bars.map(({ value }) => value))
  const width = Math.max(...bars.map(({ name }) => name.length))
  const decimals = Math.max(...bars.map(({ value }) => String(value).split('.')[1]?.length ?? 0))
  const texts = bars.map(({ value }) => value.toFixed(decimals))
  const digits = Math.max(...texts.map((text) => text.length))
  return [
    `${title}: ${axes[1]}, by ${axes[0]}`,
    '',
    ...bars.map(({ name, value }, row) => {
      const length = most > 0 ? Math.round((value / most) * LONGEST_BAR) : 0
      return `${name.padStart(width)}  ${texts[row].padStart(digits)}  ${'█'.repeat(length)}`.trimEnd()
    }),
  ].map((line) => line.replaceAll(/[\r\n]+/g, ' '))
}
