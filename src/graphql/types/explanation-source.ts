import { builder } from '../builder.ts'

export const ExplanationSource = builder.enumType('ExplanationSource', {
  description: 'Who wrote an explanation.',
  values: {
    LLM: {
      description:
        "A language model, by choosing among the shop's own clauses, each of which states evidence.",
    },
    LLM_UNVERIFIED: {
      description:
        'A language model, in words of its own that nothing holds to the evidence: they may be wrong. Only where the ' +
        'shop has switched this on.',
    },
    TEMPLATE: { description: 'A fixed wording, filled in from the evidence.' },
  } as const,
})
