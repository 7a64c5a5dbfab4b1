import {
  UnknownCategoryError,
  UnknownCustomerError,
  UnknownProductError,
  UnknownPurchaseError,
} from '../engine/errors.ts'
import { builder } from './builder.ts'
import { InvalidInputError, StaleCursorError } from './errors.ts'

/** Errors that a client foresees: members of a field's result union, not entries of the response's `errors`. */
export const DomainError = builder.interfaceRef<Error>('DomainError').implement({
  description: 'Something that was asked for and cannot be answered, in a way that a client can foresee.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What is wrong, in a sentence for people.' }),
  }),
})

/** Everything that was named and is not there. */
export const NotFoundError = builder.interfaceRef<Error>('NotFoundError').implement({
  description: 'Something was named that there is none of: a customer, products, a category.',
  interfaces: [DomainError],
})

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description:
    'An argument that cannot be granted. In fields without a result union the same is an error of the response, ' +
    'of code BAD_USER_INPUT, with this path as `extensions.inputPath`.',
  interfaces: [DomainError],
  fields: (t) => ({
    path: t.stringList({
      description:
        'Where in the arguments of the field: the argument, and within it names of fields and places of lists, 0 for the first.',
      resolve: ({ inputPath }) => [...inputPath],
    }),
  }),
})

builder.objectType(StaleCursorError, {
  name: 'StaleCursorError',
  description:
    'A cursor of a list that is no longer as it was: start again from its beginning. In fields without a result union the ' +
    'same is an error of the response, of code STALE_CURSOR.',
  interfaces: [DomainError],
  fields: (t) => ({
    cursorModelVersion: t.exposeString('cursorModelVersion', {
      description:
        'The model that made the cursor; where it is the one that is serving, products have come or gone since.',
    }),
    modelVersion: t.exposeString('modelVersion', { description: 'The model that is serving.' }),
  }),
})

builder.objectType(UnknownCategoryError, {
  name: 'UnknownCategoryError',
  description: 'No product is of a category of this name.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    category: t.exposeString('category', { description: 'The name that was asked for.' }),
  }),
})

builder.objectType(UnknownCustomerError, {
  name: 'UnknownCustomerError',
  description: 'The model was not trained on a customer of this id.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    externalId: t.exposeString('id', { description: "The shop's id that was asked for." }),
  }),
})

builder.objectType(UnknownProductError, {
  name: 'UnknownProductError',
  description: 'The model knows no products of these SKUs.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    skus: t.exposeStringList('ids', { description: 'All the unknown SKUs among those asked for.' }),
  }),
})

builder.objectType(UnknownPurchaseError, {
  name: 'UnknownPurchaseError',
  description: 'The history holds no purchases of these products.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    skus: t.exposeStringList('ids', {
      description: 'The SKUs of all that was never bought among those asked for.',
    }),
  }),
})
