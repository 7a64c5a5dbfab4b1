import { builder } from '../builder.ts'

export const Likeness = builder.enumType('Likeness', {
  description: 'What two products are compared by.',
  values: {
    CONTENT: { description: 'Content features: category, price, measures, attributes.' },
    CO_PURCHASE: { description: 'The customers who bought them; those who share none are not compared.' },
    FACTORS: { description: 'The factors that were learnt from who bought what.' },
  } as const,
})
