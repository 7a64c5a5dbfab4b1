import { builder } from './builder.ts'
import { badUserInput } from './errors.ts'
import { decodeGlobalId, type NodeType } from './global-ids.ts'
import { DEFAULT_FIRST, MAX_FIRST } from './paging.ts'

const CURSOR =
  'A cursor made by another model than the one serving now is an error (STALE_CURSOR), as is one whose entry has moved ' +
  'since: start again without it.'

/** The arguments of every connection. */
export const pageArguments = builder.args((t) => ({
  first: t.int({
    required: false,
    description: `How many at most, 0 to ${MAX_FIRST}; anything else is an error. Where neither this nor last is given, ${DEFAULT_FIRST}.`,
  }),
  after: t.string({
    required: false,
    description: `A cursor of this list: what follows behind it is returned. ${CURSOR}`,
  }),
  last: t.int({
    required: false,
    description: `How many at most, 0 to ${MAX_FIRST}, counted from the end of the list or from before: for paging backward. Not beside first.`,
  }),
  before: t.string({
    required: false,
    description: `A cursor of this list: what stands before it is returned. ${CURSOR}`,
  }),
}))

/**
 * The shop's own id, given either directly or inside a global id.
 * @param key  the argument's name of the shop's own id
 * @throws {InvalidInputError} unless exactly one of the two is given
 */
export function shopId(
  typename: NodeType,
  key: string,
  globalId: string | null | undefined,
  ownId: string | null | undefined,
): string {
  if ((globalId == null) === (ownId == null))
    throw badUserInput(`Pass exactly one of "id" and "${key}".`, key)
  return globalId == null ? (ownId as string) : decodeGlobalId(globalId, 'id', typename).id
}
