/** What happens in the shop: recorded, joined to a customer, given out and erased. */
import {
  EVENT_KINDS,
  type EventKind,
  InvalidEventsError,
  isAboutCategory,
  isUndone,
  type NewEvent,
  type StoredEvent,
} from '../store/event.ts'
import type { CustomerExport, EventStore, Recorded } from '../store/event-store.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { badUserInput, InvalidInputError, noStore, storeProblem } from './errors.ts'
import { DEFAULT_EXPORTED, MAX_EXPORTED } from './paging.ts'
import { MAX_OWN_EVENTS, MAX_OWN_EVENTS_A_DAY, ownEvents } from './own-events.ts'
import { expectMayRead, writesOrOwn } from './scopes.ts'

/** The most events that one call may record. */
const MAX_EVENTS = 1000

const KINDS: Readonly<Record<EventKind, string>> = {
  PURCHASE: 'The product was bought.',
  VIEW: 'The page of the product was viewed.',
  CART: 'The product was put into the cart.',
  RETURN: 'Units of the product were given back: they no longer count as bought.',
  RATING:
    'The product was rated; needs `value`. It is kept, and counts for no list: scales differ from shop to shop. Record ' +
    'NOT_INTERESTED for what is not to be shown again, and RETURN for what was given back.',
  NOT_INTERESTED:
    'The customer does not want to see the product, or its category: no list for the customer holds it until that is undone.',
  IMPRESSION: 'The product was shown in a list. It is kept, and counts for no list.',
  CLICK:
    'The product was clicked in a list. It is kept, and counts for no list: record the VIEW of the page that the click ' +
    'opens, which does.',
}

const EventKindType = builder.enumType('EventKind', {
  description:
    'What a customer or visitor can do with a product. PURCHASE, RETURN, NOT_INTERESTED, VIEW and CART count for the next ' +
    'list. RATING, IMPRESSION and CLICK are kept, exported and erased like the others, but change no list.',
  values: Object.fromEntries(EVENT_KINDS.map((kind) => [kind, { description: KINDS[kind] }])) as Readonly<
    Record<EventKind, { description: string }>
  >,
})

const EventInput = builder.inputType('EventInput', {
  description:
    "Something that happened. Customers and products are named by the shop's own ids, known or not.",
  fields: (t) => ({
    customer: t.string({
      required: false,
      description: 'The customer. Pass exactly one of customer and visitor.',
    }),
    visitor: t.string({
      required: false,
      description: 'A visitor who is not known as a customer: any id, such as that of a session.',
    }),
    product: t.string({ description: 'The SKU of the product.' }),
    kind: t.field({ type: EventKindType, description: 'What happened.' }),
    at: t.field({
      type: 'DateTime',
      required: false,
      description: 'When it happened, in any order; not in the future. Default: now.',
    }),
    quantity: t.float({
      required: false,
      description: 'Units, above 0; of PURCHASE, CART and RETURN. Default: 1.',
    }),
    price: t.float({ required: false, description: "The price of one unit, in the shop's currency." }),
    value: t.float({ required: false, description: "The rating, on the shop's scale; of RATING." }),
    undo: t.boolean({
      required: false,
      description: 'Whether it takes an earlier NOT_INTERESTED back; of NOT_INTERESTED. Default: false.',
    }),
    wholeCategory: t.boolean({
      required: false,
      description:
        'Whether it is about the whole category of the product: no list for the customer holds a product of it, ' +
        'until an event with `undo` and `wholeCategory` takes that back for any product of it. Of NOT_INTERESTED. ' +
        'Default: false. For a product without a category it is about the product.',
    }),
    orderId: t.string({
      required: false,
      description:
        'The order. Purchases of one order count as one order, and returns take from their own first.',
    }),
    listId: t.string({
      required: false,
      description: 'The list that the product was shown in: `listId` of the connection.',
    }),
    placement: t.string({
      required: false,
      description: 'The place on the page that the list was shown at.',
    }),
    idempotencyKey: t.string({
      required: false,
      description:
        'Events with the same key are one event, so that a call can be repeated. Default: a new key, and a ' +
        'repeated call records the event again.',
    }),
  }),
})

const RecordEventsInput = builder.inputType('RecordEventsInput', {
  description: 'What happened.',
  fields: (t) => ({
    events: t.field({ type: [EventInput], description: `At most ${MAX_EVENTS}.` }),
  }),
})

const RecordEventsPayload = builder.objectRef<Recorded>('RecordEventsPayload').implement({
  description: 'What became of the events.',
  fields: (t) => ({
    accepted: t.exposeInt('accepted', { description: 'How many were recorded.' }),
    duplicates: t.exposeInt('duplicates', {
      description: 'How many had the key of an event that was recorded before.',
    }),
  }),
})

builder.mutationField('recordEvents', (t) =>
  t.field({
    type: RecordEventsPayload,
    description:
      'Records what happened in the shop. When it answers the events are on the disk, and the next list counts ' +
      'them, on every server with the same store. Either all events are recorded or none. A customer token records ' +
      'events of its own customer, who may be left out: those of the last day, but no PURCHASE and no RETURN; at most ' +
      `${MAX_OWN_EVENTS} a call and ${MAX_OWN_EVENTS_A_DAY.toLocaleString('en')} a day.`,
    errors: {
      types: [InvalidInputError],
      union: {
        name: 'RecordEventsResult',
        description: 'What became of the events, or why none was recorded.',
      },
    },
    args: { input: t.arg({ type: RecordEventsInput, description: 'What happened.' }) },
    skipTypeScopes: true,
    authScopes: writesOrOwn,
    resolve: (_root, { input: { events } }, context) => {
      if (events.length > MAX_EVENTS) {
        throw badUserInput(
          `"events" holds ${events.length} events: send at most ${MAX_EVENTS} at once.`,
          'input',
          'events',
        )
      }
      const now = Date.now()
      const recorded = events.map(
        ({ at, ...event }): NewEvent => Object.assign(event, { at: at?.getTime() ?? now }),
      )
      return stored(context, ['input', 'events'], async (store) => {
        const { caller } = context
        return store.append(
          caller.scopes.has('write') ? recorded : await ownEvents(recorded, caller, store, now),
        )
      })
    },
  }),
)

const IdentifyInput = builder.inputType('IdentifyInput', {
  description: 'Who a visitor is.',
  fields: (t) => ({
    visitor: t.string({ description: 'The visitor, as in events.' }),
    customer: t.string({ description: "The shop's own id of the customer." }),
  }),
})

const IdentifyPayload = builder.objectRef<{ readonly joined: number }>('IdentifyPayload').implement({
  description: "What became of the visitor's events.",
  fields: (t) => ({
    joined: t.exposeInt('joined', {
      description: "How many of the visitor's events are now the customer's.",
    }),
  }),
})

builder.mutationField('identify', (t) =>
  t.field({
    type: IdentifyPayload,
    description:
      "A visitor turned out to be a customer, by signing in: the visitor's events become the customer's, and so do " +
      'later ones. If the visitor was identified as another customer before, the events until then stay with that one.',
    errors: {
      types: [InvalidInputError],
      union: {
        name: 'IdentifyResult',
        description: "What became of the visitor's events, or what is wrong.",
      },
    },
    args: { input: t.arg({ type: IdentifyInput, description: 'Who the visitor is.' }) },
    resolve: async (_root, { input: { visitor, customer } }, context) => ({
      joined: await stored(context, ['input'], (store) => store.identify(visitor, customer)),
    }),
  }),
)

const EraseCustomerInput = builder.inputType('EraseCustomerInput', {
  description: 'Which customer to erase.',
  fields: (t) => ({ customer: t.string({ description: "The shop's own id of the customer." }) }),
})

const EraseCustomerPayload = builder
  .objectRef<{ readonly events: number; readonly models: number }>('EraseCustomerPayload')
  .implement({
    description: 'What was erased.',
    fields: (t) => ({
      events: t.exposeInt('events', { description: 'How many events were erased; 0 if there were none.' }),
      models: t.exposeInt('models', {
        description:
          'From how many models of the store the customer was removed, the one that serves included.',
      }),
    }),
  })

builder.mutationField('eraseCustomer', (t) =>
  t.field({
    type: EraseCustomerPayload,
    description:
      'Erases what the store holds about a customer: the events, which visitors were this customer, and what its models ' +
      'hold. If this server is retraining, the retraining is cancelled. A model that was trained without a store still ' +
      'holds the purchases. If the call fails or takes too long, repeat it. The audit log says that a customer was ' +
      'erased, and by which key, but not which customer.',
    args: { input: t.arg({ type: EraseCustomerInput, description: 'Which customer to erase.' }) },
    resolve: async (_root, { input: { customer } }, context) => {
      // First, so that no model is trained on them any more.
      const erased = (store: EventStore) => store.erase(customer, context.caller.actor)
      const events = await stored(context, ['input'], erased, 'erased')
      return { events, models: (await context.models?.erase(customer)) ?? 0 }
    },
  }),
)

const RecordedEvent = builder.objectRef<StoredEvent>('RecordedEvent').implement({
  description: 'An event as it was recorded.',
  fields: (t) => ({
    key: t.exposeString('id', { description: 'Its idempotency key, or the key that it was given.' }),
    product: t.exposeString('product', {
      description: 'The SKU of the product, which the model may not know.',
    }),
    kind: t.expose('kind', { type: EventKindType, description: 'What happened.' }),
    at: t.field({
      type: 'DateTime',
      description: 'When it happened.',
      resolve: ({ at }) => new Date(at),
    }),
    receivedAt: t.field({
      type: 'DateTime',
      description: 'When it was recorded.',
      resolve: ({ receivedAt }) => new Date(receivedAt),
    }),
    quantity: t.exposeFloat('quantity', {
      nullable: true,
      description: 'Units, above 0. Null for kinds that have none.',
    }),
    price: t.exposeFloat('price', {
      nullable: true,
      description: "The price of one unit, in the shop's currency. Null if it was not given.",
    }),
    value: t.float({
      nullable: true,
      description: "The rating, on the shop's scale. Null for other kinds.",
      resolve: ({ kind, value }) => (kind === 'RATING' ? value : null),
    }),
    undo: t.boolean({
      nullable: true,
      description: 'Whether it takes an earlier NOT_INTERESTED back. Null for other kinds.',
      resolve: ({ kind, value }) => (kind === 'NOT_INTERESTED' ? isUndone(value) : null),
    }),
    wholeCategory: t.boolean({
      nullable: true,
      description:
        'Whether it is about the whole category of the product. Null for other kinds than NOT_INTERESTED.',
      resolve: ({ kind, value }) => (kind === 'NOT_INTERESTED' ? isAboutCategory(value) : null),
    }),
    orderId: t.exposeString('orderId', {
      nullable: true,
      description: 'The order. Null if it was not given.',
    }),
    listId: t.exposeString('listId', {
      nullable: true,
      description: 'The list that the product was shown in. Null if it was not given.',
    }),
    placement: t.exposeString('placement', {
      nullable: true,
      description: 'The place on the page that the list was shown at. Null if it was not given.',
    }),
    seller: t.exposeString('seller', {
      nullable: true,
      description: "The shop's own id of the seller. Null unless it was imported with one.",
    }),
    reviewScore: t.exposeFloat('reviewScore', {
      nullable: true,
      description:
        "The mean review score of its order, on the shop's scale. Null unless it was imported with one.",
    }),
    deliveryDelayDays: t.exposeFloat('deliveryDelayDays', {
      nullable: true,
      description:
        'How many days later than promised its order was delivered, negative if earlier. Null unless it was imported ' +
        'with one.',
    }),
  }),
})

const ExportCustomerInput = builder.inputType('ExportCustomerInput', {
  description: 'Whose events, and which page of them.',
  fields: (t) => ({
    customer: t.string({ description: "The shop's own id of the customer." }),
    first: t.int({
      defaultValue: DEFAULT_EXPORTED,
      description: `At most this many events, 1 to ${MAX_EXPORTED}; anything else is an error.`,
    }),
    after: t.string({
      required: false,
      description: 'The field `next` of the page before. Default: the first page.',
    }),
  }),
})

const ExportCustomerPayload = builder.objectRef<CustomerExport>('ExportCustomerPayload').implement({
  description: 'A page of what the store holds about a customer.',
  fields: (t) => ({
    visitors: t.stringList({
      description: 'The visitors that were identified as this customer.',
      resolve: ({ visitors }) => [...visitors],
    }),
    segment: t.exposeString('segment', {
      nullable: true,
      description: "The segment that the shop's imported files give the customer. Null if there is none.",
    }),
    events: t.field({
      type: [RecordedEvent],
      description: 'In the order in which they happened.',
      authScopes: { catalog: true },
      resolve: ({ events }) => [...events],
    }),
    next: t.exposeString('next', {
      nullable: true,
      description: 'Pass it as `after` for the next page. Null: there is none.',
    }),
  }),
})

builder.mutationField('exportCustomer', (t) =>
  t.field({
    type: ExportCustomerPayload,
    description:
      'Gives out what the store holds about a customer, in pages. The audit log says that it was done, and by which key. ' +
      'Needs an API key of the scopes `write` and `read`.',
    errors: {
      types: [InvalidInputError],
      union: { name: 'ExportCustomerResult', description: 'A page of the events, or what is wrong.' },
    },
    args: { input: t.arg({ type: ExportCustomerInput, description: 'Whose events.' }) },
    authScopes: { read: true },
    resolve: (_root, { input: { customer, first, after } }, context) => {
      expectMayRead(customer, context.caller)
      if (first < 1 || first > MAX_EXPORTED)
        throw badUserInput(`"first" is ${first}: ask for 1 to ${MAX_EXPORTED} events.`, 'input', 'first')
      const page = (store: EventStore) => store.exportOf(customer, first, after ?? null, context.caller.actor)
      return stored(context, ['input'], page, 'given out')
    },
  }),
)

/**
 * Runs work on the store of events.
 * @param inputPath  where the events are, or the ids
 * @param done  what is not done if the store is read-only
 * @throws {InvalidInputError} with the paths of everything that is invalid
 * @throws {GraphQLError} with code NO_STORE without a store, and as `storeProblem`
 */
async function stored<Result>(
  { recommender: { events } }: Context,
  inputPath: readonly string[],
  work: (store: EventStore) => Promise<Result>,
  done = 'recorded',
): Promise<Result> {
  if (events === null) throw noStore()
  try {
    return await work(events)
  } catch (error) {
    if (error instanceof InvalidEventsError) throw invalidEvents(error, inputPath)
    if (error instanceof RangeError)
      throw badUserInput(`"after" is no page: ${error.message}.`, 'input', 'after')
    throw storeProblem(error, done)
  }
}

function invalidEvents({ problems }: InvalidEventsError, inputPath: readonly string[]): InvalidInputError {
  const isList = inputPath.length > 1
  const paths = problems.map(({ place, field }) => [...inputPath, ...(isList ? [String(place)] : []), field])
  const shown = problems
    .slice(0, SHOWN)
    .map(({ place, message }) => (isList ? `Event ${place}: ${message}` : message))
  const more = problems.length > SHOWN ? [`${problems.length - SHOWN} more are invalid.`] : []
  return new InvalidInputError([...shown, ...more].join(' '), paths[0], paths)
}

/** Problems that a message describes; `paths` names all. */
const SHOWN = 10
