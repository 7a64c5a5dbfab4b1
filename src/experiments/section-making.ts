import type { Block } from '../documents/block.ts'
import { list, paragraph } from '../documents/block.ts'
import type { ExperimentDesign } from './experiment-design.ts'
import { count, hundredfold, percent } from './wording.ts'

/** From what, by which options and by which formulas. */
export function makingSection({ request, data }: ExperimentDesign): Block[] {
  const { primary, minimumEffect, power, alpha, split, window, weeks, baselineRate, salt } = request
  const options = [
    `--primary ${primary} --minimum-effect ${hundredfold(minimumEffect)}% --power ${power} --alpha ${alpha}`,
    `--split ${split.map(hundredfold).join('/')} --window ${window} --control ${request.control}`,
    `--treatments ${request.treatments.join(',')} --salt ${salt}`,
    weeks === undefined ? undefined : `--weeks ${weeks}`,
    baselineRate === undefined ? undefined : `--baseline-rate ${baselineRate}`,
  ]
  return [
    paragraph('rationale experiment design', ...options),
    paragraph(
      `The data: ${count(data.orders)} orders of ${count(data.customers)} customers, of whom ` +
        `${percent(data.orderedOnce / data.customers)} ordered once (adapter ${data.adapter}, SHA-256 ` +
        `${data.fingerprint.slice(0, 12)}…).`,
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
