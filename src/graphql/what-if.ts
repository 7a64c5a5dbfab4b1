import type { DecisivePurchases as Decisive } from '../engine/decisive-purchases.ts'
import { MOST_SETS } from '../engine/decisive-purchases.ts'
import { UnknownProductError, UnknownPurchaseError } from '../engine/errors.ts'
import type { Standing } from '../engine/what-if.ts'
import { withoutPurchases } from '../engine/what-if.ts'
import { builder } from './builder.ts'
import { InvalidInputError, badUserInput } from './errors.ts'
import { productIndices } from './global-ids.ts'
import { Purchase } from './customer.ts'
import { Recommendation, Strategy } from './recommendation.ts'

const WhatIf = builder.objectRef<Standing>('WhatIf').implement({
  description: 'Where a product would stand had some purchases not been made.',
  fields: (t) => ({
    rank: t.exposeInt('rank', {
      nullable: true,
      description:
        '1 for the best of all. Null where the list would not hold the product: where no source could score it, or beyond ' +
        'place 1,000 of a list with a ranking of its own.',
    }),
    score: t.exposeFloat('score', {
      nullable: true,
      description:
        'The hybrid score it would have. Sources are standardised for each history by itself, so that ranks tell more of ' +
        'a change than scores do. Null where the rank is.',
    }),
    strategy: t.expose('strategy', {
      type: Strategy,
      description:
        'How the list would be made: for a list of all sources POPULARITY where nothing that is left says anything.',
    }),
  }),
})

builder.objectField(Recommendation, 'whatIf', (t) =>
  t.field({
    type: WhatIf,
    description:
      'Where this product would stand had some purchases not been made. That is worked out and not estimated: the list ' +
      'is made again for the rest of the history, in which what is taken out may be recommended like anything not ' +
      'bought. The model stays as it was trained.',
    errors: {
      types: [UnknownProductError, UnknownPurchaseError, InvalidInputError],
      union: {
        name: 'WhatIfResult',
        description: 'Where a product would stand, or why that cannot be said.',
      },
    },
    args: {
      withoutPurchases: t.arg.idList({
        description:
          'The global ids of the products whose purchases are taken out, all of them bought before.',
      }),
    },
    resolve: ({ product, list }, { withoutPurchases: ids }, { recommender: { model }, loaders }) =>
      loaders.standings.load({
        product,
        list: withoutPurchases(model, list, productIndices(ids, 'withoutPurchases', model)),
      }),
  }),
)

const DecisiveOutcome = builder.enumType('DecisiveOutcome', {
  description: 'How the search for decisive purchases ended.',
  values: {
    FOUND: { description: 'There is such a set: this one.' },
    NONE: {
      description: 'There is no such set: the product would be among the first even without any purchase.',
    },
    UNDECIDED: { description: 'Too many sets would have to be tried; those that were tried are none.' },
  } as const,
})

/** Of how many places at most: the search makes a list of so many products for every set it tries. */
const MAX_PLACES = 10

const DecisivePurchases = builder.objectRef<Decisive>('DecisivePurchases').implement({
  description:
    'The smallest set of purchases that a place in a list depends on, or how far the search for it came.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: DecisiveOutcome, description: 'How the search ended.' }),
    purchases: t.expose('purchases', {
      type: [Purchase],
      description:
        'The set, the latest purchase first; of several as small, the one of the latest purchases. Empty where none ' +
        'was found, and where the product is not among the first as it is.',
    }),
    atLeast: t.exposeInt('atLeast', {
      nullable: true,
      description:
        'How many purchases it takes at least: no smaller set is one. Null where no set is one, however large.',
    }),
  }),
})

builder.objectField(Recommendation, 'decisivePurchases', (t) =>
  t.field({
    type: DecisivePurchases,
    description:
      'The smallest set of purchases without which this product would not be among the first. Exact: sets are tried in ' +
      `the order of their size, each as \`whatIf\` does; after ${MOST_SETS} of them, fewer where the history is long or the list arranged, the search is given up and says so.`,
    args: {
      first: t.arg.int({
        defaultValue: MAX_PLACES,
        description: `Among how many, 1 to ${MAX_PLACES}; anything else is an error.`,
      }),
    },
    resolve: ({ product, list }, { first }, { loaders }) => {
      if (first < 1 || first > MAX_PLACES) {
        throw badUserInput(`"first" is ${first}: ask for 1 to ${MAX_PLACES} places.`, 'first')
      }
      return loaders.decisivePurchases.load({ product, list, first })
    },
  }),
)
