/**
 * Authorisation. Root types have the scope that all of their fields need: `catalog` for queries and subscriptions,
 * `node` and `nodes` included; `write` for mutations, but for `recordEvents`, which takes a customer's own events with
 * that customer's token (own-events.ts). A customer can be read only with scope `read`, or with that
 * customer's own token. Fields that lead to customers have `aboutCustomers`. Resolvers look customers up with
 * `customerKey`, which does not reveal whether a customer exists that the caller may not read. `recommendationPage`
 * checks `mayReadCustomer` again, and so does the type Customer for each of its objects. Fields that list or search all
 * customers need `admin` as well. The only ways into the shop's data are the root types and the payloads of
 * mutations, so fields of a payload that lead to an object have `authScopes`; without the scope they are null, because
 * the mutation itself has been made. A test goes through the schema to check all of this.
 */
import type { AuthFailure } from '@pothos/plugin-scope-auth'
import { GraphQLError, type GraphQLResolveInfo } from 'graphql'
import type { CustomerKey } from '../engine/customer-key.ts'
import type { Scope } from '../store/scope.ts'
import type { Caller, Context } from './context.ts'

/** The scopes of fields that lead to customers: to all of them, or to the caller's own. */
export const aboutCustomers = { $any: { read: true, customer: true } } as const

/** The scopes of `recordEvents`: of everybody's events, or of the caller's own. */
export const writesOrOwn = { $any: { write: true, customer: true } } as const

/** The plugin's settings: if a field states several scopes, all are needed. */
export const scopeAuth = {
  authScopes: ({ caller: { scopes } }: Context): Record<Scope, boolean> => ({
    catalog: scopes.has('catalog') || scopes.has('read') || scopes.has('customer'),
    customer: scopes.has('customer'),
    read: scopes.has('read'),
    write: scopes.has('write'),
    admin: scopes.has('admin'),
  }),
  defaultStrategy: 'all',
  // Checked before a stream starts, not at its first event.
  authorizeOnSubscribe: true,
  unauthorizedError: (_parent: unknown, { caller }: Context, info: GraphQLResolveInfo, { failure }: Failed) =>
    forbidden(`${info.parentType.name}.${info.fieldName}`, missingScope(failure), caller),
} as const

interface Failed {
  readonly failure: AuthFailure
}

/** Whether a caller may read a customer. @param externalId  the shop's own id, known or not */
export function mayReadCustomer({ scopes, customer }: Caller, externalId: string): boolean {
  return scopes.has('read') || (scopes.has('customer') && customer === externalId)
}

/** @throws {GraphQLError} with code FORBIDDEN if the caller may not read the customer */
export function expectMayRead(externalId: string, caller: Caller): void {
  if (!mayReadCustomer(caller, externalId)) throw forbidden('Asking about this customer', 'read', caller)
}

/**
 * What a visitor did is as private as what a customer did, and no token is for a visitor.
 * @throws {GraphQLError} with code FORBIDDEN if the caller may not read visitors
 */
export function expectMayReadVisitors(caller: Caller): void {
  if (!caller.scopes.has('read')) throw forbidden('Asking about a visitor', 'read', caller)
}

/**
 * The customer of an id: of the model, else one whom the store knows; undefined if neither does.
 * @throws {GraphQLError} with code FORBIDDEN if the caller may not read the customer, whether it exists or not
 */
export async function customerKey(
  externalId: string,
  { caller, recommender, loaders }: Context,
): Promise<CustomerKey | undefined> {
  expectMayRead(externalId, caller)
  const index = recommender.model.customers.indexOf(externalId)
  if (index >= 0) return index
  return (await loaders.isStored.load(externalId)) ? externalId : undefined
}

/** The error for a caller without a scope; code FORBIDDEN, with that scope. */
export function forbidden(what: string, scope: string, caller: Caller): GraphQLError {
  const needed = scope === 'customer' ? 'a customer token' : `an API key of scope "${scope}"`
  return new GraphQLError(`${what} needs ${needed}${instead(caller)}.`, {
    extensions: { code: 'FORBIDDEN', scope },
  })
}

/** The end of the message: what the caller has instead of the scope. */
function instead({ credential, scopes }: Caller): string {
  if (credential === 'CUSTOMER_TOKEN')
    return "; a customer token reads products and its own customer's data, and records that customer's events, nothing else"
  if (credential === 'NONE') {
    return ', or the token that `rationale serve` prints when it starts, sent as "Authorization: Bearer …"'
  }
  return `; this one has ${scopes.size === 0 ? 'no scope' : [...scopes].join(', ')}`
}

function missingScope(failure: AuthFailure): string {
  if ('failures' in failure) return missingScope(failure.failures[0])
  return 'scope' in failure ? failure.scope : ''
}
