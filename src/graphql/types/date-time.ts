import { builder } from '../builder.ts'

builder.scalarType('DateTime', {
  description: 'A moment in UTC, as ISO 8601 writes it: 2018-08-29T14:52:00.000Z.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (date) => date.toISOString(),
})
