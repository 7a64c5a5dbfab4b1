import { isShown } from '../../engine/eligibility.ts'
import type { ProductAvailability as Availability } from '../../store/availability.ts'
import { builder } from '../builder.ts'
import { Product } from './product.ts'

const ProductAvailability = builder.objectRef<Availability>('ProductAvailability').implement({
  description: 'Whether and when a product may be shown, as `setProductAvailability` set it.',
  fields: (t) => ({
    isShown: t.boolean({
      description: 'Whether lists may hold it just now: it is not hidden, and within its time.',
      resolve: (availability) => isShown(availability, Date.now()),
    }),
    hidden: t.exposeBoolean('hidden', {
      description:
        'Whether it is in no list, whoever asks. It is still found by its id, and among past purchases.',
    }),
    inStock: t.exposeBoolean('inStock', {
      description:
        'Whether it can be had. What cannot is in lists nevertheless, unless they filter by `inStock`.',
    }),
    validFrom: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'From when on it may be in lists. Null: since always.',
      resolve: ({ validFrom }) => (validFrom === null ? null : new Date(validFrom)),
    }),
    validUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'From when on it may not be in lists any more. Null: for ever.',
      resolve: ({ validUntil }) => (validUntil === null ? null : new Date(validUntil)),
    }),
  }),
})

builder.objectField(Product, 'availability', (t) =>
  t.field({
    type: ProductAvailability,
    description: 'Whether and when it may be shown. Of a product of which nothing was said: always.',
    resolve: ({ index }, _args, { recommender }) =>
      recommender.availability.get(recommender.model.products.at(index)),
  }),
)
