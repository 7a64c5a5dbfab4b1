import { InvalidInputError } from '../errors.ts'
import { builder } from '../builder.ts'
import { DomainError } from './domain-error.ts'

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
