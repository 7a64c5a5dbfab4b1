import type { Html } from '../documents/html.ts'
import { html } from '../documents/html.ts'
import { page } from '../documents/page.ts'
import { SIGNIFICANCE } from './comparison.ts'
import { conclusionOf } from './conclusion.ts'
import type { EvaluationReport, SlicesReport } from './evaluation-report.ts'
import { remarksOf } from './evaluation-report.ts'
import { comparisonTable, listTable, metricTable, sliceTable } from './html-tables.ts'
import { intervalPlot } from './interval-plot.ts'
import type { Metric } from './metrics.ts'
import { TASK_DESCRIPTIONS } from './protocols/description.ts'
import { count, headlineFirst, LABELS } from './report-numbers.ts'

const HEADLINE: readonly Metric[] = ['hitRate', 'recall', 'ndcg', 'mrr']

const SLICINGS: readonly (readonly [keyof SlicesReport, string])[] = [
  ['pastPurchases', 'By number of different products bought before'],
  ['segment', 'By segment'],
  [
    'relevantItems',
    'By what was to be found: the head (the products that make up half of all purchases) or the tail',
  ],
]

const DEFINITIONS: readonly (readonly [string, string])[] = [
  ['hit rate', 'The share of lists that found at least one relevant product.'],
  ['recall', 'Found products over all relevant ones (the denominator of LightGCN).'],
  [
    'truncated recall',
    'Found products over the relevant ones or K, whichever is fewer (the denominator of Liang et al. 2018).',
  ],
  ['precision', 'Found products over K.'],
  ['nDCG', 'Found products discounted by log₂(rank + 1), over the most that K places could give.'],
  ['MRR', 'One over the rank of the first found product; 0 where none was found up to K.'],
  [
    'MAP',
    'Average precision at the ranks of found products, over the relevant ones or K, whichever is fewer.',
  ],
  ['coverage', 'The share of the catalogue that is in at least one list.'],
  ['Gini', '0: every product is shown equally often; 1: all lists show one and the same.'],
  ['novelty', 'Mean −log₂ of the share of customers in training who bought a recommended product.'],
  ['intra-list distance', '1 − the mean cosine of the content features of a list’s products, pair by pair.'],
]

function comparisons(report: EvaluationReport, first: number): Html {
  const { defaultName } = report
  return html`<section><h2>Beside ${defaultName}</h2>
<p class="quiet">A system’s mean minus that of ${defaultName}, paired by user. No difference is shown where the interval
includes 0, or where p, corrected after Holm over all systems, is ${SIGNIFICANCE} or more.</p>
${comparisonTable(report, HEADLINE, first)}</section>
`
}

/**
 * A report as one page that needs nothing else: no script, font or picture is fetched. It holds no time of day; the same
 * report gives the same bytes.
 * What it comes to and the plots stand first. @param description  what the protocol does and which question it answers,
 * a paragraph each; plain text
 */
export function htmlReport(report: EvaluationReport, description: readonly string[]): string {
  const { protocol, task } = report
  const first = headlineFirst(report.first)
  const title = `Evaluation: ${protocol}, ${task}`
  const below = html`<p>${conclusionOf(report, first)}</p>
`
  const remarks = remarksOf(report).map((note) => html`<p class="note">${note}</p>\n`)
  const slices = SLICINGS.flatMap(([by, name]) => sliceSection(report, by, name, first) ?? [])
  const main = html`<section><h2>How the systems did</h2>
${plots(report, first)}${remarks}${facts(report)}
${report.first.map((k) => metricDetails(report, k, k === first))}</section>
<section><h2>What was asked</h2>
${[...description, TASK_DESCRIPTIONS[task]].map((paragraph) => html`<p>${paragraph}</p>\n`)}${trials(report)}</section>
${report.systems.length > 1 && comparisons(report, first)}<section><h2>What the lists are like</h2>
${listTable(report, first)}</section>
${slices.length > 0 && html`<section><h2>Slices: nDCG @${first}</h2>\n${slices}</section>\n`}<section><h2>What the measures mean</h2>
<dl>${DEFINITIONS.map(([name, meaning]) => html`<dt>${name}</dt><dd>${meaning}</dd>\n`)}</dl>
</section>
`
  return page(title, below, main)
}

function facts({ users, cases, catalogue, bootstrap, seeds, systems }: EvaluationReport): Html {
  const random = systems.filter(({ isRandom }) => isRandom).map(({ name }) => name)
  const sentences = [
    `${count(users)} users, ${count(cases)} cases, ${count(catalogue)} products, every one of them ranked.`,
    `Intervals hold ${100 * bootstrap.level} % of ${count(bootstrap.resamples)} resamples of the users.`,
    ...(random.length > 0 ? [`Means over the seeds ${seeds.join(', ')}: ${random.join(', ')}.`] : []),
  ]
  return html`<p class="quiet">${sentences.join(' ')}</p>`
}

function trials({ trials: all, leftOut }: EvaluationReport): Html {
  const head = ['trial', 'users', 'cases', 'products'].map((name) => html`<th scope="col">${name}</th>`)
  const rows = all.map(({ name, users, cases, catalogue }) => {
    const numbers = [users, cases, catalogue].map((number) => html`<td>${count(number)}</td>`)
    return html`<tr><th scope="row">${name}</th>${numbers}</tr>\n`
  })
  const without = Object.entries(leftOut).map(([why, number]) => html`<li>${why}: ${count(number)}</li>\n`)
  return html`<div class="scroll" tabindex="0"><table>
<thead><tr>${head}</tr></thead>
<tbody>${rows}</tbody></table></div>
${without.length > 0 && html`<p>Left out of the test:</p>\n<ul>${without}</ul>\n`}`
}

function plots({ systems, defaultName }: EvaluationReport, first: number): Html {
  const figures = HEADLINE.map((metric) =>
    intervalPlot(
      `${LABELS[metric]} @${first}`,
      systems.map((system) => ({
        name: system.name,
        estimate: system[metric][first],
        isReference: system.name === defaultName,
      })),
    ),
  )
  return html`<p class="quiet">A dot is the mean over cases, a line its interval; the band is the interval of ${defaultName}.</p>
<div class="plots">${figures}</div>
`
}

function metricDetails(report: EvaluationReport, first: number, isOpen: boolean): Html {
  return html`<details${isOpen && html` open`}><summary>All metrics at K = ${first}</summary>
${metricTable(report, first)}</details>
`
}

function sliceSection(
  report: EvaluationReport,
  by: keyof SlicesReport,
  name: string,
  first: number,
): Html | undefined {
  const table = sliceTable(report, by, 'ndcg', first)
  return table && html`<h3>${name}</h3>\n${table}`
}
