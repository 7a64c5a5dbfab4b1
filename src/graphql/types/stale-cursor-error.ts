import { StaleCursorError } from '../errors.ts'
import { builder } from '../builder.ts'
import { DomainError } from './domain-error.ts'

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
