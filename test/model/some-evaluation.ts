import type { EvaluationSummary, MeasuresAtK } from '../../src/model/evaluation-summary.ts'

/** Figures at K that are all the same. */
export function measuresAt(k: number, value: number): MeasuresAtK {
  const mean = { value, low: value / 2, high: (1 + value) / 2 }
  return {
    k,
    coverage: value,
    hitRate: mean,
    recall: mean,
    recallTruncated: mean,
    precision: mean,
    ndcg: mean,
    mrr: mean,
    map: mean,
  }
}

/** An evaluation that a model file may keep. */
export function someEvaluation(changes: Partial<EvaluationSummary> = {}): EvaluationSummary {
  return {
    protocol: 'temporal',
    task: 'discovery',
    trials: [
      { name: '2018-06-01', cases: 30, customers: 30 },
      { name: '2018-07-01', cases: 12, customers: 12 },
    ],
    cases: 42,
    customers: 40,
    products: 49,
    level: 0.95,
    measures: [measuresAt(5, 0.25), measuresAt(10, 0.375)],
    systems: ['popularity', 'default'],
    bestOther: { name: 'popularity', measures: [measuresAt(5, 0.125), measuresAt(10, 0.25)] },
    notes: ['Orders were reconstructed.'],
    evaluatedWith: '0.1.0',
    ...changes,
  }
}
