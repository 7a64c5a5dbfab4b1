import { builder } from '../builder.ts'
import { DomainError } from './domain-error.ts'

/** Everything that was named and is not there. */
export const NotFoundError = builder.interfaceRef<Error>('NotFoundError').implement({
  description: 'Something was named that there is none of: a customer, products, a category.',
  interfaces: [DomainError],
})
