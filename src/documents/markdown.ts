import type { Block, Cell, Document, IntervalPlot, Table } from './block.ts'
import { textOf } from './block.ts'
import { textChart } from './text-chart.ts'

/** A document as Markdown (GitHub's). Curves are drawn as text. */
export function markdownOf({ title, summary, blocks }: Document): string {
  const parts = [
    `# ${escapeMarkdown(title)}`,
    ...(summary === undefined ? [] : [escapeLine(summary)]),
    ...blocks.map(render),
  ]
  return `${parts.join('\n\n')}\n`
}

/** Escapes text within a line, so that no cell, emphasis, link or element begins in it. White space becomes spaces. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|~]|&(?=#?\w+;)/g, '\\$&')
}

/** Like `escapeMarkdown`, for text at the beginning of a line: it begins no heading, list or rule. */
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

/** Lines as a code block; the fence is longer than any in them. */
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
