import { UnknownPurchaseError } from '../../engine/errors.ts'
import { builder } from '../builder.ts'
import { DomainError } from './domain-error.ts'
import { NotFoundError } from './not-found-error.ts'

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
