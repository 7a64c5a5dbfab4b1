/** A report in words: who wins, by how much, and how the others compare. */
import { NO_DIFFERENCE, type Comparison } from './comparison.ts'
import type { EvaluationReport, SystemReport } from './evaluation-report.ts'
import { measureName } from './list-measures.ts'
import { decimal, headlineFirst, hundredths, interval, probability } from './report-numbers.ts'

type Compared = Pick<EvaluationReport, 'systems' | 'defaultName' | 'first'>
type Difference = Pick<Comparison, 'difference' | 'low' | 'high'>

/**
 * The conclusion of a report: its headline, by how much the winner wins in nDCG, and how the default compares with all
 * others.
 * @param first  K, one of the report's; default: 10, or the nearest lower one
 */
export function conclusionOf(report: Compared, first = headlineFirst(report.first)): string {
  const { systems, defaultName } = report
  const headline = headlineOf(report, first)
  const others = systems.filter(({ name }) => name !== defaultName)
  if (others.length === 0) return headline
  const are = (verdict: string) =>
    others.filter((system) => versus(system, 'ndcg', first).verdict === verdict)
  const [better, worse, alike] = ['better', 'worse', NO_DIFFERENCE].map(are)
  const of = others.length === 1 ? 'the one other system' : `the ${others.length} other systems`
  const parts = [
    better.length > 0
      ? `${better.length} better than ${defaultName} (${named(better)})`
      : `none better than ${defaultName}`,
    ...(worse.length > 0 ? [`${worse.length} worse`] : []),
    ...(alike.length > 0 ? [`for ${alike.length} no difference is shown (${named(alike)})`] : []),
  ]
  return `${headline} By nDCG @${first}, of ${of}: ${parts.join(', ')}.`
}

/**
 * Who wins and by how much, in plain words, whoever it is: "EASE finds something for 31 of 100 customers, default for
 * 29: EASE is better by 2 (interval 1 to 3)". Who wins is decided by nDCG: the best of those shown to be better than the
 * default, else the default where the best of the others is shown to be worse. What is said is the hit rate, unless that
 * does not show it.
 * @param first  K, one of the report's; default: 10, or the nearest lower one
 */
export function headlineOf(
  { systems, defaultName, first: all }: Compared,
  first = headlineFirst(all),
): string {
  const ours = systems.find(({ name }) => name === defaultName)!
  const others = systems.filter((system) => system !== ours)
  const value = ({ ndcg }: SystemReport) => ndcg[first].value
  const highest = (among: readonly SystemReport[]) =>
    among.reduce((best, other) => (value(other) > value(best) ? other : best))
  if (others.length === 0) {
    const { value: found, ...range } = ours.hitRate[first]
    const [share, low, high] = hundredths([found, range.low, range.high])
    return (
      `${defaultName} finds something for ${share} of 100 customers (interval ${low} to ${high}) among the first ` +
      `${first} of its lists; no other system was run to compare it with.`
    )
  }
  if (systems.every((system) => value(system) === 0)) return 'Nobody wins: no system found anything.'
  const better = others.filter((system) => versus(system, 'ndcg', first).verdict === 'better')
  const next = highest(better.length > 0 ? better : others)
  if (better.length > 0) return winning(next, ours, (metric) => versus(next, metric, first), first)
  if (versus(next, 'ndcg', first).verdict === 'worse') {
    return winning(ours, next, (metric) => reversed(versus(next, metric, first)), first)
  }
  const [leader, follower] = value(next) > value(ours) ? [next, ours] : [ours, next]
  const by = versus(next, 'ndcg', first)
  const [one, other] = hundredths([leader.hitRate[first].value, follower.hitRate[first].value])
  return (
    `No winner is shown: ${leader.name} finds something for ${one} of 100 customers, ${follower.name} for ${other}, and ` +
    `that ${leader.name} has the higher nDCG @${first}, ${decimal(value(leader))} in place of ` +
    `${decimal(value(follower))}, may be chance (interval of the difference ` +
    `${interval(leader === next ? by : reversed(by))}${ofMany(by)}).`
  )
}

/** Why an interval that leaves 0 out shows nothing: it is one of many. */
function ofMany({ low, high, p }: Comparison): string {
  return low <= 0 && high >= 0 ? '' : `, but p ${probability(p)} where all comparisons are counted`
}

/** @param by  what the winner is better by, in a metric */
function winning(
  winner: SystemReport,
  other: SystemReport,
  by: (metric: 'hitRate' | 'ndcg') => Difference,
  first: number,
): string {
  const hits = by('hitRate')
  const isShown = hits.low > 0
  const [one, two, difference, low, high] = hundredths(
    [winner.hitRate[first].value, other.hitRate[first].value, hits.difference, hits.low, hits.high],
    isShown,
  )
  const found = `${winner.name} finds something for ${one} of 100 customers, ${other.name} for ${two}`
  if (isShown) {
    return `${found}: ${winner.name} is better by ${difference} (interval ${low} to ${high}).`
  }
  const ndcg = by('ndcg')
  return (
    `${winner.name} is better than ${other.name} by the places where it finds things: nDCG @${first} ` +
    `${decimal(winner.ndcg[first].value)} in place of ${decimal(other.ndcg[first].value)}, difference ` +
    `${decimal(ndcg.difference)} (interval ${interval(ndcg)}); ${found}.`
  )
}

function versus(system: SystemReport, metric: 'hitRate' | 'ndcg', first: number): Comparison {
  return system.versusDefault![measureName(metric, first)]
}

function reversed({ difference, low, high }: Difference): Difference {
  return { difference: -difference, low: -high, high: -low }
}

function named(systems: readonly SystemReport[]): string {
  return systems.map(({ name }) => name).join(', ')
}
