import { pageArguments } from './arguments.ts'
import { builder } from './builder.ts'
import { badUserInput } from './errors.ts'
import { filterArguments, listOptions } from './ranking-input.ts'
import { digestOf, connectionOf, MAX_DEPTH } from './paging.ts'
import { CustomerConnection } from './customer.ts'
import { ProductConnection } from './product.ts'

/** Nobody types more. */
const MAX_TEXT = 200

const textArgument = builder.args((t) => ({
  text: t.string({ description: `What to look for, at most ${MAX_TEXT} characters.` }),
}))

builder.queryFields((t) => ({
  searchProducts: t.field({
    type: ProductConnection,
    description:
      'The products that hold all words of a text in name, category, SKU and labels taken together, the last word as far ' +
      'as it was typed; accents and case make no difference. First the product whose SKU the text is, then by BM25, what ' +
      'is in the name counting most; the first 1,000 can be paged through.',
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
      'The customers whose id is a text, begins with it, or (from three characters on) holds it, in this order; then those ' +
      'of the segments whose name holds all its words. The first 1,000 can be paged through. Takes an API key of scope ' +
      '`admin`.',
    authScopes: { read: true, admin: true },
    args: { ...textArgument, ...pageArguments },
    resolve: (_root, { text, ...args }, { recommender: { model, search }, work }) =>
      connectionOf(
        model,
        {
          name: `CustomerSearch ${digestOf({ text: checked(text) })}`,
          depth: MAX_DEPTH,
          load: (stretch) => search.customers(text, stretch, work),
          identify: ({ customer }) => ({ id: model.customers.at(customer) }),
        },
        args,
        ({ customer }) => ({ node: { index: customer } }),
      ),
  }),
}))

function checked(text: string): string {
  if (text.length <= MAX_TEXT) return text
  throw badUserInput(`"text" is ${text.length} characters long: at most ${MAX_TEXT} are looked for.`, 'text')
}
