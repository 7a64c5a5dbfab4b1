import { UnknownProductError } from '../../engine/errors.ts'
import { builder } from '../builder.ts'
import { DomainError } from './domain-error.ts'
import { NotFoundError } from './not-found-error.ts'

builder.objectType(UnknownProductError, {
  name: 'UnknownProductError',
  description: 'The model knows no products of these SKUs.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    skus: t.exposeStringList('ids', { description: 'All the unknown SKUs among those asked for.' }),
  }),
})
