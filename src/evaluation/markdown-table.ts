import { escapeMarkdown } from '../documents/markdown.ts'
import type { EvaluationReport, SystemReport } from './evaluation-report.ts'
import { remarksOf } from './evaluation-report.ts'
import type { Estimate } from './intervals.ts'
import { measureName } from './list-measures.ts'
import type { Metric } from './metrics.ts'
import { count, decimal, headlineFirst, interval, LABELS, verdictText } from './report-numbers.ts'

const SHOWN: readonly Metric[] = ['hitRate', 'recall', 'ndcg', 'mrr']

/**
 * A report's headline as a Markdown table (GitHub's), for a README: a system a row, the default in bold, each metric
 * with its interval, and whether nDCG differs from the default's.
 * @param first  K, one of the report's; 10 unless told, or the nearest below it
 * @throws {RangeError} when the report has no such K
 */
export function markdownTable(report: EvaluationReport, first = headlineFirst(report.first)): string {
  if (!report.first.includes(first)) {
    throw new RangeError(`the report has no K of ${first}; it has ${report.first.join(', ')}`)
  }
  const head = [
    'system',
    ...SHOWN.map((metric) => `${LABELS[metric]} @${first}`),
    `coverage @${first}`,
    `nDCG @${first} beside the default`,
  ]
  const rows = report.systems.map((system) => rowOf(system, system.name === report.defaultName, first))
  const rule = head.map((_, column) => (column === 0 || column === head.length - 1 ? '---' : '--:'))
  const table = [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  return `${table}\n\n${captionOf(report)}\n`
}

function rowOf(system: SystemReport, isDefault: boolean, first: number): string[] {
  const name = escapeMarkdown(system.name)
  return [
    isDefault ? `**${name}**` : name,
    ...SHOWN.map((metric) => withInterval(system[metric][first])),
    decimal(system.coverage[first]),
    verdictText(system.versusDefault?.[measureName('ndcg', first)]),
  ]
}

function withInterval(estimate: Estimate): string {
  return `${decimal(estimate.value)} (${interval(estimate)})`
}

function captionOf(report: EvaluationReport): string {
  const { protocol, task, users, cases, catalogue, bootstrap } = report
  const facts = [
    `Protocol ${escapeMarkdown(protocol)}, task ${task}`,
    `${count(users)} users, ${count(cases)} cases, ${count(catalogue)} products, all ranked`,
    `in parentheses ${100 * bootstrap.level} % intervals over users (bootstrap, ${count(bootstrap.resamples)} resamples)`,
    'differences paired by user and corrected after Holm',
  ]
  return [`${facts.join('; ')}.`, ...remarksOf(report).map(escapeMarkdown)].join(' ')
}
