import { builder } from '../builder.ts'

export const Strategy = builder.enumType('Strategy', {
  description: 'How a list of recommendations was made.',
  values: {
    HYBRID: { description: 'Several sources of evidence were blended into one score.' },
    COLLABORATIVE: {
      description: 'By what customers with similar histories bought; no other source was computable.',
    },
    CONTENT: { description: 'By likeness to what was bought; no other source was computable.' },
    POPULARITY: { description: 'By how much of each product was sold: there is no history to go by.' },
  } as const,
})
