import { GraphQLError } from 'graphql'
import { isShown } from '../engine/eligibility.ts'
import { UnknownProductError } from '../engine/errors.ts'
import type { ProductAvailability as Availability } from '../store/availability.ts'
import { AvailabilityError, StoreError } from '../store/availability.ts'
import { builder } from './builder.ts'
import { badUserInput, InvalidInputError } from './errors.ts'
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

/** So many products one call may name. */
const MAX_CHANGES = 1000

const ProductAvailabilityInput = builder.inputType('ProductAvailabilityInput', {
  description: 'What changes of one product; what is left out stays as it is.',
  fields: (t) => ({
    sku: t.string({ description: "The product, by the shop's own id." }),
    hidden: t.boolean({ required: false, description: 'Whether it is in no list, whoever asks.' }),
    inStock: t.boolean({ required: false, description: 'Whether it can be had.' }),
    validFrom: t.field({
      type: 'DateTime',
      required: false,
      description: 'From when on it may be in lists. Null: since always.',
    }),
    validUntil: t.field({
      type: 'DateTime',
      required: false,
      description: 'From when on it may not be in lists any more. Null: for ever.',
    }),
  }),
})

const SetProductAvailabilityInput = builder.inputType('SetProductAvailabilityInput', {
  description: 'Which products change, and how.',
  fields: (t) => ({
    products: t.field({
      type: [ProductAvailabilityInput],
      description: `At most ${MAX_CHANGES}. Where a product stands twice, the later builds on the former.`,
    }),
  }),
})

const SetProductAvailabilityPayload = builder
  .objectRef<{ readonly indices: readonly number[] }>('SetProductAvailabilityPayload')
  .implement({
    description: 'What was changed.',
    fields: (t) => ({
      products: t.field({
        type: [Product],
        nullable: true,
        description:
          'The products, as they are now, in the order of the input. Null where the API key may not ask for products (scope `catalog`, ' +
          'or `read`): they have been changed all the same.',
        authScopes: { catalog: true },
        resolve: ({ indices }) => indices.map((index) => ({ index })),
      }),
    }),
  })

builder.mutationType({
  description: 'Everything that can be changed. Takes an API key of scope `write`.',
  authScopes: { write: true },
})

builder.mutationField('setProductAvailability', (t) =>
  t.field({
    type: SetProductAvailabilityPayload,
    description:
      'Says whether and when products may be shown; the next request heeds it. All changes are made, or none. They are ' +
      "kept by the shop's own ids, so that they outlast a retrain.",
    errors: {
      types: [UnknownProductError, InvalidInputError],
      union: {
        name: 'SetProductAvailabilityResult',
        description: 'What was changed, or the reason why nothing was.',
      },
    },
    args: {
      input: t.arg({ type: SetProductAvailabilityInput, description: 'Which products change, and how.' }),
    },
    resolve: (_root, { input: { products } }, { asker, recommender: { model, availability } }) => {
      if (products.length > MAX_CHANGES) {
        throw badUserInput(
          `"products" holds ${products.length} changes: at most ${MAX_CHANGES} are made at once.`,
          'input',
          'products',
        )
      }
      const unknown = products.map(({ sku }) => sku).filter((sku) => model.products.indexOf(sku) < 0)
      if (unknown.length > 0) throw new UnknownProductError([...new Set(unknown)])
      try {
        availability.set(
          products.map(({ sku, hidden, inStock, validFrom, validUntil }) => ({
            sku,
            hidden: hidden ?? undefined,
            inStock: inStock ?? undefined,
            validFrom: validFrom === null ? null : validFrom?.getTime(),
            validUntil: validUntil === null ? null : validUntil?.getTime(),
          })),
          asker.actor,
        )
      } catch (error) {
        if (error instanceof StoreError && error.isReadOnly) {
          throw new GraphQLError('The store of this server may only be read: nothing was changed.', {
            extensions: { code: 'STORE_READ_ONLY' },
          })
        }
        if (!(error instanceof AvailabilityError)) throw error
        throw badUserInput(error.message, 'input', 'products', ...error.path)
      }
      return { indices: products.map(({ sku }) => model.products.indexOf(sku)) }
    },
  }),
)
