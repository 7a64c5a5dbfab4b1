import type { SharedAttribute as Attribute } from '../../engine/reason.ts'
import { builder } from '../builder.ts'

export const SharedAttribute = builder.objectRef<Attribute>('SharedAttribute').implement({
  description:
    'Something that two products have in common: the same label, or measures no further apart than half a standard ' +
    "deviation of the catalogue's, on a logarithmic scale.",
  fields: (t) => ({
    attribute: t.exposeString('attribute', {
      description: 'The name of the column, as the shop\'s data has it; the mean price paid is "price".',
    }),
    value: t.string({
      description: "The recommended product's label, or measure in the shop's own unit.",
      resolve: ({ value }) => String(value),
    }),
    purchasedValue: t.string({
      description: 'That of the product bought: the same label, or a measure that is near.',
      resolve: ({ purchasedValue }) => String(purchasedValue),
    }),
  }),
})
