import { NO_DIFFERENCE, type Comparison } from './comparison.ts'
import type { EvaluationReport, SystemReport } from './evaluation-report.ts'
import { measureName } from './list-measures.ts'
import { decimal, headlineFirst, interval } from './report-numbers.ts'

/**
 * The conclusion of a report: which system wins by nDCG at one K and by how much, and how the default compares with
 * all others.
 * @param first  K, one of the report's; default: 10, or the nearest lower one
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
  return `${winnerOf(report, first)} ${by}, of ${of}: ${parts.join(', ')}.`
}

/**
 * Who wins, in plain words: the best of those shown to be better than the default, else the default where the best of
 * the others is shown to be worse.
 */
function winnerOf({ systems, defaultName }: EvaluationReport, first: number): string {
  const value = ({ ndcg }: SystemReport) => ndcg[first].value
  const versus = (system: SystemReport) => system.versusDefault![measureName('ndcg', first)]
  const highest = (among: readonly SystemReport[]) =>
    among.reduce((best, other) => (value(other) > value(best) ? other : best))
  const ours = systems.find(({ name }) => name === defaultName)!
  const others = systems.filter((system) => system !== ours)
  if (systems.every((system) => value(system) === 0)) {
    return 'Nobody wins: no system found anything.'
  }
  const better = others.filter((system) => versus(system).verdict === 'better')
  if (better.length > 0) {
    const best = highest(better)
    return `${best.name} wins over ${defaultName}: ${margin(value(best), value(ours), versus(best), first)}.`
  }
  const next = highest(others)
  const { verdict, difference, low, high } = versus(next)
  const reversed = { difference: -difference, low: -high, high: -low }
  if (verdict === 'worse') {
    const among = others.length === 1 ? next.name : `the next best, ${next.name}`
    return `${defaultName} wins over ${among}: ${margin(value(ours), value(next), reversed, first)}.`
  }
  const [leader, follower] = value(next) > value(ours) ? [next, ours] : [ours, next]
  return (
    `No winner is shown: ${leader.name} has an nDCG @${first} of ${decimal(value(leader))} and ${follower.name} of ` +
    `${decimal(value(follower))}, which may be chance (interval of the difference ` +
    `${interval(leader === next ? { low, high } : reversed)}).`
  )
}

/** What the one is better by than the other. */
function margin(
  one: number,
  other: number,
  { difference, low, high }: Pick<Comparison, 'difference' | 'low' | 'high'>,
  first: number,
): string {
  const percent = other > 0 ? `${Math.round((100 * difference) / other)} % better, ` : ''
  return (
    `${percent}nDCG @${first} ${decimal(one)} in place of ${decimal(other)} (difference ${decimal(difference)}, ` +
    `interval ${interval({ low, high })})`
  )
}

/** Names may hold commas. */
function named(systems: readonly SystemReport[]): string {
  return systems.map(({ name }) => name).join('; ')
}
