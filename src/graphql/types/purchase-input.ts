import { builder } from '../builder.ts'

/** Far above what anyone buys, and far below where single precision loses units. */
export const MAX_QUANTITY = 1_000_000

export const PurchaseInput = builder.inputType('PurchaseInput', {
  description: 'A product in a basket, or in a history to try out.',
  fields: (t) => ({
    sku: t.string({ description: "The shop's own id of the product." }),
    quantity: t.float({ defaultValue: 1, description: `How many units; above 0, at most ${MAX_QUANTITY}.` }),
  }),
})
