import { UnknownProductError, UnknownPurchaseError } from '../../engine/errors.ts'
import type { Standing } from '../../engine/what-if.ts'
import { withoutPurchases } from '../../engine/what-if.ts'
import { builder } from '../builder.ts'
import { InvalidInputError } from '../errors.ts'
import { productIndices } from '../global-ids.ts'
import { Recommendation } from './recommendation.ts'
import { Strategy } from './strategy.ts'

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
