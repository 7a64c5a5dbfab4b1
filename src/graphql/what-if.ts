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
  description: 'Where a product would rank without some of the purchases.',
  fields: (t) => ({
    rank: t.exposeInt('rank', {
      nullable: true,
      description:
        'Its place in the whole list; 1 is the best. Null if the list would not hold the product: because no ' +
        'source could score it, or because the request changes the ranking and the product falls below place ' +
        '1,000.',
    }),
    score: t.exposeFloat('score', {
      nullable: true,
      description:
        'The hybrid score it would have. Sources are standardised for each history separately: compare ranks, ' +
        'not scores. Null if the rank is null.',
    }),
    strategy: t.expose('strategy', {
      type: Strategy,
      description:
        'How the list would be made. POPULARITY if the list uses all sources and the rest of the history ' +
        'gives none of them a value.',
    }),
  }),
})

builder.objectField(Recommendation, 'whatIf', (t) =>
  t.field({
    type: WhatIf,
    description:
      'Where this product would rank without some of the purchases. Exact, not estimated: the list is made ' +
      'again for the rest of the history, and the products taken out may be recommended like any other. The ' +
      'model is not retrained.',
    errors: {
      types: [UnknownProductError, UnknownPurchaseError, InvalidInputError],
      union: {
        name: 'WhatIfResult',
        description: 'Where a product would rank, or why that cannot be computed.',
      },
    },
    args: {
      withoutPurchases: t.arg.idList({
        description:
          'The global ids of the products whose purchases are taken out. All must be in the history.',
      }),
    },
    resolve: async ({ product, list }, { withoutPurchases: ids }, { recommender, loaders }) => {
      const { model } = recommender
      const products = productIndices(ids, 'withoutPurchases', model)
      const histories = await recommender.historiesFor([list])
      return loaders.standings.load({ product, list: withoutPurchases(model, list, products, histories) })
    },
  }),
)

const DecisiveOutcome = builder.enumType('DecisiveOutcome', {
  description: 'How the search for decisive purchases ended.',
  values: {
    FOUND: { description: 'The smallest set was found.' },
    NONE: {
      description: 'No such set exists: the product would be among the first even without any purchase.',
    },
    UNDECIDED: {
      description: 'The search stopped: there are too many sets, and none of those tried was decisive.',
    },
  } as const,
})

/** The most places: for every set that it tries, the search makes a list of this length. */
const MAX_PLACES = 10

const DecisivePurchases = builder.objectRef<Decisive>('DecisivePurchases').implement({
  description: 'The smallest set of purchases that a place in a list depends on, or how far the search got.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: DecisiveOutcome, description: 'How the search ended.' }),
    purchases: t.expose('purchases', {
      type: [Purchase],
      description:
        'The set, latest purchase first. If several sets are equally small, the one with the latest ' +
        'purchases. Empty if none was found, or if the product is not among the first to begin with.',
    }),
    atLeast: t.exposeInt('atLeast', {
      nullable: true,
      description:
        'The smallest possible size of a decisive set, at least 1: no smaller set is decisive. Null if no set ' +
        'is.',
    }),
  }),
})

builder.objectField(Recommendation, 'decisivePurchases', (t) =>
  t.field({
    type: DecisivePurchases,
    description:
      'The smallest set of purchases without which this product would not be among the first. Exact: sets are ' +
      `tried in order of size, each as \`whatIf\` does. The search stops after ${MOST_SETS} sets, or fewer if ` +
      'the history is long or the request changes the ranking; the outcome is then UNDECIDED.',
    args: {
      first: t.arg.int({
        defaultValue: MAX_PLACES,
        description: `How many places count as the first, 1 to ${MAX_PLACES}; anything else is an error.`,
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
