import { UnknownCustomerError } from '../../engine/errors.ts'
import { builder } from '../builder.ts'
import { DomainError } from './domain-error.ts'
import { NotFoundError } from './not-found-error.ts'

builder.objectType(UnknownCustomerError, {
  name: 'UnknownCustomerError',
  description: 'The model was not trained on a customer of this id.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    externalId: t.exposeString('id', { description: "The shop's id that was asked for." }),
  }),
})
