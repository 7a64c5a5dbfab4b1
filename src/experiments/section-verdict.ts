/** The verdict, and what is feasible where the test is not. */
import type { Block } from '../documents/block.ts'
import { list, paragraph } from '../documents/block.ts'
import type { ExperimentDesign } from './experiment-design.ts'
import { LONGEST_WEEKS } from './request.ts'
import type { SamplePlan } from './sample-plan.ts'
import { count, duration, shownText, inUnit, peopleOf, percent } from './wording.ts'

/** What the test takes, and whether to make it: the first paragraph's sentences. */
export function verdictText({ request, metric, verdict }: ExperimentDesign): string[] {
  const { minimumEffect, power, primary } = request
  const { asked, planned, isFeasible, otherMetrics } = verdict
  const from = inUnit(metric.value, metric.kind)
  const to = inUnit(metric.value * (1 + minimumEffect), metric.kind)
  const what =
    `to show a rise of ${percent(minimumEffect)} in ${primary}, from ${from} to ${to}, with a power of ` +
    `${percent(power)}, it takes ${count(asked.customers)} ${peopleOf(primary)}`
  const opening = isFeasible
    ? `This test can be made in this shop: ${what}, who come in ${duration(asked.weeks)}; the result is known ` +
      `${duration(asked.weeksToResult)} after the start.`
    : `This test is not feasible in this shop: ${what}, and gathering them would take ${duration(asked.weeks)}.`
  const plan =
    `The plan below is for ${duration(planned.weeks)} of intake, with a result after ` +
    `${duration(planned.weeksToResult)}: it shows ${shownText(planned.smallestEffect)}.`
  const quickest = otherMetrics.find(isInTime)
  const instead = quickest
    ? `The same rise in ${quickest.metric} would be known after ${duration(quickest.weeksToResult)}.`
    : `No other metric of this history would show it within ${LONGEST_WEEKS} weeks either.`
  return [
    opening,
    ...(planned.weeks === asked.weeks ? [] : [plan]),
    ...(isFeasible ? [] : [instead, 'What is feasible in its place is listed next.']),
  ]
}

/** Proposals, where the test is not feasible. */
export function feasibleInstead({ request, verdict }: ExperimentDesign): Block[] {
  if (verdict.isFeasible) return []
  const { longest, otherMetrics, visitors } = verdict
  const effect = percent(request.minimumEffect)
  const times = otherMetrics.map(
    ({ metric, customers, weeksToResult }) =>
      `${metric} ${count(customers)} customers, ${duration(weeksToResult)}`,
  )
  const proposals = [
    `A larger effect: a result within ${LONGEST_WEEKS} weeks shows ${shownText(longest.smallestEffect)}. ` +
      'Plan on that only where a rise of this size can be believed in.',
    ...(times.length > 0
      ? [
          `Another metric, the same rise of ${effect}: ${times.join('; ')}. The wait for outcomes is included.`,
        ]
      : []),
    ...(visitors
      ? [
          'A surface that most visitors see, such as similar products on product pages, judged by conversion: ' +
            'everyone who visits counts, not only who orders. An order history has no visits; were ' +
            `${percent(visitors.assumedConversion)} of visitors to order (an assumption, not a measurement), a rise ` +
            `of ${effect} would take ${count(visitors.customers)} visitors, ${duration(visitors.weeksToResult)}. ` +
            '--primary conversion with --baseline-rate works it out from the measured rate.',
        ]
      : []),
    'A proxy: the share of visitors who open a recommended product, or put one into the basket. It is far more ' +
      'frequent than orders, so it needs far fewer visitors; but it has to be logged first, and it shows that ' +
      'recommendations are used, not that they earn anything.',
    'A switch-back: the whole shop changes between control and treatment from day to day, in random order, and days ' +
      'are compared. It suits what acts within the day (baskets, conversion), not what takes weeks (repeat purchases).',
  ]
  return [paragraph('What is feasible in its place:'), list(proposals)]
}

function isInTime({ weeksToResult }: SamplePlan): boolean {
  return weeksToResult !== null && weeksToResult <= LONGEST_WEEKS
}
