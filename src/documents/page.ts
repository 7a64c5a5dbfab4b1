import type { Block, Cell, Document, Table } from './block.ts'
import { curvePlot } from './curve-plot.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { intervalPlot } from './interval-plot.ts'
import { STYLE } from './style.ts'

/**
 * A document as one page that fetches no script, font or picture. The same document gives the same bytes.
 */
export function pageOf({ title, summary, blocks }: Document): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${summary !== undefined && html`<p>${summary}</p>\n`}</header>
<main>
${blocks.map(render)}</main>
</body>
</html>
`.text
}

function render(block: Block): Html {
  switch (block.kind) {
    case 'heading':
      return block.level === 3 ? html`<h3>${block.text}</h3>\n` : html`<h2>${block.text}</h2>\n`
    case 'paragraph':
      return html`<p${block.tone && html` class="${block.tone}"`}>${block.text}</p>\n`
    case 'note':
      return html`<p class="note">${block.text}</p>\n`
    case 'list':
      return html`<ul>\n${block.items.map((item) => html`<li>${item}</li>\n`)}</ul>\n`
    case 'terms':
      return html`<dl>${block.terms.map(([name, meaning]) => html`<dt>${name}</dt><dd>${meaning}</dd>\n`)}</dl>\n`
    case 'details':
      return html`<details${block.isOpen && html` open`}><summary>${block.summary}</summary>
${block.blocks.map(render)}</details>
`
    case 'table':
      return renderTable(block)
    case 'curve':
      return curvePlot(block)
    case 'plots':
      return html`<div class="plots">${block.plots.map(intervalPlot)}</div>\n`
  }
}

function renderTable({ columns, head, rows, reference }: Table): Html {
  const isWords = (column: number) => columns[column] === 'l' && html` class="words"`
  const cells = ([name, ...others]: readonly Cell[], row: number) =>
    html`<tr${row === reference && html` class="reference"`}><th scope="row">${contentOf(name)}</th>${others.map(
      (cell, i) => html`<td${isWords(i + 1)}>${contentOf(cell)}</td>`,
    )}</tr>\n`
  return html`<div class="scroll" tabindex="0"><table>
<thead><tr>${head.map((name, i) => html`<th scope="col"${isWords(i)}>${contentOf(name)}</th>`)}</tr></thead>
<tbody>${rows.map(cells)}</tbody></table></div>
`
}

function contentOf(cell: Cell): Html {
  if (typeof cell === 'string') return html`${cell}`
  const { text, small = [], tone } = cell
  return html`${tone === undefined ? text : html`<span class="${tone}">${text}</span>`}${small.map(
    (line) => html`<small>${line}</small>`,
  )}`
}
