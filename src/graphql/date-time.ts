import { GraphQLError } from 'graphql'
import { builder } from './builder.ts'

/** Date and time with a time zone: without one the moment is ambiguous. */
const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

builder.scalarType('DateTime', {
  description:
    'A moment in ISO 8601: 2018-08-29T14:52:00.000Z. Answers are in UTC; arguments may be in any time ' +
    'zone but must state it.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (date) => date.toISOString(),
  parseValue: (value) => {
    const date = new Date(typeof value === 'string' && ISO_8601.test(value) && isDay(value) ? value : NaN)
    if (!Number.isNaN(date.getTime())) return date
    throw new GraphQLError(
      `DateTime cannot represent ${JSON.stringify(value)}: write date, time and time zone, such as 2018-08-29T14:52:00.000Z.`,
    )
  },
})

/** Whether the day exists: Date would read 30 February as 2 March. */
function isDay(moment: string): boolean {
  const [day] = moment.split('T')
  const midnight = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day)
}
