import type { Block, Document, Table } from './block.ts'
import { textChart } from './text-chart.ts'

/** A document as Markdown (GitHub's). Curves are drawn as text. */
export function markdownOf({ title, blocks }: Document): string {
  const parts = [`# ${escapeMarkdown(title)}`, ...blocks.map(render)]
  return `${parts.join('\n\n')}\n`
}

/** Text within a line stands as it is: no cell, emphasis, link or element begins in it. White space becomes spaces. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|~]|&(?=#?\w+;)/g, '\\$&')
}

/** Text that begins a line, too: no heading, list or rule begins with it. */
function escapeLine(text: string): string {
  return escapeMarkdown(text).replace(/^(\d+)(?=[.)](?:\s|$))|^(?=(?:#+|[+-]|-{3,})(?:\s|$))/, '$1\\')
}

function render(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return `## ${escapeMarkdown(block.text)}`
    case 'paragraph':
      return escapeLine(block.text)
    case 'note':
      return `> ${escapeLine(block.text)}`
    case 'list':
      return block.items.map((item) => `- ${escapeLine(item)}`).join('\n')
    case 'table':
      return renderTable(block)
    case 'curve':
      return fenced(textChart(block))
  }
}

/** Lines as they are; the fence is longer than any that they hold. */
function fenced(lines: readonly string[]): string {
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => line.match(/`+/g) ?? []).map((ticks) => ticks.length),
  )
  const fence = '`'.repeat(longest + 1)
  return [`${fence}text`, ...lines, fence].join('\n')
}

function renderTable({ columns, head, rows }: Table): string {
  const rule = Array.from(columns, (column) => (column === 'r' ? '--:' : '---'))
  const cells = [head, ...rows].map((row) => row.map(escapeMarkdown))
  const lines = [cells[0], rule, ...cells.slice(1)]
  return lines.map((row) => `| ${row.join(' | ')} |`).join('\n')
}
