import { isShown } from '../engine/eligibility.ts'
import { productIndicesOf, UnknownProductError } from '../engine/errors.ts'
import type { ProductAvailability as Availability } from '../store/availability.ts'
import { AvailabilityError } from '../store/availability.ts'
import { builder } from './builder.ts'
import { badUserInput, InvalidInputError, storeProblem } from './errors.ts'
import { Product } from './product.ts'

const ProductAvailability = builder.objectRef<Availability>('ProductAvailability').implement({
  description: 'Whether and when a product may be shown, as `setProductAvailability` set it.',
  fields: (t) => ({
    isShown: t.boolean({
      description:
        'Whether lists may hold it now: not hidden, and the time is between validFrom and validUntil.',
      resolve: (availability) => isShown(availability, Date.now()),
    }),
    hidden: t.exposeBoolean('hidden', {
      description:
        'Whether it is left out of every list, for every caller. It can still be queried by its id, and is ' +
        'still shown among past purchases.',
    }),
    inStock: t.exposeBoolean('inStock', {
      description:
        'Whether it is in stock. Products out of stock stay in lists unless a filter asks for `inStock`.',
    }),
    validFrom: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it may first be in lists. Null: no start.',
      resolve: ({ validFrom }) => (validFrom === null ? null : new Date(validFrom)),
    }),
    validUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it may no longer be in lists. Null: no end.',
      resolve: ({ validUntil }) => (validUntil === null ? null : new Date(validUntil)),
    }),
  }),
})

builder.objectField(Product, 'availability', (t) =>
  t.field({
    type: ProductAvailability,
    description: 'Whether and when it may be shown. If this was never set: always.',
    resolve: ({ index }, _args, { recommender }) =>
      recommender.availability.get(recommender.model.products.at(index)),
  }),
)

/** The most products that one call may change. */
const MAX_CHANGES = 1000

const ProductAvailabilityInput = builder.inputType('ProductAvailabilityInput', {
  description: 'What changes for one product. Fields left out stay as they are.',
  fields: (t) => ({
    sku: t.string({ description: "The shop's own id of the product." }),
    hidden: t.boolean({
      required: false,
      description: 'Whether to leave it out of every list, for every caller.',
    }),
    inStock: t.boolean({ required: false, description: 'Whether it is in stock.' }),
    validFrom: t.field({
      type: 'DateTime',
      required: false,
      description: 'When it may first be in lists. Null: no start.',
    }),
    validUntil: t.field({
      type: 'DateTime',
      required: false,
      description: 'When it may no longer be in lists. Null: no end.',
    }),
  }),
})

const SetProductAvailabilityInput = builder.inputType('SetProductAvailabilityInput', {
  description: 'Which products change, and how.',
  fields: (t) => ({
    products: t.field({
      type: [ProductAvailabilityInput],
      description: `At most ${MAX_CHANGES}. Several changes to one product are made in the given order.`,
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
          'The products after the change, in the order of the input. Null if the API key may not read ' +
          'products (it needs scope `catalog` or `read`); the change is still made.',
        authScopes: { catalog: true },
        resolve: ({ indices }) => indices.map((index) => ({ index })),
      }),
    }),
  })

builder.mutationType({
  description:
    'Everything that can be changed. Needs an API key of scope `write`; `recordEvents` takes a customer token as well.',
  authScopes: { write: true },
})

builder.mutationField('setProductAvailability', (t) =>
  t.field({
    type: SetProductAvailabilityPayload,
    description:
      'Sets whether and when products may be shown. It applies from the next request on. Either all changes ' +
      "are made or none. They are stored under the shop's own ids, so a retrain keeps them.",
    errors: {
      types: [UnknownProductError, InvalidInputError],
      union: {
        name: 'SetProductAvailabilityResult',
        description: 'What was changed, or why nothing was.',
      },
    },
    args: {
      input: t.arg({ type: SetProductAvailabilityInput, description: 'Which products change, and how.' }),
    },
    resolve: async (_root, { input: { products } }, { caller, recommender: { model, availability } }) => {
      if (products.length > MAX_CHANGES) {
        throw badUserInput(
          `"products" holds ${products.length} changes: send at most ${MAX_CHANGES} at once.`,
          'input',
          'products',
        )
      }
      const skus = products.map(({ sku }) => sku)
      productIndicesOf(skus, model.products)
      try {
        await availability.set(
          products.map(({ sku, hidden, inStock, validFrom, validUntil }) => ({
            sku,
            hidden: hidden ?? undefined,
            inStock: inStock ?? undefined,
            validFrom: validFrom === null ? null : validFrom?.getTime(),
            validUntil: validUntil === null ? null : validUntil?.getTime(),
          })),
          caller.actor,
        )
      } catch (error) {
        if (!(error instanceof AvailabilityError)) throw storeProblem(error, 'changed')
        throw badUserInput(error.message, 'input', 'products', ...error.path)
      }
      return { indices: products.map(({ sku }) => model.products.indexOf(sku)) }
    },
  }),
)
