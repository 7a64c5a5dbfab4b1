/** Tells pages that stay open when a customer's lists have changed. */
import { GraphQLError } from 'graphql'
import { MOST_EVENTS } from '../engine/live-histories.ts'
import type { EventStore } from '../store/event-store.ts'
import { HistoryChanges, TooManyListenersError } from '../store/history-changes.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { Customer } from './customer.ts'
import { noStore } from './errors.ts'
import { aboutCustomers, customerKey, expectMayRead } from './scopes.ts'

builder.subscriptionField('recommendationsChanged', (t) =>
  t.field({
    type: Customer,
    description:
      'Sends the customer at once, and again after each event that counts for the lists of this customer, whichever ' +
      'server of the store recorded it: ask for the lists as fields. It sends at most once a second. It ends with the ' +
      'error THROTTLED if the lists have cost more than the caller may spend. For a customer without any event or ' +
      'purchase it begins with the first event. The stream ends after `STREAM_TIMEOUT` (120 s): subscribe again, and ' +
      'nothing is missed.',
    args: {
      customer: t.arg.string({
        description:
          "The shop's own id of the customer, known or not. Needs scope `read`, or that customer's own token.",
      }),
    },
    authScopes: aboutCustomers,
    subscribe: (_root, { customer }, context) => {
      expectMayRead(customer, context.caller)
      return changedCustomers(customer, listen(customer, context), context)
    },
    resolve: (event) => event,
  }),
)

const opened = new WeakMap<EventStore, HistoryChanges>()

/** @throws {GraphQLError} with code NO_STORE, or TOO_MANY_STREAMS */
function listen(customer: string, { recommender: { events }, signal }: Context): AsyncGenerator<void> {
  if (events === null) throw noStore()
  const changes = opened.get(events) ?? new HistoryChanges(events, MOST_EVENTS)
  opened.set(events, changes)
  try {
    return changes.listen(customer, signal)
  } catch (error) {
    if (!(error instanceof TooManyListenersError)) throw error
    throw new GraphQLError(`${error.message} Close streams that nobody reads, or ask again later.`, {
      extensions: { code: 'TOO_MANY_STREAMS' },
    })
  }
}

async function* changedCustomers(
  customer: string,
  changes: AsyncGenerator<void>,
  context: Context,
): AsyncGenerator<typeof Customer.$inferType> {
  let isFirst = true
  for await (const _ of changes) {
    if (!isFirst) context.onFurtherAnswer?.()
    isFirst = false
    // What was loaded for the last answer is out of date.
    for (const loader of Object.values(context.loaders)) loader.clearAll()
    const index = await customerKey(customer, context)
    if (index !== undefined) yield { index }
  }
}
