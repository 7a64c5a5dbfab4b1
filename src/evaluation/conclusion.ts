import { NO_DIFFERENCE } from './comparison.ts'
import type { EvaluationReport, SystemReport } from './evaluation-report.ts'
import { measureName } from './list-measures.ts'
import { headlineFirst } from './report-numbers.ts'

/**
 * What a report comes to, in one sentence: how the default stands beside the other systems by nDCG at one K.
 * @param first  K, one of the report's; 10 unless told, or the nearest below it
 */
export function conclusionOf(report: EvaluationReport, first = headlineFirst(report.first)): string {
  const { systems, defaultName } = report
  const by = `By nDCG @${first}`
  const others = systems.filter(({ name }) => name !== defaultName)
  if (others.length === 0)
    return `${by} there is nothing to compare ${defaultName} with: no other system was run.`
  const are = (verdict: string) =>
    others.filter((system) => system.versusDefault?.[measureName('ndcg', first)]?.verdict === verdict)
  const [better, worse, alike] = ['better', 'worse', NO_DIFFERENCE].map(are)
  const of = others.length === 1 ? 'the one other system' : `the ${others.length} other systems`
  const parts = [
    better.length > 0
      ? `${better.length} better than ${defaultName} (${named(better)})`
      : `none better than ${defaultName}`,
    ...(worse.length > 0 ? [`${worse.length} worse`] : []),
    ...(alike.length > 0 ? [`for ${alike.length} no difference is shown (${named(alike)})`] : []),
  ]
  return `${by}, of ${of}: ${parts.join(', ')}.`
}

/** Names may hold commas. */
function named(systems: readonly SystemReport[]): string {
  return systems.map(({ name }) => name).join('; ')
}
