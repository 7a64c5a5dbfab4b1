import { builder } from './builder.ts'
import { badUserInput } from './errors.ts'
import { decodeGlobalId, type NodeType } from './global-ids.ts'
import { DEFAULT_FIRST, MAX_FIRST } from './paging.ts'

const CURSOR =
  'Error STALE_CURSOR if a model that is no longer serving made it, or if its entry has moved since: start ' +
  'again without it.'

/** The arguments of every connection. */
export const pageArguments = builder.args((t) => ({
  first: t.int({
    required: false,
    description:
      `At most this many entries, 0 to ${MAX_FIRST}; anything else is an error. ${DEFAULT_FIRST} if neither ` +
      'this nor last is given.',
  }),
  after: t.string({
    required: false,
    description: `A cursor of this list; the entries after it are returned. ${CURSOR}`,
  }),
  last: t.int({
    required: false,
    description:
      `For paging backward: at most this many entries, 0 to ${MAX_FIRST}, counted back from before, or from ` +
      'the end of the list. Not together with first or after.',
  }),
  before: t.string({
    required: false,
    description: `A cursor of this list; the entries before it are returned. Needs last. ${CURSOR}`,
  }),
}))

/**
 * The shop's own id, given either directly or inside a global id.
 * @param key  the name of the argument for the shop's own id
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
