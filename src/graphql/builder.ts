import SchemaBuilder from '@pothos/core'
import ErrorsPlugin from '@pothos/plugin-errors'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import type { Scope } from '../store/scope.ts'
import type { Context } from './context.ts'
import { badUserInput } from './errors.ts'
import { globalIdIn, noGlobalId } from './global-ids.ts'
import { MAX_FIRST } from './paging.ts'
import { scopeAuth } from './scopes.ts'

/** Everything is non-null unless its field says otherwise, and says why. */
export const builder = new SchemaBuilder<{
  Context: Context
  DefaultFieldNullability: false
  DefaultInputFieldRequiredness: true
  DefaultEdgesNullability: false
  DefaultAuthStrategy: 'all'
  AuthScopes: Record<Scope, boolean>
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
  }
}>({
  // Scopes first: nothing is resolved before they are known.
  plugins: [ScopeAuthPlugin, ErrorsPlugin, RelayPlugin],
  scopeAuth,
  defaultFieldNullability: false,
  defaultInputFieldRequiredness: true,
  errors: { directResult: true },
  relay: {
    // `node` and `nodes` say by themselves what is no global id.
    decodeGlobalID: (text) => globalIdIn(text) ?? { typename: '', id: text },
    nodeTypeOptions: { description: 'Anything that can be fetched again by its global id.' },
    idFieldOptions: {
      description: 'The global id: opaque, unique over all types, the same after a retrain.',
    },
    nodeQueryOptions: {
      description: 'Fetches one object by its global id. Null when there is none of that id (any more).',
      args: { id: { description: 'A global id, as received.' } },
      resolve: (_root, { id }, _context, _info, resolveNode) => {
        if (id.typename === '') throw noGlobalId(id.id, 'id')
        return resolveNode(id)
      },
    },
    nodesQueryOptions: {
      description:
        'Fetches objects by their global ids, in the order of the ids. Null in the place of an id that names ' +
        'nothing (any more); in the place of what is no global id as well, with an error that says so.',
      args: { ids: { description: `Global ids, as received; at most ${MAX_FIRST}.` } },
      resolve: (_root, { ids }, _context, _info, resolveNodes) => {
        if (ids.length > MAX_FIRST) {
          throw badUserInput(`"ids" holds ${ids.length} ids: at most ${MAX_FIRST} are answered.`, 'ids')
        }
        return nodesOf(ids, resolveNodes)
      },
    },
    pageInfoTypeOptions: { description: 'Where a page stands in its list.' },
    hasNextPageFieldOptions: { description: 'Whether more follows after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether anything stands before this page.' },
    startCursorFieldOptions: { description: 'The cursor of the first edge. Null when the page is empty.' },
    endCursorFieldOptions: {
      description:
        'The cursor of the last edge: pass it as "after" for the next page. Null when the page is empty.',
    },
    edgesFieldOptions: { nullable: false, description: 'The entries of this page, in order.' },
    nodeFieldOptions: { nullable: false, description: 'What stands at this place of the list.' },
    cursorFieldOptions: { description: 'Pass it as "after" to continue behind this entry. Opaque.' },
    pageInfoFieldOptions: { description: 'Where this page stands in the list.' },
  },
})

type GlobalIds = readonly ({ readonly typename: string; readonly id: string } | null)[]

/** What is no global id is an error in its own place: the others of the list are answered. */
async function nodesOf<Ids extends GlobalIds>(
  ids: Ids,
  resolve: (ids: Ids) => Promise<readonly unknown[]> | readonly unknown[],
): Promise<unknown[]> {
  const wrong = ids.map((id, place) =>
    id?.typename === '' ? noGlobalId(id.id, 'ids', String(place)) : undefined,
  )
  // Pothos loads those of the arguments it has made, and leaves out what is null.
  const loaded = ids as unknown as (GlobalIds[number] | null)[]
  wrong.forEach((error, place) => {
    if (error) loaded[place] = null
  })
  const nodes = await resolve(ids)
  return nodes.map((node, place) => wrong[place] ?? node)
}

builder.queryType({ description: 'Everything that can be asked.', authScopes: { catalog: true } })
