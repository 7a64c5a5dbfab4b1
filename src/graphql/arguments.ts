import { builder } from './builder.ts'
import { badUserInput } from './errors.ts'
import { decodeGlobalId, type NodeType } from './global-ids.ts'
import { MAX_FIRST } from './paging.ts'

/** The arguments of every connection. */
export const pageArguments = builder.args((t) => ({
  first: t.int({
    defaultValue: 10,
    description: `How many at most, 0 to ${MAX_FIRST}; anything else is an error.`,
  }),
  after: t.string({
    required: false,
    description:
      'A cursor of this list: what follows behind it is returned. A cursor made by another model than the one ' +
      'serving now is an error (BAD_USER_INPUT), since the order may have changed.',
  }),
}))

/**
 * The shop's own id, given either directly or inside a global id.
 * @param key  the argument's name of the shop's own id
 * @throws {GraphQLError} BAD_USER_INPUT unless exactly one of the two is given
 */
export function shopId(
  typename: NodeType,
  key: string,
  globalId: string | null | undefined,
  ownId: string | null | undefined,
): string {
  if ((globalId == null) === (ownId == null)) throw badUserInput(`Pass exactly one of "id" and "${key}".`)
  return globalId == null ? (ownId as string) : decodeGlobalId(globalId, typename).id
}
