import {
  UnknownCategoryError,
  UnknownCustomerError,
  UnknownProductError,
  UnknownPurchaseError,
} from '../engine/errors.ts'
import { builder } from './builder.ts'
import { InvalidInputError, StaleCursorError } from './errors.ts'

/** The interface of errors that are members of a field's result union, not entries of the response's `errors`. */
export const DomainError = builder.interfaceRef<Error>('DomainError').implement({
  description: 'An error that a client can expect and handle.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What is wrong, in a sentence for people.' }),
  }),
})

/** The interface of errors about something that does not exist. */
export const NotFoundError = builder.interfaceRef<Error>('NotFoundError').implement({
  description: 'Something in the request does not exist: a customer, a product, a category.',
  interfaces: [DomainError],
})

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description:
    'An argument with an invalid value. In fields without a result union it is an error of the response ' +
    'with code BAD_USER_INPUT and this path as `extensions.inputPath`.',
  interfaces: [DomainError],
  fields: (t) => ({
    path: t.stringList({
      description:
        "The place in the field's arguments: the argument's name, then the names of input fields and the " +
        'indices of lists (from 0) within it.',
      resolve: ({ inputPath }) => [...inputPath],
    }),
    paths: t.field({
      type: t.listRef(t.listRef('String')),
      description:
        'The places of all invalid values, if the field looks for all of them as `recordEvents` does; the first ' +
        'is `path`.',
      resolve: ({ inputPaths }) => inputPaths.map((path) => [...path]),
    }),
  }),
})

builder.objectType(StaleCursorError, {
  name: 'StaleCursorError',
  description:
    'The list has changed since the cursor was made: start again from its beginning. In fields without a ' +
    'result union it is an error of the response with code STALE_CURSOR.',
  interfaces: [DomainError],
  fields: (t) => ({
    cursorModelVersion: t.exposeString('cursorModelVersion', {
      description:
        'The version of the model that made the cursor. If this model is still serving, the availability of ' +
        'products has changed since.',
    }),
    modelVersion: t.exposeString('modelVersion', { description: 'The version of the model now serving.' }),
  }),
})

builder.objectType(UnknownCategoryError, {
  name: 'UnknownCategoryError',
  description: 'Unknown category: no product has a category of this name.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    category: t.exposeString('category', { description: 'The name in the request.' }),
  }),
})

builder.objectType(UnknownCustomerError, {
  name: 'UnknownCustomerError',
  description:
    'Unknown customer: the model was trained without a customer of this id, and no event is recorded of one.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    externalId: t.exposeString('id', { description: "The shop's own id in the request." }),
  }),
})

builder.objectType(UnknownProductError, {
  name: 'UnknownProductError',
  description: 'Unknown products: the model has none with these SKUs.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    skus: t.exposeStringList('ids', { description: 'All unknown SKUs of the request.' }),
  }),
})

builder.objectType(UnknownPurchaseError, {
  name: 'UnknownPurchaseError',
  description: 'The history has no purchases of these products.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    skus: t.exposeStringList('ids', {
      description: 'The SKUs in the request that were never bought.',
    }),
  }),
})
