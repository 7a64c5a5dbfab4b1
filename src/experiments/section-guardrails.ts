import type { Block } from '../documents/block.ts'
import { paragraph, table } from '../documents/block.ts'
import type { ExperimentDesign } from './experiment-design.ts'
import type { Guardrail, GuardrailBaseline } from './guardrails.ts'
import { count, inUnit, percent, weeksText } from './wording.ts'

/** What must not get worse, and whether the test would notice. */
export function guardrailsSection({ request, verdict, guardrails }: ExperimentDesign): Block[] {
  return [
    paragraph(
      'Each has to be shown not to be worse than the control by its margin (non-inferiority, one-sided at alpha / 2), ' +
        `with the customers who order in ${weeksText(verdict.planned.weeks)} of intake. The margins are proposals: ` +
        'the shop decides what it can bear, before the start.',
    ),
    table(
      'lllll',
      ['guardrail', 'baseline', 'may be worse by', 'power at that margin', 'would the test see a breach?'],
      guardrails.map((guardrail) => [
        guardrail.name,
        baselineText(guardrail),
        `${guardrail.allowed} (${guardrail.worse} is worse)`,
        powerText(guardrail.baseline),
        conclusion(guardrail.baseline, request.power),
      ]),
    ),
    paragraph(...guardrails.map(({ name, definition }) => `${capital(name)}: ${definition}.`)),
  ]
}

function baselineText({ unit, baseline }: Guardrail): string {
  if (baseline === null) return 'not in the data: measure it before the start'
  const text = (value: number) => inUnit(value, unit === 'share' ? 'proportion' : 'mean', 3)
  if (baseline.power === null) return `${text(baseline.value)}: no case was seen`
  return `${text(baseline.value)} (${text(baseline.low)} – ${text(baseline.high)})`
}

function powerText(baseline: GuardrailBaseline | null): string {
  return baseline === null || baseline.power === null ? '–' : percent(baseline.power)
}

function conclusion(baseline: GuardrailBaseline | null, power: number): string {
  if (baseline === null) return 'cannot be said before it is measured'
  if (baseline.power === null || baseline.customersNeeded === null) {
    return 'cannot be said: no case was seen'
  }
  return baseline.power >= power
    ? 'yes'
    : `no: it would take ${count(baseline.customersNeeded)} customers; watch it all the same`
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1)
}
