import { builder } from '../builder.ts'

export const Strategy = builder.enumType('Strategy', {
  description: 'How a list of recommendations was made.',
  values: {
    HYBRID: { description: 'Several sources of evidence were blended into one score.' },
    COLLABORATIVE: {
      description: 'By what customers with similar histories bought; no other source was computable.',
    },
    CONTENT: {
      description:
        'By likeness to what was bought, or is looked at; no other source was asked, or computable.',
    },
    POPULARITY: { description: 'By how much of each product was sold; or there is no history to go by.' },
    SAME_ORDER: {
      description: 'By how often each product was bought in one order with those of the history.',
    },
    CO_PURCHASE: { description: 'By what customers bought who also bought something of the history.' },
    REPEAT: {
      description: 'By what was bought before, how often and how long before the moment asked about.',
    },
    TRENDING: { description: 'By what sold in the time before the moment that the list is for.' },
  } as const,
})
