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

/** Fields are non-null by default; the description of a nullable field says what null means. */
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
  // Scopes first: they are checked before anything is resolved.
  plugins: [ScopeAuthPlugin, ErrorsPlugin, RelayPlugin],
  scopeAuth,
  defaultFieldNullability: false,
  defaultInputFieldRequiredness: true,
  errors: { directResult: true },
  relay: {
    // `node` and `nodes` report text that is not a global id.
    decodeGlobalID: (text) => globalIdIn(text) ?? { typename: '', id: text },
    nodeTypeOptions: { description: 'An object that can be fetched by its global id.' },
    idFieldOptions: {
      description: 'The global id: opaque, unique across all types, unchanged by a retrain.',
    },
    nodeQueryOptions: {
      description: 'Fetches one object by its global id. Null if there is none with that id.',
      args: { id: { description: 'A global id, as received.' } },
      resolve: (_root, { id }, _context, _info, resolveNode) => {
        if (id.typename === '') throw noGlobalId(id.id, 'id')
        return resolveNode(id)
      },
    },
    nodesQueryOptions: {
      description:
        'Fetches objects by their global ids, in the order of the ids. Null for an id of no object; null with ' +
        'an error for text that is not a global id.',
      args: { ids: { description: `Global ids, as received; at most ${MAX_FIRST}.` } },
      resolve: (_root, { ids }, _context, _info, resolveNodes) => {
        if (ids.length > MAX_FIRST) {
          throw badUserInput(`"ids" holds ${ids.length} ids: send at most ${MAX_FIRST}.`, 'ids')
        }
        return nodesOf(ids, resolveNodes)
      },
    },
    pageInfoTypeOptions: { description: 'The position of a page in its list.' },
    hasNextPageFieldOptions: { description: 'Whether there are entries after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether there are entries before this page.' },
    startCursorFieldOptions: { description: 'The cursor of the first edge. Null if the page is empty.' },
    endCursorFieldOptions: {
      description:
        'The cursor of the last edge: pass it as "after" for the next page. Null if the page is empty.',
    },
    edgesFieldOptions: { nullable: false, description: 'The entries of this page, in order.' },
    nodeFieldOptions: { nullable: false, description: 'The entry.' },
    cursorFieldOptions: { description: 'Opaque; pass it as "after" to continue after this entry.' },
    pageInfoFieldOptions: { description: 'The position of this page in the list.' },
  },
})

type GlobalIds = readonly ({ readonly typename: string; readonly id: string } | null)[]

/** Returns an error at the index of text that is not a global id; the other ids are resolved. */
async function nodesOf<Ids extends GlobalIds>(
  ids: Ids,
  resolve: (ids: Ids) => Promise<readonly unknown[]> | readonly unknown[],
): Promise<unknown[]> {
  const wrong = ids.map((id, place) =>
    id?.typename === '' ? noGlobalId(id.id, 'ids', String(place)) : undefined,
  )
  // Pothos loads the ids of its own parsed array and skips nulls.
  const loaded = ids as unknown as (GlobalIds[number] | null)[]
  wrong.forEach((error, place) => {
    if (error) loaded[place] = null
  })
  const nodes = await resolve(ids)
  return nodes.map((node, place) => wrong[place] ?? node)
}

builder.queryType({ description: 'Everything that can be queried.', authScopes: { catalog: true } })
