import { builder } from '../builder.ts'

export const EvaluationProtocol = builder.enumType('EvaluationProtocol', {
  description: 'How the data was divided into what to learn from and what to find.',
  values: {
    TEMPORAL: {
      value: 'temporal',
      description:
        'At a moment: learnt was what had been bought before it, to be found what known customers bought from then on. ' +
        'The one that sees no future.',
    },
    LAST_ORDER: {
      value: 'last-order',
      description:
        "The last order of every customer with several was to be found; others' later purchases were learnt from.",
    },
    BASKET: {
      value: 'basket',
      description:
        'One product of each order with several was to be found by the others, its customer unknown.',
    },
    HOLD_OUT_USERS: {
      value: 'hold-out-users',
      description:
        'Customers that nothing was learnt from: a part of what each bought, chosen by chance, was to be found by the rest.',
    },
  } as const,
})
