import type { HistoryEntry } from '../../engine/recommendation.ts'
import { UnknownProductError } from '../../engine/errors.ts'
import type { Model } from '../../model/model.ts'
import { builder } from '../builder.ts'
import { badUserInput } from '../errors.ts'
import { MAX_QUANTITY, PurchaseInput } from './purchase-input.ts'
import {
  RecommendationConnection,
  recommendationArguments,
  recommendationPage,
} from './recommendation-connection.ts'

builder.queryField('recommend', (t) =>
  t.field({
    type: RecommendationConnection,
    description:
      'What to recommend to somebody who bought, or has in the basket, just this; the first 1,000 can be paged ' +
      'through. An empty history is answered by popularity.',
    errors: {
      types: [UnknownProductError],
      union: {
        name: 'RecommendResult',
        description: 'A page of recommendations, or the reason why there is none.',
      },
    },
    args: {
      history: t.arg({
        type: [PurchaseInput],
        description: 'What was bought, in any order; quantities of the same product are added up.',
      }),
      ...recommendationArguments,
    },
    resolve: (_root, { history, ...args }, context) =>
      recommendationPage({ history: toHistory(history, context.recommender.model) }, args, context),
  }),
)

function toHistory(purchases: readonly { sku: string; quantity: number }[], model: Model): HistoryEntry[] {
  const unknown = purchases.map(({ sku }) => sku).filter((sku) => model.products.indexOf(sku) < 0)
  if (unknown.length > 0) throw new UnknownProductError([...new Set(unknown)])
  return purchases.map(({ sku, quantity }) => {
    if (quantity <= 0 || quantity > MAX_QUANTITY) {
      throw badUserInput(
        `The quantity of "${sku}" is ${quantity}: it must be above 0 and at most ${MAX_QUANTITY}.`,
      )
    }
    return { product: model.products.indexOf(sku), quantity, purchasedAt: null }
  })
}
