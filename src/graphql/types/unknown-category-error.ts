import { UnknownCategoryError } from '../../engine/errors.ts'
import { builder } from '../builder.ts'
import { DomainError } from './domain-error.ts'
import { NotFoundError } from './not-found-error.ts'

builder.objectType(UnknownCategoryError, {
  name: 'UnknownCategoryError',
  description: 'No product is of a category of this name.',
  interfaces: [DomainError, NotFoundError],
  fields: (t) => ({
    category: t.exposeString('category', { description: 'The name that was asked for.' }),
  }),
})
