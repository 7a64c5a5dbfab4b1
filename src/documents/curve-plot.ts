import type { Curve } from './block.ts'
import type { Html } from './html.ts'
import { html } from './html.ts'
import { ticksUpTo } from './ticks.ts'

/**
 * A curve with its points, a grid from 0, a level and a limit, as inline SVG. All positions are percentages, so the plot
 * has any width while its text keeps its size. The page's style leaves room for the labels around it.
 */
export function curvePlot({ title, axes, points, level, limit }: Curve): Html {
  const xTicks = ticksUpTo(Math.max(points.at(-1)![0], limit?.x ?? 0))
  const yTicks = ticksUpTo(Math.max(level.y, ...points.map(([, y]) => y)))
  const left = (x: number) => percentage(x / xTicks.at(-1)!)
  const top = (y: number) => percentage(1 - y / yTicks.at(-1)!)
  const read = `${title}: ${points.map(([x, y]) => `${y} at ${x}`).join(', ')}; ${level.name}: ${level.y}${limit ? `; ${limit.name}: ${limit.x}` : ''}`
  const grid = yTicks.map(
    (y) => html`<line class="grid" x1="0%" x2="100%" y1="${top(y)}" y2="${top(y)}"/>
<text class="ordinate" x="0%" y="${top(y)}" dx="-.5em" dy=".35em">${y}</text>`,
  )
  const abscissa = xTicks.map((x) => html`<text x="${left(x)}" y="100%" dy="1.4em">${x}</text>`)
  const segments = points.slice(1).map(([x, y], i) => {
    const [fromX, fromY] = points[i]
    return html`<line class="curve" x1="${left(fromX)}" y1="${top(fromY)}" x2="${left(x)}" y2="${top(y)}"/>`
  })
  const dots = points.map(([x, y]) => html`<circle cx="${left(x)}" cy="${top(y)}" r="3.5"/>`)
  const end =
    limit &&
    html`<line class="level" x1="${left(limit.x)}" y1="0%" x2="${left(limit.x)}" y2="100%"/>
`
  return html`<figure>
<figcaption>${title}</figcaption>
<p class="quiet">${axes[1]}, by ${axes[0]}; dashed: ${level.name}${limit && `, and ${limit.name}`}</p>
<svg class="chart" role="img" aria-label="${read}"><title>${read}</title>${grid}${abscissa}
<line class="level" x1="0%" x2="100%" y1="${top(level.y)}" y2="${top(level.y)}"/>
${end}${segments}${dots}</svg>
</figure>
`
}

function percentage(part: number): string {
  return `${(100 * part).toFixed(2)}%`
}
