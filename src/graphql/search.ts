import { pageArguments } from './arguments.ts'
import { builder } from './builder.ts'
import { badUserInput } from './errors.ts'
import { filterArguments, listOptions } from './ranking-input.ts'
import { type CustomerKey, customerIdOf } from '../engine/customer-key.ts'
import { digestOf, connectionOf, MAX_DEPTH, type PagedList } from './paging.ts'
import { CustomerConnection, storedCustomers } from './customer.ts'
import { ProductConnection } from './product.ts'

/** Characters: more than anybody types. */
const MAX_TEXT = 200

const textArgument = builder.args((t) => ({
  text: t.string({ description: `The text to search for, at most ${MAX_TEXT} characters.` }),
}))

builder.queryFields((t) => ({
  searchProducts: t.field({
    type: ProductConnection,
    description:
      'Products whose name, category, SKU and labels together contain all words of the text; the last word ' +
      'may be incomplete. Accents and case are ignored. A product whose SKU equals the text comes first; the ' +
      'others are ordered by BM25, in which words of the name count most. The first 1,000 can be paged ' +
      'through.',
    args: { ...textArgument, ...pageArguments, ...filterArguments },
    resolve: (_root, { text, ...args }, context) => {
      const { recommender, work } = context
      const { model, search } = recommender
      const { filter } = listOptions(args, context)
      const asked = { text: checked(text), filter }
      return connectionOf(
        model,
        {
          name: `ProductSearch ${digestOf(asked)}`,
          depth: MAX_DEPTH,
          load: async (stretch) => {
            const eligible = await recommender.eligibleInPieces(filter, work)
            return search.products(asked.text, { ...stretch, eligible }, work)
          },
          identify: ({ product }) => ({ id: model.products.at(product) }),
        },
        args,
        ({ product }) => ({ node: { index: product } }),
      )
    },
  }),
  searchCustomers: t.field({
    type: CustomerConnection,
    description:
      'Customers whose own id equals the text, begins with it, or contains it (if it has three characters or ' +
      'more), in this order; then customers of segments whose name contains all words of the text. The first ' +
      '1,000 can be paged through. If the model was trained without histories: the customers of the store whose id ' +
      'begins with the text, by id. Needs an API key of scope `admin`.',
    authScopes: { read: true, admin: true },
    args: { ...textArgument, ...pageArguments },
    resolve: (_root, { text, ...args }, { recommender: { model, search, events }, work }) => {
      const name = `CustomerSearch ${digestOf({ text: checked(text) })}`
      const list: PagedList<CustomerKey> =
        model.summary.withoutHistories && events
          ? storedCustomers(name, events, text.trim())
          : {
              name,
              depth: MAX_DEPTH,
              load: async (stretch) => {
                const { items, hasMore } = await search.customers(text, stretch, work)
                return { items: items.map(({ customer }) => customer), hasMore }
              },
              identify: (customer) => ({ id: customerIdOf(model, customer) }),
            }
      return connectionOf(model, list, args, (index) => ({ node: { index } }))
    },
  }),
}))

function checked(text: string): string {
  if (text.length <= MAX_TEXT) return text
  throw badUserInput(`"text" is ${text.length} characters long: send at most ${MAX_TEXT}.`, 'text')
}
