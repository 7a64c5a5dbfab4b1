import type { Block } from '../documents/block.ts'
import { paragraph, table } from '../documents/block.ts'
import { HISTORY_WEEKS } from './cohort.ts'
import type { ExperimentDesign } from './experiment-design.ts'
import { METRIC_NAMES } from './primary-metric.ts'
import { count, inUnit, percent, rounded, weeksText } from './wording.ts'

/** What is measured, over which time, and where it stands now. */
export function metricSection({ request, metric, data, sampleSize }: ExperimentDesign): Block[] {
  const { primary, window } = request
  const { measured, kind, value, variance } = metric
  const text = (amount: number) => inUnit(amount, kind)
  const facts = [
    ['definition', `${METRIC_NAMES[primary]}: ${metric.definition}`],
    ['unit of analysis', 'the customer, each once; outcomes of one customer are added up'],
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
        ? `Measured on ${count(measured.customers)} customers: everyone who ordered from ${measured.from} to ` +
            `${measured.to}, each from their first order in these weeks on. Only whole windows count: nobody's ends ` +
            `after ${data.to}, where the data's whole weeks end.`
        : 'The baseline was given, not measured: the variance is that of a share of this size.',
      primary === 'conversion' ? CONVERSION : undefined,
      sampleSize.cuped
        ? `Of these customers ${percent(sampleSize.cuped.withHistory)} had ordered in the ${HISTORY_WEEKS} weeks before.`
        : undefined,
      measured && measured.againWithinDay !== null
        ? `Of those who ordered again ${percent(measured.againWithinDay)} did so within a day: some of that is one ` +
            'basket in two orders.'
        : undefined,
      `Customers belong to the test from their first ${primary === 'conversion' ? 'visit' : 'order'} in it. Should the ` +
        'treatment change who comes at all, the arms differ in size, and the sample-ratio check tells.',
    ),
  ]
}

const CONVERSION =
  'An order history has no visits. The customers who order are taken for the given share of those who visit: there are ' +
  'as many times more visitors.'
