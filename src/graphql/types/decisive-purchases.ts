import type { DecisivePurchases as Decisive } from '../../engine/decisive-purchases.ts'
import { MOST_SETS } from '../../engine/decisive-purchases.ts'
import { builder } from '../builder.ts'
import { badUserInput } from '../errors.ts'
import { DecisiveOutcome } from './decisive-outcome.ts'
import { Purchase } from './purchase.ts'
import { Recommendation } from './recommendation.ts'

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
