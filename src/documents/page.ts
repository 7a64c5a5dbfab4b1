import type { Block, Document, Table } from './block.ts'
import { curvePlot } from './curve-plot.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { STYLE } from './style.ts'

/** A document as one page: `page` with its title above it. The same document gives the same bytes. */
export function pageOf({ title, blocks }: Document): string {
  return page(title, undefined, html`${blocks.map(render)}`)
}

/**
 * A page that needs nothing else: no script, font or picture is fetched.
 * @param below  stands under the title
 * @param main  the page's content
 */
export function page(title: string, below: Html | undefined, main: Html): string {
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
${below}</header>
<main>
${main}</main>
</body>
</html>
`.text
}

function render(block: Block): Html {
  switch (block.kind) {
    case 'heading':
      return html`<h2>${block.text}</h2>\n`
    case 'paragraph':
      return html`<p>${block.text}</p>\n`
    case 'note':
      return html`<p class="note">${block.text}</p>\n`
    case 'list':
      return html`<ul>\n${block.items.map((item) => html`<li>${item}</li>\n`)}</ul>\n`
    case 'table':
      return renderTable(block)
    case 'curve':
      return curvePlot(block)
  }
}

function renderTable({ columns, head, rows }: Table): Html {
  const isWords = (column: number) => columns[column] === 'l' && html` class="words"`
  const cells = ([name, ...others]: readonly string[]) =>
    html`<tr><th scope="row">${name}</th>${others.map(
      (cell, i) => html`<td${isWords(i + 1)}>${cell}</td>`,
    )}</tr>\n`
  return html`<div class="scroll" tabindex="0"><table>
<thead><tr>${head.map((name, i) => html`<th scope="col"${isWords(i)}>${name}</th>`)}</tr></thead>
<tbody>${rows.map(cells)}</tbody></table></div>
`
}
