import type { Block, Cell, Document, Table } from '../documents/block.ts'
import { aside, heading, list, note, paragraph, table } from '../documents/block.ts'
import { markdownTableOf, escapeMarkdown } from '../documents/markdown.ts'
import type { Comparison } from './comparison.ts'
import { SIGNIFICANCE } from './comparison.ts'
import { conclusionOf } from './conclusion.ts'
import type { EvaluationReport, SliceReport, SlicesReport, SystemReport } from './evaluation-report.ts'
import { remarksOf } from './evaluation-report.ts'
import type { Estimate } from './intervals.ts'
import { measureName } from './list-measures.ts'
import type { Metric } from './metrics.ts'
import { METRICS } from './metrics.ts'
import { TASK_DESCRIPTIONS } from './protocols/description.ts'
import {
  count,
  decimal,
  headlineFirst,
  interval,
  LABELS,
  probability,
  signed,
  verdictText,
} from './report-numbers.ts'

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

/**
 * A report as a document: what it comes to and the plots first. It holds no time of day.
 * @param description  what the protocol does and which question it answers, a paragraph each; plain text
 */
export function reportDocument(report: EvaluationReport, description: readonly string[]): Document {
  const { protocol, task, defaultName } = report
  const first = headlineFirst(report.first)
  const slices = SLICINGS.flatMap(([by, name]) => {
    const sliced = sliceTable(report, by, 'ndcg', first)
    return sliced === undefined ? [] : [heading(name, 3), sliced]
  })
  return {
    title: `Evaluation: ${protocol}, ${task}`,
    summary: conclusionOf(report, first),
    blocks: [
      heading('How the systems did'),
      aside(`A dot is the mean over cases, a line its interval; the band is the interval of ${defaultName}.`),
      plots(report, first),
      ...remarksOf(report).map(note),
      aside(...facts(report)),
      ...report.first.map(
        (k): Block => ({
          kind: 'details',
          summary: `All metrics at K = ${k}`,
          isOpen: k === first,
          blocks: [metricTable(report, k)],
        }),
      ),
      heading('What was asked'),
      ...[...description, TASK_DESCRIPTIONS[task]].map((text) => paragraph(text)),
      ...trials(report),
      ...(report.systems.length > 1 ? comparisons(report, first) : []),
      heading('What the lists are like'),
      listTable(report, first),
      ...(slices.length > 0 ? [heading(`Slices: nDCG @${first}`), ...slices] : []),
      heading('What the measures mean'),
      { kind: 'terms', terms: DEFINITIONS },
    ],
  }
}

/**
 * A report's headline as a Markdown table (GitHub's), for a README: a system a row, the default in bold, each metric
 * with its interval, and whether nDCG differs from the default's.
 * @param first  K, one of the report's; default: 10, or the nearest lower one
 * @throws {RangeError} when the report has no such K
 */
export function headlineMarkdown(report: EvaluationReport, first = headlineFirst(report.first)): string {
  if (!report.first.includes(first)) {
    throw new RangeError(`the report has no K of ${first}; it has ${report.first.join(', ')}`)
  }
  const head = [
    ...HEADLINE.map((metric) => `${LABELS[metric]} @${first}`),
    `coverage @${first}`,
    `nDCG @${first} beside the default`,
  ]
  const rows = systemTable(report, `${'r'.repeat(head.length - 1)}l`, head, (system) => [
    ...HEADLINE.map((metric) => {
      const estimate = system[metric][first]
      return `${decimal(estimate.value)} (${interval(estimate)})`
    }),
    decimal(system.coverage[first]),
    verdictText(system.versusDefault?.[measureName('ndcg', first)]),
  ])
  return `${markdownTableOf(rows)}\n\n${captionOf(report)}\n`
}

function captionOf(report: EvaluationReport): string {
  const { protocol, task, users, cases, catalogue, bootstrap } = report
  const made = [
    `Protocol ${escapeMarkdown(protocol)}, task ${task}`,
    `${count(users)} users, ${count(cases)} cases, ${count(catalogue)} products, all ranked`,
    `in parentheses ${100 * bootstrap.level} % intervals over users (bootstrap, ${count(bootstrap.resamples)} resamples)`,
    'differences paired by user and corrected after Holm',
  ]
  return [`${made.join('; ')}.`, ...remarksOf(report).map(escapeMarkdown)].join(' ')
}

function facts({ users, cases, catalogue, bootstrap, seeds, systems }: EvaluationReport): string[] {
  const random = systems.filter(({ isRandom }) => isRandom).map(({ name }) => name)
  return [
    `${count(users)} users, ${count(cases)} cases, ${count(catalogue)} products, every one of them ranked.`,
    `Intervals hold ${100 * bootstrap.level} % of ${count(bootstrap.resamples)} resamples of the users.`,
    ...(random.length > 0 ? [`Means over the seeds ${seeds.join(', ')}: ${random.join(', ')}.`] : []),
  ]
}

function trials({ trials: all, leftOut }: EvaluationReport): Block[] {
  const rows = all.map(({ name, ...numbers }) => [
    name,
    ...[numbers.users, numbers.cases, numbers.catalogue].map(count),
  ])
  const without = Object.entries(leftOut).map(([why, number]) => `${why}: ${count(number)}`)
  return [
    table('lrrr', ['trial', 'users', 'cases', 'products'], rows),
    ...(without.length > 0 ? [paragraph('Left out of the test:'), list(without)] : []),
  ]
}

function plots({ systems, defaultName }: EvaluationReport, first: number): Block {
  return {
    kind: 'plots',
    plots: HEADLINE.map((metric) => ({
      title: `${LABELS[metric]} @${first}`,
      rows: systems.map((system) => {
        const { value, low, high } = system[metric][first]
        const texts = [decimal(value), interval({ low, high })] as const
        return { name: system.name, value, low, high, texts, isReference: system.name === defaultName }
      }),
    })),
  }
}

/** Every metric at one K, each with its interval. */
function metricTable(report: EvaluationReport, first: number): Table {
  return systemTable(
    report,
    'r'.repeat(METRICS.length),
    METRICS.map((metric) => `${LABELS[metric]} @${first}`),
    (system) => METRICS.map((metric) => estimateCell(system[metric][first])),
  )
}

/** Each system compared with the default at one K: the difference, its interval and p, and the verdict. */
function comparisons(report: EvaluationReport, first: number): Block[] {
  const { defaultName } = report
  return [
    heading(`Beside ${defaultName}`),
    aside(
      `A system’s mean minus that of ${defaultName}, paired by user. No difference is shown where the interval`,
      `includes 0, or where p, corrected after Holm over all systems, is ${SIGNIFICANCE} or more.`,
    ),
    systemTable(
      report,
      'r'.repeat(HEADLINE.length),
      HEADLINE.map((metric) => `${LABELS[metric]} @${first}`),
      (system) =>
        HEADLINE.map((metric) => comparisonCell(system.versusDefault?.[measureName(metric, first)])),
    ),
  ]
}

/** What the lists are like at one K, whether or not they find anything. */
function listTable(report: EvaluationReport, first: number): Table {
  const head = ['coverage', 'Gini', 'novelty, bits', 'intra-list distance'].map((name) => `${name} @${first}`)
  return systemTable(report, 'rrrrr', [...head, 'empty lists'], (system) => [
    decimal(system.coverage[first]),
    decimal(system.gini[first]),
    estimateCell(system.novelty[first], 2),
    estimateCell(system.intraListDistance[first]),
    estimateCell(system.emptyLists),
  ])
}

/** One metric at one K in every slice of a kind; undefined where there is none. */
function sliceTable(
  report: EvaluationReport,
  by: keyof SlicesReport,
  metric: 'hitRate' | 'recall' | 'ndcg',
  first: number,
): Table | undefined {
  const slices = Object.entries(report.systems[0].slices[by])
  if (slices.length === 0) return undefined
  return systemTable(
    report,
    'r'.repeat(slices.length),
    slices.map(([name, slice]) => ({ text: name, small: [sizeOf(slice)] })),
    (system) => slices.map(([name]) => estimateCell(system.slices[by][name][metric][first])),
  )
}

function sizeOf({ cases, users }: SliceReport): string {
  return cases === users ? `${count(users)} users` : `${count(users)} users, ${count(cases)} cases`
}

/** A system a row, the default marked. */
function systemTable(
  report: EvaluationReport,
  columns: string,
  head: readonly Cell[],
  cells: (system: SystemReport) => readonly Cell[],
): Table {
  return table(
    `l${columns}`,
    ['system', ...head],
    report.systems.map((system) => [system.name, ...cells(system)]),
    report.systems.findIndex(({ name }) => name === report.defaultName),
  )
}

function estimateCell(estimate: Estimate | null, digits = 4): Cell {
  if (estimate === null) return decimal(null)
  return { text: decimal(estimate.value, digits), small: [interval(estimate, digits)] }
}

function comparisonCell(comparison: Comparison | undefined): Cell {
  if (comparison === undefined) return verdictText(comparison)
  const { verdict, difference, p } = comparison
  return {
    text: verdict,
    tone: verdict === 'better' || verdict === 'worse' ? verdict : 'quiet',
    small: [`${signed(difference)} (${interval(comparison)})`, `p ${probability(p)}`],
  }
}
