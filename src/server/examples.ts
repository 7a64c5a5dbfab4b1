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
import { PLACEHOLDERS, type ExampleValues, exampleValues } from './examples/values.ts'

/** Operations for GraphiQL's tabs, with ids of this model, so that each returns a real answer. */
export function exampleQueries(model: Model): string[] {
  return examplesAbout(exampleValues(model))
}

/** The same with placeholders for customers, for callers who may only query products. */
export function examplesOfProducts(model: Model): string[] {
  const { customer, others, segment } = PLACEHOLDERS
  const values = exampleValues(model)
  const basket = [...new Set([values.product, values.bestseller])]
  return examplesAbout({ ...values, customer, others, segment, basket })
}

/**
 * The same with placeholders for all ids. They contain nothing about the shop, so every visitor may see them. The first
 * returns a real answer as it is.
 */
export function examplesToFill(): string[] {
  const examples = examplesAbout(PLACEHOLDERS)
  return [modelExample(), ...examples.filter((query) => query !== modelExample())]
}

function examplesAbout(values: ExampleValues): string[] {
  return [
    recommendationsExample(values),
    productPageExample(values),
    againExample(values),
    basketExample(values),
    sellingExample(values),
    filterExample(values),
    rankingExample(values),
    pagingExample(values),
    deferredExample(values),
    manyExample(values),
    searchExample(values),
    searchCustomersExample(values),
    modelExample(),
    availabilityExample(values),
  ]
}
