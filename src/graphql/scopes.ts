/**
 * Who may ask what. Root types say which scope all of their fields need: `read` queries and subscriptions, so `node`
 * and `nodes` too; `write` mutations. What lists or searches all customers needs `admin` as well. There is no way into
 * the shop's data but through a root type or a mutation's payload: so a payload's fields that lead to an object carry
 * `authScopes: { read: true }` (and are null without it: the mutation itself has been carried out). A test walks the
 * schema to see that all do.
 */
import type { AuthFailure } from '@pothos/plugin-scope-auth'
import { GraphQLError, type GraphQLResolveInfo } from 'graphql'
import { SCOPES, type Scope } from '../store/scope.ts'
import type { Context } from './context.ts'

/** The plugin's settings: several scopes at one place are all needed. */
export const scopeAuth = {
  authScopes: ({ scopes }: Context) =>
    Object.fromEntries(SCOPES.map((scope) => [scope, scopes.has(scope)])) as Record<Scope, boolean>,
  defaultStrategy: 'all',
  // Before a stream begins, not at its first event.
  authorizeOnSubscribe: true,
  unauthorizedError: forbidden,
} as const

/** The error of a field that the caller may not ask for; code FORBIDDEN, and the scope that it lacks. */
function forbidden(
  _parent: unknown,
  { scopes }: Context,
  { parentType, fieldName }: GraphQLResolveInfo,
  { failure }: { failure: AuthFailure },
): GraphQLError {
  const scope = missingScope(failure)
  const held = scopes.size === 0 ? 'no scope' : [...scopes].join(', ')
  return new GraphQLError(
    `${parentType.name}.${fieldName} needs an API key of scope "${scope}"; this one has ${held}.`,
    { extensions: { code: 'FORBIDDEN', scope } },
  )
}

function missingScope(failure: AuthFailure): string {
  if ('failures' in failure) return missingScope(failure.failures[0])
  return 'scope' in failure ? failure.scope : ''
}
