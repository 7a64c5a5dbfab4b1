import { UnknownProductError } from '../../engine/errors.ts'
import type { HistoryEntry } from '../../engine/recommendation.ts'
import type { ListRequest } from '../../engine/what-if.ts'
import type { Model } from '../../model/model.ts'
import { builder } from '../builder.ts'
import { badUserInput } from '../errors.ts'
import { MAX_QUANTITY, PurchaseInput } from './purchase-input.ts'

/** Longer baskets say no more; each product of one is looked up by every source. */
const MAX_HISTORY = 100

const BasketList = builder.enumType('BasketList', {
  description: 'A list that can be made for a basket.',
  values: {
    FOR_YOU: { description: 'By everything that the basket tells.' },
    COMPLEMENTARY: { description: 'Frequently bought together with what is in it.' },
    ALSO_BOUGHT: { description: 'Bought by the customers who bought something that is in it.' },
    RELATED: { description: 'Like what is in it, of which the first ten are asked.' },
  } as const,
})

export const RecommendInput = builder.inputType('RecommendInput', {
  description: 'Somebody who is not known: what they bought or have in the basket, and when it is.',
  fields: (t) => ({
    history: t.field({
      type: [PurchaseInput],
      description:
        'What was bought or is in the basket, in any order; quantities of the same product are added up; at most ' +
        `${MAX_HISTORY}. Empty: answered by popularity where the list is FOR_YOU, else by nothing.`,
    }),
    list: t.field({ type: BasketList, defaultValue: 'FOR_YOU', description: 'Which list.' }),
    at: t.field({
      type: 'DateTime',
      required: false,
      description: 'The moment that the list is for. Left out: the latest purchase that the model knows.',
    }),
    includePurchased: t.boolean({
      defaultValue: false,
      description: 'Whether products of the history may be recommended again, of FOR_YOU alone.',
    }),
  }),
})

/**
 * The list that an input asks for.
 * @throws {UnknownProductError} naming every product that the model has not
 * @throws {InvalidInputError} on a quantity that cannot be, and too long a history
 */
export function basketList(
  { history, list, at, includePurchased }: typeof RecommendInput.$inferInput,
  model: Model,
): ListRequest {
  return {
    list,
    history: toHistory(history, model),
    includePurchased,
    ...(at && { at: at.getTime() }),
  }
}

/** In one order, whatever the client's: a basket's cursors are good for it however it is written. */
function toHistory(purchases: readonly { sku: string; quantity: number }[], model: Model): HistoryEntry[] {
  if (purchases.length > MAX_HISTORY) {
    throw badUserInput(
      `The history holds ${purchases.length} purchases: at most ${MAX_HISTORY} are read.`,
      'input',
      'history',
    )
  }
  const unknown = purchases.map(({ sku }) => sku).filter((sku) => model.products.indexOf(sku) < 0)
  if (unknown.length > 0) throw new UnknownProductError([...new Set(unknown)])
  const quantities = new Map<number, number>()
  for (const [i, { sku, quantity }] of purchases.entries()) {
    if (quantity <= 0 || quantity > MAX_QUANTITY) {
      throw badUserInput(
        `The quantity of "${sku}" is ${quantity}: it must be above 0 and at most ${MAX_QUANTITY}.`,
        'input',
        'history',
        String(i),
        'quantity',
      )
    }
    const product = model.products.indexOf(sku)
    quantities.set(product, quantity + (quantities.get(product) ?? 0))
  }
  return [...quantities]
    .sort(([a], [b]) => a - b)
    .map(([product, quantity]) => ({ product, quantity, purchasedAt: null }))
}
