import type { Block } from '../documents/block.ts'
import { paragraph, table } from '../documents/block.ts'
import type { ExperimentDesign } from './experiment-design.ts'
import { METRIC_NAMES } from './primary-metric.ts'
import { count, enumeration, percent, probability, rounded } from './wording.ts'

/** Standardised differences below this are taken for balanced (Austin 2009). */
const BALANCED = 0.1

/** Who is assigned how, how that would have divided the past, and whether it is fair. */
export function randomisationSection({ request, arms, randomisation }: ExperimentDesign): Block[] {
  const { balance, replays } = randomisation
  const names = arms.map(({ name }) => name)
  const worst = Math.max(
    0,
    ...balance.differences.flatMap(({ byArm }) => byArm.map((difference) => Math.abs(difference ?? 0))),
  )
  return [
    paragraph(
      'The unit is the customer: one person sees one arm, on every visit and every device they are signed in on.',
      `The arm follows from SHA-256 of the salt ${request.salt} and the customer's id, read as a number from 0 to 1.`,
      'Customers whom the shop knows at the start are dealt out within their segment in the order of that number, so ' +
        'that every arm gets its share of each segment; who comes later is assigned by the number alone.',
      'The arms must be frozen at the start, and the salt must never serve another experiment.',
    ),
    paragraph('The balance which this salt would have had on the customers of the past:'),
    table(
      'lrrr',
      ['arm', 'customers', 'orders', 'revenue'],
      balance.arms.map(({ customers, orders, revenue }, arm) => [
        names[arm],
        count(customers),
        count(orders),
        revenue === null ? 'not in the data' : rounded(Math.round(revenue), 12),
      ]),
    ),
    table(
      `l${'r'.repeat(names.length)}`,
      ['segment', ...names],
      balance.segments.map(({ name, customers }) => [name, ...customers.map(count)]),
    ),
    table(
      `l${'r'.repeat(names.length - 1)}`,
      ['standardised mean difference', ...names.slice(1)],
      balance.differences.map(({ of, byArm }) => [of, ...byArm.map(differenceText)]),
    ),
    paragraph(
      worst < BALANCED
        ? `All standardised differences are below ${BALANCED}, which is taken for balanced.`
        : `The largest standardised difference is ${rounded(worst, 2)}, above the ${BALANCED} that is taken for balanced: choose another salt before the start, not after it.`,
    ),
    paragraph(replaysText(replays, request.alpha)),
    paragraph(sampleRatioText(balance.sampleRatio, names)),
  ]
}

function differenceText(difference: number | null): string {
  return difference === null ? 'not in the data' : difference.toFixed(4).replace('-', '−')
}

function replaysText(
  { replays, customers, significant, share, low, high, metric }: ExperimentDesign['randomisation']['replays'],
  alpha: number,
): string {
  const range = `${percent(share)} (${percent(low)} – ${percent(high)})`
  const conclusion =
    low <= alpha && alpha <= high
      ? `The interval holds the ${percent(alpha)} that chance alone gives: the assignment is fair, and the variance right.`
      : high < alpha
        ? `That is below the ${percent(alpha)} of chance alone: the test errs on the safe side, as it does where ` +
          'segments tell much of the metric, or where it is too rare to be normal.'
        : `That is above the ${percent(alpha)} of chance alone: do not start before the reason is found.`
  return (
    `A/A replays: ${count(customers)} customers of the past were assigned by ${count(replays)} salts, nothing was ` +
    `done to any arm, and the ${METRIC_NAMES[metric]} was compared. ${count(significant)} replays were significant, ${range}. ${conclusion}`
  )
}

function sampleRatioText(
  { customers, chiSquare, p }: ExperimentDesign['randomisation']['balance']['sampleRatio'],
  names: readonly string[],
): string {
  const counts = names.map((name, arm) => `${count(customers[arm])} in ${name}`)
  return (
    `Sample-ratio check: by the number alone, as if all had come new, there would have been ${enumeration(counts)}: ` +
    `chi-square ${rounded(chiSquare, 3)}, p ${probability(p)}. Make the same check on the customers of the running ` +
    'test; where p is below 0.001, something drops customers of one arm, and no result may be read.'
  )
}
