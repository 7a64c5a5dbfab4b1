import type { Model } from '../model/model.ts'
import {
  availabilityExample,
  modelExample,
  searchCustomersExample,
  searchExample,
} from './examples/catalogue.ts'
import {
  againExample,
  basketExample,
  deferredExample,
  manyExample,
  pagingExample,
  rankingExample,
  recommendationsExample,
} from './examples/customers.ts'
import { filterExample, productPageExample, sellingExample } from './examples/products.ts'
import { PLACEHOLDERS, type Shown, shownIn } from './examples/shown.ts'

/** Operations for GraphiQL's tabs, with ids of this model, so that each returns a real answer. */
export function exampleQueries(model: Model): string[] {
  return examplesAbout(shownIn(model))
}

/** The same with words in place of customers, for callers who may only ask about products. */
export function examplesOfProducts(model: Model): string[] {
  const { customer, others, segment } = PLACEHOLDERS
  const shown = shownIn(model)
  const basket = [...new Set([shown.product, shown.bestseller])]
  return examplesAbout({ ...shown, customer, others, segment, basket })
}

/**
 * The same with words to replace by a shop's ids: nothing of the shop stands in them, so that anybody may see them. The
 * first returns a real answer as it is.
 */
export function examplesToFill(): string[] {
  const examples = examplesAbout(PLACEHOLDERS)
  return [modelExample(), ...examples.filter((query) => query !== modelExample())]
}

function examplesAbout(shown: Shown): string[] {
  return [
    recommendationsExample(shown),
    productPageExample(shown),
    againExample(shown),
    basketExample(shown),
    sellingExample(shown),
    filterExample(shown),
    rankingExample(shown),
    pagingExample(shown),
    deferredExample(shown),
    manyExample(shown),
    searchExample(shown),
    searchCustomersExample(shown),
    modelExample(),
    availabilityExample(shown),
  ]
}
