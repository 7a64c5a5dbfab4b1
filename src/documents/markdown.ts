import type { Block, Document, Table } from './block.ts'

/** A document as Markdown (GitHub's). Curves are left out. */
export function markdownOf({ title, blocks }: Document): string {
  const parts = [`# ${escapeMarkdown(title)}`, ...blocks.map(render)]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
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
      return ''
  }
}

function renderTable({ columns, head, rows }: Table): string {
  const rule = Array.from(columns, (column) => (column === 'r' ? '--:' : '---'))
  const cells = [head, ...rows].map((row) => row.map(escapeMarkdown))
  const lines = [cells[0], rule, ...cells.slice(1)]
  return lines.map((row) => `| ${row.join(' | ')} |`).join('\n')
}
