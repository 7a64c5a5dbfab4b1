import { builder } from '../builder.ts'

export const ExplanationSource = builder.enumType('ExplanationSource', {
  description: 'Who wrote an explanation.',
  values: {
    LLM: { description: 'A language model, held to the evidence.' },
    TEMPLATE: { description: 'A fixed wording, filled in from the evidence.' },
  } as const,
})
