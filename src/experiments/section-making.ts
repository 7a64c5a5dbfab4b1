import type { Block } from '../documents/block.ts'
import { list, paragraph, table } from '../documents/block.ts'
import type { ExperimentDesign } from './experiment-design.ts'
import { METRIC_NAMES } from './primary-metric.ts'
import { count, hundredfold, percent, weeksText } from './wording.ts'

/** From what data, with which settings and by which formulas. */
export function makingSection({ request, data, arms }: ExperimentDesign): Block[] {
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
        ['smallest rise worth knowing of', percent(minimumEffect)],
        ['power', percent(power)],
        ['alpha', String(alpha)],
        ['split', split.map((share, arm) => `${arms[arm].name} ${hundredfold(share)} %`).join(', ')],
        [
          'weeks of intake',
          weeks === undefined ? 'as many as are needed and fit' : `${weeksText(weeks)}, as given`,
        ],
        ['window of outcomes', weeksText(primary === 'conversion' ? 1 : window)],
        ['salt', salt],
      ],
    ),
    list([
      'Two proportions: Fleiss, Levin & Paik 2003, Statistical Methods for Rates and Proportions, chapter 4, the ' +
        'variance pooled where there is no difference; no continuity correction. Means: the normal approximation.',
      'Ratios of sums over customers: the delta method (Deng, Knoblich & Lu 2018, arXiv:1803.06336).',
      'Several arms: each is compared with the control at alpha over the number of comparisons, the first step of ' +
        'Holm 1979.',
      'Non-inferiority: one-sided at alpha / 2, equality taken for true (Chow, Shao & Wang 2008, Sample Size ' +
        'Calculations in Clinical Research, section 3.2).',
      'CUPED: Deng, Xu, Kohavi & Walker 2013, doi:10.1145/2433396.2433413.',
      'Intervals hold 95 %: of proportions Wilson’s, of means and slopes Student’s.',
    ]),
  ]
}
