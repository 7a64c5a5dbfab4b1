import type {
  EvaluationSummary,
  MeasuredSystem,
  MeasuresAtK,
  RecordedMeasure,
  RecordedProtocol,
} from '../model/evaluation-summary.ts'
import { RECORDED_MEASURES } from '../model/evaluation-summary.ts'
import type { EvaluationReport, SystemReport } from './evaluation-report.ts'
import { headlineFirst } from './report-numbers.ts'

/**
 * What a model file keeps of a report on its configuration: the figures of the system that the others are compared
 * with, and of the best of the others.
 * @param protocol  the report's
 * @param evaluatedWith  the version of Rationale
 * @throws {RangeError} for a report on the task `next-basket`
 */
export function recordedSummary(
  report: EvaluationReport,
  protocol: RecordedProtocol,
  evaluatedWith: string,
): EvaluationSummary {
  if (report.task === 'next-basket') throw new RangeError('a model file keeps no report on next baskets')
  const { trials, cases, users, catalogue, first, defaultName, bootstrap, notes, systems } = report
  const ours = systems.find(({ name }) => name === defaultName)!
  const best = bestOf(
    systems.filter((system) => system !== ours),
    headlineFirst(first),
  )
  return {
    protocol,
    task: report.task,
    trials: trials.map((trial) => ({ name: trial.name, cases: trial.cases, customers: trial.users })),
    cases,
    customers: users,
    products: catalogue,
    level: bootstrap.level,
    measures: figuresOf(ours, first).measures,
    systems: systems.map(({ name }) => name),
    bestOther: best === undefined ? null : figuresOf(best, first),
    notes,
    evaluatedWith,
  }
}

/** The system with the highest nDCG at K; of equal ones the first. */
function bestOf(systems: readonly SystemReport[], k: number): SystemReport | undefined {
  return systems.toSorted((a, b) => b.ndcg[k].value - a.ndcg[k].value).at(0)
}

function figuresOf(system: SystemReport, first: readonly number[]): MeasuredSystem {
  return {
    name: system.name,
    measures: first.map((k) => ({ k, coverage: system.coverage[k], ...atK(system, k) })),
  }
}

function atK(system: SystemReport, k: number): Pick<MeasuresAtK, RecordedMeasure> {
  return Object.fromEntries(RECORDED_MEASURES.map((measure) => [measure, system[measure][k]])) as Pick<
    MeasuresAtK,
    RecordedMeasure
  >
}
