import { builder } from '../builder.ts'

export const DecisiveOutcome = builder.enumType('DecisiveOutcome', {
  description: 'How the search for decisive purchases ended.',
  values: {
    FOUND: { description: 'There is such a set: this one.' },
    NONE: {
      description: 'There is no such set: the product would be among the first even without any purchase.',
    },
    UNDECIDED: { description: 'Too many sets would have to be tried; those that were tried are none.' },
  } as const,
})
