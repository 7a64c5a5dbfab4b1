import { GraphQLError } from 'graphql'

/** An argument that the schema's types allow but that cannot be answered; code BAD_USER_INPUT. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}
