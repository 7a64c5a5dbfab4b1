/** The tables of an HTML report: a system a row, the default marked. */
import type { Content, Html } from '../documents/html.ts'
import { html } from '../documents/html.ts'
import type { Comparison } from './comparison.ts'
import type { EvaluationReport, SliceReport, SlicesReport, SystemReport } from './evaluation-report.ts'
import type { Estimate } from './intervals.ts'
import { measureName } from './list-measures.ts'
import type { Metric } from './metrics.ts'
import { METRICS } from './metrics.ts'
import { count, decimal, interval, LABELS, probability, signed, verdictText } from './report-numbers.ts'

/** Every metric at one K, each with its interval. */
export function metricTable(report: EvaluationReport, first: number): Html {
  return systemTable(
    report,
    METRICS.map((metric) => `${LABELS[metric]} @${first}`),
    (system) => METRICS.map((metric) => estimateCell(system[metric][first])),
  )
}

/** Each system beside the default by some metrics at one K: the difference, its interval and p, and what follows. */
export function comparisonTable(report: EvaluationReport, metrics: readonly Metric[], first: number): Html {
  return systemTable(
    report,
    metrics.map((metric) => `${LABELS[metric]} @${first}`),
    (system) => metrics.map((metric) => comparisonCell(system.versusDefault?.[measureName(metric, first)])),
  )
}

/** What the lists are like at one K, whether or not they find anything. */
export function listTable(report: EvaluationReport, first: number): Html {
  const head = ['coverage', 'Gini', 'novelty, bits', 'intra-list distance']
  return systemTable(report, [...head.map((name) => `${name} @${first}`), 'empty lists'], (system) => [
    html`<td>${decimal(system.coverage[first])}</td>`,
    html`<td>${decimal(system.gini[first])}</td>`,
    estimateCell(system.novelty[first], 2),
    estimateCell(system.intraListDistance[first]),
    estimateCell(system.emptyLists),
  ])
}

/** One metric at one K in every slice of a kind; undefined where there is none. */
export function sliceTable(
  report: EvaluationReport,
  by: keyof SlicesReport,
  metric: 'hitRate' | 'recall' | 'ndcg',
  first: number,
): Html | undefined {
  const slices = Object.entries(report.systems[0].slices[by])
  if (slices.length === 0) return undefined
  return systemTable(
    report,
    slices.map(([name, slice]) => html`${name}<br><small class="quiet">${sizeOf(slice)}</small>`),
    (system) => slices.map(([name]) => estimateCell(system.slices[by][name][metric][first])),
  )
}

function sizeOf({ cases, users }: SliceReport): string {
  return cases === users ? `${count(users)} users` : `${count(users)} users, ${count(cases)} cases`
}

function systemTable(
  report: EvaluationReport,
  head: readonly Content[],
  cells: (system: SystemReport) => Content,
): Html {
  const columns = head.map((cell) => html`<th scope="col">${cell}</th>`)
  const rows = report.systems.map((system) => {
    const isDefault = system.name === report.defaultName
    return html`<tr${isDefault && html` class="reference"`}><th scope="row">${system.name}</th>${cells(system)}</tr>\n`
  })
  return html`<div class="scroll" tabindex="0"><table>
<thead><tr><th scope="col">system</th>${columns}</tr></thead>
<tbody>${rows}</tbody></table></div>
`
}

function estimateCell(estimate: Estimate | null, digits = 4): Html {
  if (estimate === null) return html`<td>${decimal(null)}</td>`
  return html`<td>${decimal(estimate.value, digits)}<small>${interval(estimate, digits)}</small></td>`
}

function comparisonCell(comparison: Comparison | undefined): Html {
  if (comparison === undefined) return html`<td>${verdictText(comparison)}</td>`
  const { verdict, difference, p } = comparison
  const kind = verdict === 'better' || verdict === 'worse' ? verdict : 'quiet'
  return html`<td><span class="${kind}">${verdict}</span>
<small>${signed(difference)} (${interval(comparison)})</small><small>p ${probability(p)}</small></td>`
}
