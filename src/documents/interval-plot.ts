import type { IntervalPlot, IntervalRow } from './block.ts'
import type { Content, Html } from './html.ts'
import { html } from './html.ts'
import { ticksUpTo } from './ticks.ts'

/**
 * A dot-and-whisker plot: each row has a dot for its value and a line for its interval, on one scale from 0. Each row is
 * a separate SVG with positions in per cent, so the plot has any width while its text keeps its size. The same numbers
 * are next to it as text.
 */
export function intervalPlot({ title, rows }: IntervalPlot): Html {
  const ticks = ticksUpTo(Math.max(...rows.map(({ high }) => high)))
  const end = ticks.at(-1)!
  const place = (value: number) => `${((100 * value) / end).toFixed(2)}%`
  const reference = rows.find(({ isReference }) => isReference)
  const backdrop: Content = [
    reference && band(place(reference.low), place(Math.max(0, reference.high - reference.low))),
    ...ticks.map(
      (tick) => html`<line class="grid" x1="${place(tick)}" x2="${place(tick)}" y1="0" y2="100%"/>`,
    ),
  ]
  const labels = ticks.map((tick) => html`<text x="${place(tick)}" y="1em">${tick}</text>`)
  return html`<figure>
<figcaption>${title}</figcaption>
${rows.map((row) => plotRow(row, place, backdrop))}<div class="row axis" aria-hidden="true"><span></span>
<svg class="track">${labels}</svg><span></span></div>
</figure>
`
}

function band(from: string, width: string): Html {
  return html`<rect class="band" x="${from}" width="${width}" y="0" height="100%"/>`
}

function plotRow(
  { name, value, low, high, texts, isReference }: IntervalRow,
  place: (value: number) => string,
  backdrop: Content,
): Html {
  const read = `${name}: ${texts[0]}, interval ${texts[1]}`
  return html`<div class="${isReference ? 'row reference' : 'row'}"><span class="name">${name}</span>
<svg class="track" role="img" aria-label="${read}"><title>${read}</title>${backdrop}
<line class="whisker" x1="${place(low)}" x2="${place(high)}" y1="50%" y2="50%"/>
<circle cx="${place(value)}" cy="50%" r="4.5"/></svg>
<span class="value">${texts[0]}</span></div>
`
}
