import type { Document } from '../documents/block.ts'
import { heading, note, paragraph } from '../documents/block.ts'
import type { ExperimentDesign } from './experiment-design.ts'
import { METRIC_NAMES } from './primary-metric.ts'
import { guardrailsSection } from './section-guardrails.ts'
import { armsSection, hypothesisSection } from './section-hypothesis.ts'
import { makingSection } from './section-making.ts'
import { metricSection } from './section-metric.ts'
import { randomisationSection } from './section-randomisation.ts'
import { effectCurve, sampleSizeSection } from './section-sample-size.ts'
import { consequences, verdictText } from './section-verdict.ts'

/** The design as a document: the verdict and its chart, what follows from it, the six questions, how it was made. */
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
