import { builder } from '../builder.ts'

export const EvaluationTask = builder.enumType('EvaluationTask', {
  description: 'What counted as found.',
  values: {
    DISCOVERY: {
      value: 'discovery',
      description: 'Only what the customer had not bought before, which was all that lists could hold.',
    },
    NEXT_ORDER: {
      value: 'next-order',
      description: 'Anything, bought before or not, as with `includePurchased`.',
    },
  } as const,
})
