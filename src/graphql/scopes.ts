/**
 * Who may ask what. Root types say which scope all of their fields need: `catalog` queries and subscriptions, so `node`
 * and `nodes` too; `write` mutations. A customer is reached only by who may `read`, or by the customer token of that one
 * customer: fields that lead to customers carry `aboutCustomers`, whoever looks a customer up does so by
 * `reachCustomer`, which says no more of customers that are out of reach than that they are; `recommendationPage` asks
 * `mayReach` again, and so does the type Customer before each of its objects. What lists or searches all customers needs
 * `admin` as well. There is no way into the shop's data but through a root type or a mutation's payload: so a payload's
 * fields that lead to an object carry `authScopes` (and are null without it: the mutation itself has been carried out).
 * A test walks the schema to see that all do.
 */
import type { AuthFailure } from '@pothos/plugin-scope-auth'
import { GraphQLError, type GraphQLResolveInfo } from 'graphql'
import type { Scope } from '../store/scope.ts'
import type { Asker, Context } from './context.ts'

/** Of fields that lead to customers: to all of them, or to one's own. */
export const aboutCustomers = { $any: { read: true, customer: true } } as const

/** The plugin's settings: several scopes at one place are all needed. */
export const scopeAuth = {
  authScopes: ({ asker: { scopes } }: Context): Record<Scope, boolean> => ({
    catalog: scopes.has('catalog') || scopes.has('read') || scopes.has('customer'),
    customer: scopes.has('customer'),
    read: scopes.has('read'),
    write: scopes.has('write'),
    admin: scopes.has('admin'),
  }),
  defaultStrategy: 'all',
  // Before a stream begins, not at its first event.
  authorizeOnSubscribe: true,
  unauthorizedError: (_parent: unknown, { asker }: Context, info: GraphQLResolveInfo, { failure }: Failed) =>
    forbidden(`${info.parentType.name}.${info.fieldName}`, missingScope(failure), asker),
} as const

interface Failed {
  readonly failure: AuthFailure
}

/** Whether a caller may know anything about a customer. @param externalId  the shop's own id, of whomever */
export function mayReach({ scopes, customer }: Asker, externalId: string): boolean {
  return scopes.has('read') || (scopes.has('customer') && customer === externalId)
}

/** @throws {GraphQLError} of code FORBIDDEN where a caller may not know anything about a customer */
export function expectReach(externalId: string, asker: Asker): void {
  if (!mayReach(asker, externalId)) throw forbidden('Asking about this customer', 'read', asker)
}

/**
 * The index of a customer in the model; below 0 where there is none of that id.
 * @throws {GraphQLError} of code FORBIDDEN where the caller may not reach it, whether there is such a customer or not
 */
export function reachCustomer(externalId: string, { asker, recommender }: Context): number {
  expectReach(externalId, asker)
  return recommender.model.customers.indexOf(externalId)
}

/** The error of what the caller may not ask for; code FORBIDDEN, and the scope that it lacks. */
function forbidden(what: string, scope: string, asker: Asker): GraphQLError {
  const needed = scope === 'customer' ? 'a customer token' : `an API key of scope "${scope}"`
  return new GraphQLError(`${what} needs ${needed}${instead(asker)}.`, {
    extensions: { code: 'FORBIDDEN', scope },
  })
}

/** What the caller has in place of it. */
function instead({ credential, scopes }: Asker): string {
  if (credential === 'CUSTOMER_TOKEN')
    return "; a customer token reaches products and its own customer's data"
  if (credential === 'NONE') {
    return ', or the token that `rationale serve` prints when it starts, sent as "Authorization: Bearer …"'
  }
  return `; this one has ${scopes.size === 0 ? 'no scope' : [...scopes].join(', ')}`
}

function missingScope(failure: AuthFailure): string {
  if ('failures' in failure) return missingScope(failure.failures[0])
  return 'scope' in failure ? failure.scope : ''
}
