import type { Content, Html } from '../documents/html.ts'
import { html } from '../documents/html.ts'
import { ticksUpTo } from '../documents/ticks.ts'
import type { Estimate } from './intervals.ts'
import { decimal, interval } from './report-numbers.ts'

/** One line of a plot. */
interface PlotRow {
  readonly name: string
  readonly estimate: Estimate
  /** The one that the others are read against: its interval shades the plot from top to bottom. */
  readonly isReference: boolean
}

/**
 * A dot-and-whisker plot: a row a system, a dot for the value, a line for its interval, one scale from 0 for all.
 * Each row is an SVG of its own whose places are percentages, so that the plot takes any width while its text keeps its
 * size; what it shows stands beside it as text.
 */
export function intervalPlot(title: string, rows: readonly PlotRow[]): Html {
  const ticks = ticksUpTo(Math.max(...rows.map(({ estimate }) => estimate.high)))
  const end = ticks.at(-1)!
  const place = (value: number) => `${((100 * value) / end).toFixed(2)}%`
  const reference = rows.find(({ isReference }) => isReference)?.estimate
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
  { name, estimate, isReference }: PlotRow,
  place: (value: number) => string,
  backdrop: Content,
): Html {
  const { value, low, high } = estimate
  const read = `${name}: ${decimal(value)}, interval ${interval(estimate)}`
  return html`<div class="${isReference ? 'row reference' : 'row'}"><span class="name">${name}</span>
<svg class="track" role="img" aria-label="${read}"><title>${read}</title>${backdrop}
<line class="whisker" x1="${place(low)}" x2="${place(high)}" y1="50%" y2="50%"/>
<circle cx="${place(value)}" cy="50%" r="4.5"/></svg>
<span class="value">${decimal(value)}</span></div>
`
}
