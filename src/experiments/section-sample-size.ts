import type { Block } from '../documents/block.ts'
import { paragraph, table } from '../documents/block.ts'
import { HISTORY_WEEKS } from './cohort.ts'
import type { ExperimentDesign } from './experiment-design.ts'
import { METRIC_NAMES } from './primary-metric.ts'
import { LONGEST_WEEKS } from './request.ts'
import {
  count,
  duration,
  enumeration,
  hundredfold,
  peopleOf,
  percent,
  percentUp,
  rounded,
  weeksText,
} from './wording.ts'

/** How many customers, how many weeks, and what less would show. */
export function sampleSizeSection(design: ExperimentDesign): Block[] {
  const { request, arms, verdict, sampleSize } = design
  const { asked } = verdict
  const people = peopleOf(request.primary)
  const byArm = arms.map(({ name }, arm) => `${count(asked.byArm[arm])} in ${name}`)
  const comparisons = arms.length - 1
  return [
    paragraph(
      `A rise of ${percent(request.minimumEffect)} takes ${count(asked.customers)} ${people}: ${enumeration(byArm)} ` +
        `(two-sided, alpha ${request.alpha}, power ${request.power}).`,
      ...(comparisons > 1
        ? [
            `${comparisons} treatments are compared with the control, each at alpha ${rounded(sampleSize.alphaPerComparison)}: ` +
              "with Holm's correction the plan holds whichever of them works.",
          ]
        : []),
      'One look, at the end: whoever looks earlier and stops at the first significant day finds differences where ' +
        'there are none.',
    ),
    paragraph(...trafficText(design)),
    table(
      'rrrr',
      ['weeks of intake', 'result after', people, 'smallest rise shown'],
      sampleSize.shown.map(({ weeks, weeksToResult, customers, smallestEffect }) => [
        String(weeks),
        weeksText(weeksToResult),
        count(customers),
        smallestEffect === null ? 'none' : percentUp(smallestEffect),
      ]),
    ),
    ...otherMetrics(design),
    paragraph(...cupedText(design)),
  ]
}

function trafficText({ request, data, sampleSize }: ExperimentDesign): string[] {
  const { recentWeeks, newcomers, returning, trend } = sampleSize.traffic
  const people = peopleOf(request.primary)
  const { before, after, withoutTime } = data.leftOut
  const whole = newcomers + returning
  return [
    `The shop's traffic: ${count(Math.round(whole))} ${people} a week in the last ${recentWeeks} whole weeks, ` +
      `${count(Math.round(newcomers))} new and ${count(Math.round(returning))} returning.`,
    'A customer who comes back during the test is counted once: how soon customers come back is measured in the same weeks.',
    ...(trend
      ? [
          `Over all ${data.weeks} whole weeks (${data.from} to ${data.to}) the trend is ${signed(trend.slope / whole)} of that a ` +
            `week (${signed(trend.low / whole)} to ${signed(trend.high / whole)}); the plan does not count on it.`,
        ]
      : []),
    `Left out: ${count(before)} orders before these weeks and ${count(after)} after them (first and last weeks of the ` +
      'data, and weeks with less than a quarter of the median week), ' +
      `${count(withoutTime)} of unknown time.`,
  ]
}

/** What each week until the result shows, of the weeks that show something. */
export function effectCurve({ request, sampleSize }: ExperimentDesign): Block[] {
  const points = sampleSize.curve.flatMap(({ weeksToResult, smallestEffect }) =>
    smallestEffect === null ? [] : [[weeksToResult, Number((100 * smallestEffect).toPrecision(3))] as const],
  )
  if (points.length < 2) return []
  return [
    {
      kind: 'curve',
      title: 'The smallest rise shown',
      axes: ['weeks until the result', `% of the ${METRIC_NAMES[request.primary]}`],
      points,
      level: { y: hundredfold(request.minimumEffect), name: 'the rise asked for' },
      limit: { x: LONGEST_WEEKS, name: 'the longest that a test should take' },
    },
  ]
}

/** How long the same rise would take on other metrics. */
function otherMetrics({ request, verdict }: ExperimentDesign): Block[] {
  const { otherMetrics: others, visitors } = verdict
  const rows = others.map(({ metric, customers, weeksToResult }) => [
    METRIC_NAMES[metric],
    `${count(customers)} customers`,
    duration(weeksToResult),
  ])
  const assumed = visitors && [
    `conversion, were it ${percent(visitors.assumedConversion)} (an assumption)`,
    `${count(visitors.customers)} visitors`,
    duration(visitors.weeksToResult),
  ]
  const all = assumed ? [...rows, assumed] : rows
  if (all.length === 0) return []
  return [
    paragraph(
      `A rise of ${percent(request.minimumEffect)} on other metrics, waiting for outcomes included; a test should not ` +
        `take longer than ${LONGEST_WEEKS} weeks:`,
    ),
    table('lrr', ['metric', 'takes', 'result after'], all),
  ]
}

function cupedText({ request, sampleSize, verdict }: ExperimentDesign): string[] {
  const { cuped } = sampleSize
  if (cuped === null)
    return ['CUPED: what it would save cannot be measured, since the metric is not in the data.']
  const { covariate, withHistory, saving, correlation, asked } = cuped
  return [
    `CUPED, by ${covariate} of the ${HISTORY_WEEKS} weeks before: the correlation with the ${METRIC_NAMES[request.primary]} is ` +
      `${rounded(correlation, 3)}, so adjusting for it saves ${percent(saving, 2)} of the customers: ` +
      `${count(asked.customers)} in place of ${count(verdict.asked.customers)}.`,
    ...(saving < 0.01
      ? [
          withHistory < 0.1
            ? `That is as good as nothing, since ${percent(1 - withHistory)} of the customers had not ordered in these weeks: there is nothing to adjust by.`
            : 'That is as good as nothing: what customers did before tells little of this metric.',
        ]
      : []),
  ]
}

function signed(part: number): string {
  return part > 0 ? `+${percent(part, 2)}` : percent(part, 2)
}
