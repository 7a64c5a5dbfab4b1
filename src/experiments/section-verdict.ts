/** The verdict, and what follows from it. */
import type { Block } from '../documents/block.ts'
import { list, paragraph } from '../documents/block.ts'
import type { ExperimentDesign } from './experiment-design.ts'
import { METRIC_NAMES } from './primary-metric.ts'
import { LONGEST_WEEKS } from './request.ts'
import type { SamplePlan } from './sample-plan.ts'
import { count, duration, enumeration, inUnit, peopleOf, percent, shownText, weeksText } from './wording.ts'

/** A rise above this, a doubling, is not offered as something to plan on. */
const LARGEST_OFFERED = 1

/** One answer: whether this shop can make the test, what it takes, and what the plan shows. */
export function verdictText({ request, metric, verdict }: ExperimentDesign): string[] {
  const { minimumEffect, power, primary, weeks } = request
  const { asked, planned, longest, outcome } = verdict
  const people = peopleOf(primary)
  const effect = `a rise of ${percent(minimumEffect)}`
  const levels = `${inUnit(metric.value, metric.kind)} to ${inUnit(metric.value * (1 + minimumEffect), metric.kind)}`
  const what = `${effect} in ${METRIC_NAMES[primary]} (${levels}, with a power of ${percent(power)})`
  const takes = `It takes ${count(asked.customers)} ${people}`
  const planShows =
    `${weeksText(planned.weeks)} of intake, with the result after ${weeksText(planned.weeksToResult)}, show ` +
    shownText(planned.smallestEffect)
  switch (outcome) {
    case 'yes':
      return [
        `Yes: this shop can show ${what}.`,
        `${takes}, who come in ${duration(asked.weeks)}; the result is known ${duration(asked.weeksToResult)} after the start.`,
        ...(planned.weeks === asked.weeks ? [] : [`The plan below is longer, as asked for: ${planShows}.`]),
      ]
    case 'longer':
      return [
        `Not in ${weeksText(weeks!)} of intake: this shop can show ${what}, but in ${duration(asked.weeks)} of intake.`,
        `${takes}; the result would be known ${duration(asked.weeksToResult)} after the start.`,
        `The ${planShows}.`,
      ]
    case 'no':
      return [
        `No: this shop cannot show ${what} within ${LONGEST_WEEKS} weeks, the longest that a test should take.`,
        `${takes}; ${count(longest.customers)} come in the ${weeksText(longest.weeks)} of intake that fit.`,
        ...(weeks === undefined || weeks === longest.weeks ? [] : [`The ${planShows}.`]),
      ]
  }
}

/** What to do after the verdict. Nothing that takes longer than `LONGEST_WEEKS` is offered. */
export function consequences(design: ExperimentDesign): Block[] {
  switch (design.verdict.outcome) {
    case 'yes':
      return [list(steps(design))]
    case 'longer':
      return [
        list([
          `Let customers enter for ${duration(design.verdict.asked.weeks)}, or plan on the larger rise and take a ` +
            'smaller one for not shown.',
          ...steps(design),
        ]),
      ]
    case 'no':
      return insteadOf(design)
  }
}

/** How to make the test that is described. */
function steps({ verdict, guardrails, request }: ExperimentDesign): string[] {
  const unmeasured = guardrails.flatMap(({ name, baseline }) => (baseline === null ? [name] : []))
  const blind = guardrails.flatMap(({ name, baseline }) =>
    baseline?.power != null && baseline.power < request.power ? [name] : [],
  )
  const { weeks, weeksToResult } = verdict.planned
  return [
    'Before the start: agree on the margins of the guardrails, freeze the arms, and log who was shown what.' +
      (unmeasured.length > 0
        ? ` Measure what the order history does not hold: ${enumeration(unmeasured)}.`
        : ''),
    `Let ${peopleOf(request.primary)} enter for ${weeksText(weeks)}, and check the sizes of the arms every week.`,
    `Read the result once, ${weeksText(weeksToResult)} after the start.`,
    ...(blind.length > 0
      ? [
          `Watch ${enumeration(blind)} all the same: this test is too small to see ${blind.length === 1 ? 'it' : 'them'} ` +
            'get worse by the margin.',
        ]
      : []),
  ]
}

function insteadOf({ request, verdict }: ExperimentDesign): Block[] {
  const { longest, otherMetrics, visitors } = verdict
  const effect = percent(request.minimumEffect)
  const inTime = otherMetrics.filter(isInTime)
  const { smallestEffect } = longest
  const feasible = [
    ...inTime.map(
      ({ metric, customers, weeksToResult }) =>
        `The same rise of ${effect} in ${METRIC_NAMES[metric]}: ${count(customers)} customers, the result after ` +
        `${duration(weeksToResult)}.`,
    ),
    ...(visitors && isInTime(visitors)
      ? [
          'A surface that most visitors see, such as similar products on product pages, judged by conversion: ' +
            'everyone who visits counts, not only who orders. An order history has no visits; were ' +
            `${percent(visitors.assumedConversion)} of visitors to order (an assumption, not a measurement), a rise ` +
            `of ${effect} would take ${count(visitors.customers)} visitors, the result after ` +
            `${duration(visitors.weeksToResult)}. Measure conversion first, and design that test with the measured rate.`,
        ]
      : []),
    ...(smallestEffect !== null && smallestEffect <= LARGEST_OFFERED
      ? [
          `A larger effect: ${weeksText(longest.weeks)} of intake show ${shownText(smallestEffect)}, the result after ` +
            `${weeksText(longest.weeksToResult)}. Only where a rise of this size can be believed in; the sections ` +
            'below describe this test.',
        ]
      : []),
  ]
  const none = `Do not start this test. No metric of this order history shows a rise of ${effect} within ${LONGEST_WEEKS} weeks.`
  return [
    ...(feasible.length > 0
      ? [
          paragraph(
            inTime.length > 0 ? 'Do not start this test.' : none,
            `What this shop can test within ${LONGEST_WEEKS} weeks:`,
          ),
          list(feasible),
        ]
      : [paragraph(none)]),
    paragraph('What an order history cannot tell the length of, and may be shorter:'),
    list([
      'A proxy: the share of visitors who open a recommended product, or put one into the basket. It is far more ' +
        'frequent than orders, so it needs far fewer visitors; but it has to be logged first, and it shows that ' +
        'recommendations are used, not that they earn anything.',
      'A switch-back: the whole shop changes between control and treatment from day to day, in random order, and days ' +
        'are compared. It suits what acts within the day (baskets, conversion), not what takes weeks (repeat purchases).',
    ]),
  ]
}

function isInTime({ weeksToResult }: SamplePlan): boolean {
  return weeksToResult !== null && weeksToResult <= LONGEST_WEEKS
}
