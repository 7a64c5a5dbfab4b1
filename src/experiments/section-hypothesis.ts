import type { Block } from '../documents/block.ts'
import { list, paragraph, table } from '../documents/block.ts'
import type { ExperimentDesign, OfflineEvidence } from './experiment-design.ts'
import { METRIC_NAMES } from './primary-metric.ts'
import { hundredfold, inUnit, percent, shownText } from './wording.ts'

/** Which behaviour should move, by how much, and what speaks for it. */
export function hypothesisSection({ request, metric, arms, evidence, verdict }: ExperimentDesign): Block[] {
  const [control, ...treatments] = arms
  const rise = inUnit(metric.value * (1 + request.minimumEffect), metric.kind)
  return [
    paragraph(
      `Customers who see ${treatments.map(({ sees }) => sees).join(', or ')} have a ${METRIC_NAMES[request.primary]} higher by ` +
        `${percent(request.minimumEffect)} or more than those who see ${control.sees}: ${rise} in place of ` +
        `${inUnit(metric.value, metric.kind)} (${metric.unit}).`,
      'The null hypothesis is that there is no difference. The test is two-sided, so that harm is noticed, too.',
      verdict.outcome === 'yes'
        ? undefined
        : `The test described here cannot decide this: it shows ${shownText(verdict.planned.smallestEffect)}.`,
    ),
    ...(evidence ? evidenceBlocks(evidence) : [NO_EVIDENCE]),
  ]
}

const NO_EVIDENCE = paragraph(
  'No offline evaluation was given with this design, so nothing but the idea speaks for the treatment yet.',
)

function evidenceBlocks({ procedure, measure, systems, notes }: OfflineEvidence): Block[] {
  return [
    paragraph(
      `Offline evidence: ${procedure}.`,
      'It says that lists hold what customers went on to buy anyway; whether showing them changes what is bought is ' +
        'what the test is for.',
      ...notes,
    ),
    table(
      'lrl',
      ['system', measure, 'beside the first'],
      systems.map(({ name, value, low, high, verdict }) => [
        name,
        `${value.toFixed(4)} (${low.toFixed(4)} – ${high.toFixed(4)})`,
        verdict,
      ]),
    ),
  ]
}

/** What each arm sees and where, and what all of them share. */
export function armsSection({ arms }: ExperimentDesign): Block[] {
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
    paragraph('What all arms share:'),
    list([
      'the place and the look of the lists, how many products they show, and what fills a list that came out short',
      'the catalogue, its prices and what is in stock; what must never be recommended is filtered in all of them',
      'the limit on latency, and the same page without lists where it is passed',
      'the log: customer, arm, surface, products shown and the time, written whenever a list is shown',
    ]),
  ]
}
