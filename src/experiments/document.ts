import type { Document, Block } from '../documents/block.ts'
import { heading, note, paragraph, list, table } from '../documents/block.ts'
import { HISTORY_WEEKS } from './cohort.ts'
import type { ExperimentDesign, OfflineEvidence } from './experiment-design.ts'
import type { Guardrail, GuardrailBaseline } from './guardrails.ts'
import { METRIC_NAMES } from './metric-definitions.ts'
import { LONGEST_WEEKS } from './request.ts'
import type { SamplePlan } from './sample-plan.ts'
import {
  count,
  duration,
  enumeration,
  inUnit,
  peopleOf,
  percent,
  shownText,
  weeksText,
  hundredfold,
  rounded,
  percentUp,
  probability,
} from './wording.ts'

/** The design as a document: the verdict with a chart, what to do, six sections, and how the design was made. */
export function designDocument(design: ExperimentDesign): Document {
  return {
    title: `A/B test design: ${METRIC_NAMES[design.request.primary]}`,
    blocks: [
      paragraph(...verdictText(design)),
      ...effectCurve(design),
      ...design.request.notes.map(note),
      heading('What follows'),
      ...consequences(design),
      heading('1. Hypothesis'),
      ...hypothesisSection(design),
      heading('2. Control and treatment'),
      ...armsSection(design),
      heading('3. Randomisation'),
      ...randomisationSection(design),
      heading('4. Primary metric'),
      ...metricSection(design),
      heading('5. Sample size and duration'),
      ...sampleSizeSection(design),
      heading('6. Guardrails'),
      ...guardrailsSection(design),
      heading('How it was made'),
      ...makingSection(design),
    ],
  }
}

/** The verdict, and what to do. */

/** A rise above this, a doubling, is not proposed as a plan. */
const LARGEST_OFFERED = 1

/** Whether this shop can make the test, what it needs, and what the plan shows. */
export function verdictText({ request, metric, verdict }: ExperimentDesign): string[] {
  const { minimumEffect, power, primary, weeks } = request
  const { asked, planned, longest, outcome } = verdict
  const people = peopleOf(primary)
  const effect = `a rise of ${percent(minimumEffect)}`
  const levels = `${inUnit(metric.value, metric.kind)} to ${inUnit(metric.value * (1 + minimumEffect), metric.kind)}`
  const what = `${effect} in ${METRIC_NAMES[primary]} (${levels}, with a power of ${percent(power)})`
  const takes = `It needs ${count(asked.customers)} ${people}`
  const planShows =
    `${weeksText(planned.weeks)} of intake, with the result after ${weeksText(planned.weeksToResult)}, show ` +
    shownText(planned.smallestEffect)
  switch (outcome) {
    case 'yes':
      return [
        `Yes: this shop can show ${what}.`,
        `${takes}, who come within ${duration(asked.weeks)}; the result is known ${duration(asked.weeksToResult)} after the start.`,
        ...(planned.weeks === asked.weeks
          ? []
          : [
              `The ${planShows}${planned.weeksToResult > LONGEST_WEEKS ? `: longer than the ${LONGEST_WEEKS} weeks that a test should take` : ''}.`,
            ]),
      ]
    case 'longer':
      return [
        `Not in ${weeksText(weeks!)} of intake: to show ${what}, this shop needs ${duration(asked.weeks)} of intake.`,
        `${takes}; the result would be known ${duration(asked.weeksToResult)} after the start.`,
        `The ${planShows}.`,
      ]
    case 'no':
      return [
        `No: this shop cannot show ${what} within ${LONGEST_WEEKS} weeks, the longest that a test should take.`,
        `${takes}, but only ${count(longest.customers)} come in the ${weeksText(longest.weeks)} of intake that fit.`,
        ...(planned.weeks === longest.weeks
          ? []
          : [`The ${planShows}; the sections below describe that test.`]),
      ]
  }
}

/** What to do after the verdict. Nothing that takes longer than `LONGEST_WEEKS` is proposed. */
function consequences(design: ExperimentDesign): Block[] {
  switch (design.verdict.outcome) {
    case 'yes':
      return [list(steps(design))]
    case 'longer':
      return moreWeeks(design)
    case 'no':
      return insteadOf(design)
  }
}

/** The alternatives if the weeks of intake asked for are too few. */
function moreWeeks({ request, verdict }: ExperimentDesign): Block[] {
  const { asked, planned } = verdict
  return [
    paragraph('Do not start this test with these weeks of intake. What this shop can test:'),
    list([
      `The same rise of ${percent(request.minimumEffect)}, in ${duration(asked.weeks)} of intake: the result after ` +
        `${duration(asked.weeksToResult)}.`,
      ...(planned.smallestEffect !== null && planned.smallestEffect <= LARGEST_OFFERED
        ? [
            `A larger effect, in the ${weeksText(planned.weeks)} asked for: ${shownText(planned.smallestEffect)}, the ` +
              `result after ${weeksText(planned.weeksToResult)}. Only if a rise of this size is plausible; the sections ` +
              'below describe this test.',
          ]
        : []),
    ]),
  ]
}

/** How to make the requested test, within `LONGEST_WEEKS`. */
function steps({ verdict, guardrails, request }: ExperimentDesign): string[] {
  const unmeasured = guardrails.flatMap(({ name, baseline }) => (baseline === null ? [name] : []))
  const blind = guardrails.flatMap(({ name, baseline }) =>
    baseline?.power != null && baseline.power < request.power ? [name] : [],
  )
  const { asked, planned } = verdict
  const isTooLong = planned.weeksToResult > LONGEST_WEEKS
  const weeks = isTooLong ? asked.weeks! : planned.weeks
  const weeksToResult = isTooLong ? asked.weeksToResult! : planned.weeksToResult
  return [
    'Before the start: agree on the margins of the guardrails, freeze the arms, and log what each customer is shown.' +
      (unmeasured.length > 0
        ? ` Measure what the order history does not hold: ${enumeration(unmeasured)}.`
        : ''),
    `Let ${peopleOf(request.primary)} enter for ${weeksText(weeks)}, and check the sizes of the arms every week.`,
    `Read the result once, ${weeksText(weeksToResult)} after the start.`,
    ...(blind.length > 0
      ? [
          `Also watch ${enumeration(blind)}: this test is too small to detect a change for the worse by the margin.`,
        ]
      : []),
  ]
}

function insteadOf({ request, verdict }: ExperimentDesign): Block[] {
  const { longest, planned, otherMetrics, visitors } = verdict
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
          'A surface that most visitors see, such as similar products on product pages, judged by conversion: all ' +
            'visitors count, not only those who order. An order history has no visits. If ' +
            `${percent(visitors.assumedConversion)} of visitors order (an assumption, not a measurement), a rise of ` +
            `${effect} needs ${count(visitors.customers)} visitors, the result after ` +
            `${duration(visitors.weeksToResult)}. Measure conversion first, and design that test with the measured rate.`,
        ]
      : []),
    ...(smallestEffect !== null && smallestEffect <= LARGEST_OFFERED
      ? [
          `A larger effect: ${weeksText(longest.weeks)} of intake show ${shownText(smallestEffect)}, the result after ` +
            `${weeksText(longest.weeksToResult)}. Only if a rise of this size is plausible` +
            (planned.weeks === longest.weeks ? '; the sections below describe this test.' : '.'),
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
    paragraph('Other tests, which may be shorter, but whose length an order history cannot tell:'),
    list([
      'A proxy metric: the share of visitors who open a recommended product, or put one into the basket. This happens ' +
        'far more often than an order, so it needs far fewer visitors. But it has to be logged first, and it shows that ' +
        'recommendations are used, not that they increase sales.',
      'A switchback test: the whole shop changes between control and treatment from day to day, in random order, and ' +
        'days are compared. It suits effects within a day (baskets, conversion), not effects that take weeks (repeat ' +
        'purchases).',
    ]),
  ]
}

function isInTime({ weeksToResult }: SamplePlan): boolean {
  return weeksToResult !== null && weeksToResult <= LONGEST_WEEKS
}

/** The expected effect, and the evidence for it. */
function hypothesisSection({ request, metric, arms, evidence, verdict }: ExperimentDesign): Block[] {
  const [control, ...treatments] = arms
  const rise = inUnit(metric.value * (1 + request.minimumEffect), metric.kind)
  return [
    paragraph(
      `Customers who see ${treatments.map(({ sees }) => sees).join(', or ')} have a ${METRIC_NAMES[request.primary]} that is ` +
        `higher by ${percent(request.minimumEffect)} or more than that of those who see ${control.sees}: ${rise} instead of ` +
        `${inUnit(metric.value, metric.kind)} (${metric.unit}).`,
      'The null hypothesis is that there is no difference. The test is two-sided, so that it also detects harm.',
      verdict.outcome === 'yes'
        ? undefined
        : `The test described here cannot decide this: it shows ${shownText(verdict.planned.smallestEffect)}.`,
    ),
    ...(evidence ? evidenceBlocks(evidence) : [NO_EVIDENCE]),
  ]
}

const NO_EVIDENCE = paragraph(
  'No offline evaluation was given, so there is no evidence for the treatment yet.',
)

function evidenceBlocks({ procedure, measure, systems, notes }: OfflineEvidence): Block[] {
  return [
    paragraph(
      `Offline evidence: ${procedure}.`,
      'It shows that the lists hold products that customers later bought anyway. Whether showing the lists changes what ' +
        'customers buy is what the test is for.',
      ...notes,
    ),
    table(
      'lrl',
      ['system', measure, 'compared with the first'],
      systems.map(({ name, value, low, high, verdict }) => [
        name,
        `${value.toFixed(4)} (${low.toFixed(4)} – ${high.toFixed(4)})`,
        verdict,
      ]),
    ),
  ]
}

/** What each arm sees and where, and what is the same in all arms. */
function armsSection({ arms }: ExperimentDesign): Block[] {
  return [
    table(
      'lrl',
      ['arm', 'share', 'sees'],
      arms.map(({ name, share, sees }) => [name, `${hundredfold(share)} %`, sees]),
    ),
    paragraph('Surfaces, the same in every arm:'),
    list([
      'home page, signed in: a list for the customer',
      'product page: similar products',
      'basket: what goes with it',
    ]),
    paragraph('The same in every arm:'),
    list([
      'the place and the look of the lists, the number of products in them, and the products that fill a short list',
      'the catalogue, its prices and its stock; products that must not be recommended are filtered in every arm',
      'the limit on latency, and the page without lists that is shown if the limit is exceeded',
      'the log: customer, arm, surface, products shown and time, written whenever a list is shown',
    ]),
  ]
}

/** The definition of the metric, its window and its baseline. */
function metricSection({ request, metric, data, sampleSize }: ExperimentDesign): Block[] {
  const { primary, window } = request
  const { measured, kind, value, variance } = metric
  const text = (amount: number) => inUnit(amount, kind)
  const facts = [
    ['definition', `${METRIC_NAMES[primary]}: ${metric.definition}`],
    ['unit of analysis', 'the customer; all outcomes of one customer are added up'],
    [
      'window',
      primary === 'conversion' ? '1 week from the first visit' : `${weeksText(window)} from the first order`,
    ],
    [
      'baseline',
      measured
        ? `${text(value)} (${text(measured.low)} – ${text(measured.high)})`
        : `${text(value)}, as given`,
    ],
    ['variance of one customer', `${rounded(variance)} (standard deviation ${rounded(Math.sqrt(variance))})`],
    ['measured in', metric.unit],
  ]
  return [
    table('ll', ['', ''], facts),
    paragraph(
      measured
        ? `Measured on ${count(measured.customers)} customers: all who ordered from ${measured.from} to ${measured.to}, ` +
            'each from the first order in these weeks on. Only complete windows count: none ends after ' +
            `${data.to}, the end of the data's whole weeks.`
        : 'The baseline was given, not measured: the variance is that of a proportion of this size.',
      primary === 'conversion' ? CONVERSION : undefined,
      sampleSize.cuped
        ? `${percent(sampleSize.cuped.withHistory)} of these customers had ordered in the ${HISTORY_WEEKS} weeks before.`
        : undefined,
      measured && measured.againWithinDay !== null
        ? `${percent(measured.againWithinDay)} of those who ordered again did so within a day: some of these are one ` +
            'basket in two orders.'
        : undefined,
      `Customers are in the test from their first ${primary === 'conversion' ? 'visit' : 'order'} on. If the treatment ` +
        'changes how many come at all, the arms differ in size, and the sample-ratio check detects it.',
    ),
  ]
}

const CONVERSION =
  'An order history has no visits. The number of visitors is computed from the customers who order, by the given rate.'

/** How many customers and weeks are needed, and what fewer would show. */
function sampleSizeSection(design: ExperimentDesign): Block[] {
  const { request, arms, verdict, sampleSize } = design
  const { asked } = verdict
  const people = peopleOf(request.primary)
  const byArm = arms.map(({ name }, arm) => `${count(asked.byArm[arm])} in ${name}`)
  const comparisons = arms.length - 1
  return [
    paragraph(
      `A rise of ${percent(request.minimumEffect)} needs ${count(asked.customers)} ${people}: ${enumeration(byArm)} ` +
        `(two-sided, alpha ${request.alpha}, power ${request.power}).`,
      ...(comparisons > 1
        ? [
            `${comparisons} treatments are compared with the control, each at alpha ${rounded(sampleSize.alphaPerComparison)}: ` +
              "with Holm's correction the plan is valid whichever treatment works.",
          ]
        : []),
      'Look at the result once, at the end: a test that is stopped on its first significant day often shows a difference ' +
        'where there is none.',
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
    ...metricsInstead(design),
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
    'A customer who comes back during the test is counted once; how soon customers come back is measured in the same weeks.',
    ...(trend
      ? [
          `Over all ${data.weeks} whole weeks (${data.from} to ${data.to}) the trend is ${signed(trend.slope / whole)} of that ` +
            `per week (${signed(trend.low / whole)} to ${signed(trend.high / whole)}); the plan ignores it.`,
        ]
      : []),
    `Left out: ${count(before)} orders before these weeks and ${count(after)} after them (first and last weeks of the ` +
      'data, and weeks with less than a quarter of the median week), ' +
      `${count(withoutTime)} of unknown time.`,
  ]
}

/** The smallest rise shown, by the weeks until the result. */
function effectCurve({ request, sampleSize }: ExperimentDesign): Block[] {
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
function metricsInstead({ request, verdict }: ExperimentDesign): Block[] {
  const { otherMetrics: others, visitors } = verdict
  const rows = others.map(({ metric, customers, weeksToResult }) => [
    METRIC_NAMES[metric],
    `${count(customers)} customers`,
    duration(weeksToResult),
  ])
  const assumed = visitors && [
    `conversion, if it is ${percent(visitors.assumedConversion)} (an assumption)`,
    `${count(visitors.customers)} visitors`,
    duration(visitors.weeksToResult),
  ]
  const all = assumed ? [...rows, assumed] : rows
  if (all.length === 0) return []
  return [
    paragraph(
      `A rise of ${percent(request.minimumEffect)} in other metrics, including the time until outcomes are known; a test ` +
        `should not take longer than ${LONGEST_WEEKS} weeks:`,
    ),
    table('lrr', ['metric', 'needs', 'result after'], all),
  ]
}

function cupedText({ request, sampleSize, verdict }: ExperimentDesign): string[] {
  const { cuped } = sampleSize
  if (cuped === null) return ['CUPED: its saving cannot be measured, because the metric is not in the data.']
  const { covariate, withHistory, saving, correlation, asked } = cuped
  return [
    `CUPED, by ${covariate} of the ${HISTORY_WEEKS} weeks before: the correlation with the ${METRIC_NAMES[request.primary]} is ` +
      `${rounded(correlation, 3)}, so adjusting for it saves ${percent(saving, 2)} of the customers: ` +
      `${count(asked.customers)} instead of ${count(verdict.asked.customers)}.`,
    ...(saving < 0.01
      ? [
          withHistory < 0.1
            ? `That is almost nothing, because ${percent(1 - withHistory)} of the customers had not ordered in these weeks.`
            : 'That is almost nothing: earlier behaviour predicts this metric poorly.',
        ]
      : []),
  ]
}

function signed(part: number): string {
  return part > 0 ? `+${percent(part, 2)}` : percent(part, 2)
}

/** Standardised differences below this count as balanced (Austin 2009). */
const BALANCED = 0.1

/** How customers are assigned, how past customers would have been, and whether that is fair. */
function randomisationSection({ request, arms, randomisation }: ExperimentDesign): Block[] {
  const { balance, replays } = randomisation
  const names = arms.map(({ name }) => name)
  const worst = Math.max(
    0,
    ...balance.differences.flatMap(({ byArm }) => byArm.map((difference) => Math.abs(difference ?? 0))),
  )
  return [
    paragraph(
      'The unit is the customer: a person is in one arm, on every visit and every device where they are signed in.',
      `The arm follows from SHA-256 of the salt ${request.salt} and the customer's id, read as a number from 0 to 1.`,
      'Customers known at the start are assigned within their segment, in the order of that number, so ' +
        'that every arm gets its share of each segment. Later customers are assigned by the number alone.',
      'The arms must be frozen at the start, and the salt must not be used for another experiment.',
    ),
    paragraph('The balance of this salt on the customers of the past:'),
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
        ? `All standardised differences are below ${BALANCED}, which counts as balanced.`
        : `The largest standardised difference is ${rounded(worst, 2)}. Only below ${BALANCED} counts as balanced: choose another salt before the start, not after it.`,
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
      ? `The interval contains the ${percent(alpha)} that chance alone gives: the assignment is fair, and the variance is correct.`
      : high < alpha
        ? `That is below the ${percent(alpha)} of chance alone: the test errs on the safe side. This happens if segments ` +
          'predict the metric well, or if it is too rare to be normal.'
        : `That is above the ${percent(alpha)} of chance alone: do not start before you have found the reason.`
  return (
    `A/A replays: ${count(customers)} customers of the past were assigned by ${count(replays)} salts, all arms were treated ` +
    `the same, and the ${METRIC_NAMES[metric]} was compared. ${count(significant)} replays were significant, ${range}. ${conclusion}`
  )
}

function sampleRatioText(
  { customers, chiSquare, p }: ExperimentDesign['randomisation']['balance']['sampleRatio'],
  names: readonly string[],
): string {
  const counts = names.map((name, arm) => `${count(customers[arm])} in ${name}`)
  return (
    `Sample-ratio check: by the number alone, as if all customers were new, there would have been ${enumeration(counts)}: ` +
    `chi-square ${rounded(chiSquare, 3)}, p ${probability(p)}. Make the same check on the customers of the running ` +
    'test; if p is below 0.001, customers of one arm are being lost, and the result is not valid.'
  )
}

/** What must not get worse, and whether the test would detect it. */
function guardrailsSection({ request, verdict, guardrails }: ExperimentDesign): Block[] {
  return [
    paragraph(
      'For each it has to be shown that the treatment is not worse than the control by the margin (non-inferiority, ' +
        `one-sided at alpha / 2), with the customers who order in ${weeksText(verdict.planned.weeks)} of intake. The ` +
        'margins are proposals: the shop decides before the start how much it accepts.',
    ),
    table(
      'lllll',
      ['guardrail', 'baseline', 'may be worse by', 'power at that margin', 'would the test detect a breach?'],
      guardrails.map((guardrail) => [
        guardrail.name,
        baselineText(guardrail),
        `${guardrail.allowed} (${guardrail.worse} is worse)`,
        powerText(guardrail.baseline),
        guardrailConclusion(guardrail.baseline, request.power),
      ]),
    ),
    paragraph(...guardrails.map(({ name, definition }) => `${capital(name)}: ${definition}.`)),
  ]
}

function baselineText({ unit, baseline }: Guardrail): string {
  if (baseline === null) return 'not in the data: measure it before the start'
  const text = (value: number) => inUnit(value, unit === 'share' ? 'proportion' : 'mean', 3)
  if (baseline.power === null) return `${text(baseline.value)}: the data has no case`
  return `${text(baseline.value)} (${text(baseline.low)} – ${text(baseline.high)})`
}

function powerText(baseline: GuardrailBaseline | null): string {
  return baseline === null || baseline.power === null ? '–' : percent(baseline.power)
}

function guardrailConclusion(baseline: GuardrailBaseline | null, power: number): string {
  if (baseline === null) return 'unknown until it is measured'
  if (baseline.power === null || baseline.customersNeeded === null) return 'unknown: the data has no case'
  return baseline.power >= power
    ? 'yes'
    : `no: that needs ${count(baseline.customersNeeded)} customers; watch it anyway`
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1)
}

/** The data, the settings and the formulas. */
function makingSection({ request, data, arms }: ExperimentDesign): Block[] {
  const { primary, minimumEffect, power, alpha, split, window, weeks, baselineRate, salt } = request
  return [
    paragraph(
      `The data: ${count(data.orders)} orders of ${count(data.customers)} customers, of whom ` +
        `${percent(data.orderedOnce / data.customers)} ordered once (read as ${data.adapter}, SHA-256 ` +
        `${data.fingerprint.slice(0, 12)}…). The settings:`,
    ),
    table(
      'll',
      ['setting', 'value'],
      [
        ['primary metric', METRIC_NAMES[primary]],
        ['baseline', baselineRate === undefined ? 'measured' : `${percent(baselineRate)}, as given`],
        ['smallest rise worth detecting', percent(minimumEffect)],
        ['power', percent(power)],
        ['alpha', String(alpha)],
        ['split', split.map((share, arm) => `${arms[arm].name} ${hundredfold(share)} %`).join(', ')],
        [
          'weeks of intake',
          weeks === undefined ? 'as many as are needed, if they fit' : `${weeksText(weeks)}, as given`,
        ],
        ['window of outcomes', weeksText(primary === 'conversion' ? 1 : window)],
        ['salt', salt],
      ],
    ),
    list([
      'Two proportions: Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions, chapter 4, with the ' +
        'variance pooled under the null hypothesis; no continuity correction. Means: the normal approximation.',
      'Ratios of sums over customers: the delta method (Deng, Knoblich & Lu 2018, arXiv:1803.06336).',
      'Several arms: each is compared with the control at alpha over the number of comparisons, the first step of ' +
        'Holm 1979.',
      'Non-inferiority: one-sided at alpha / 2, assuming equality (Chow, Shao & Wang 2008, Sample Size Calculations in ' +
        'Clinical Research, section 3.2).',
      'CUPED: Deng, Xu, Kohavi & Walker 2013, doi:10.1145/2433396.2433413.',
      'Intervals are 95 % intervals: Wilson’s for proportions, Student’s for means and slopes.',
    ]),
  ]
}
