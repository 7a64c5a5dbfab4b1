import type { IdTable } from '../data/ids.ts'

/** A customer id that the model does not know. */
export class UnknownCustomerError extends Error {
  override readonly name = 'UnknownCustomerError'
  readonly id: string

  /** @param withoutHistories  whether the model holds no customers at all */
  constructor(id: string, withoutHistories = false) {
    super(
      withoutHistories
        ? `There is no customer ${id}: the model was trained without histories and holds no customers, and no store ` +
            'that it is served with knows this one.'
        : `There is no customer ${id}: customers are named as in the order history.`,
    )
    this.id = id
  }
}

/** Product ids that the model does not know, all of a request's at once. */
export class UnknownProductError extends Error {
  override readonly name = 'UnknownProductError'
  readonly ids: readonly string[]

  constructor(ids: readonly string[]) {
    super(`There is no product ${ids.join(', ')}: products are named by their SKUs in the order history.`)
    this.ids = ids
  }
}

/**
 * Products by the shop's own ids, as indices of the model.
 * @throws {UnknownProductError} naming each one that the model has not, once
 */
export function productIndicesOf(skus: readonly string[], products: IdTable): number[] {
  const unknown = skus.filter((sku) => products.indexOf(sku) < 0)
  if (unknown.length > 0) throw new UnknownProductError([...new Set(unknown)])
  return skus.map((sku) => products.indexOf(sku))
}

/** Products whose purchase is to be undone, but which the history does not hold, all of a request's at once. */
export class UnknownPurchaseError extends Error {
  override readonly name = 'UnknownPurchaseError'
  readonly ids: readonly string[]

  constructor(ids: readonly string[]) {
    super(`There is no purchase of ${ids.join(', ')} in the history.`)
    this.ids = ids
  }
}

/** A filter or another wish about a list that cannot be granted. */
export class InvalidRequestError extends Error {
  override readonly name: string = 'InvalidRequestError'
  /** Where in the wish: names of fields, places of lists. */
  readonly path: readonly string[]

  constructor(path: readonly string[], message: string) {
    super(message)
    this.path = path
  }
}

/** A filter that nothing could pass, or that asks for what the model has not; `path` is within the filter. */
export class InvalidFilterError extends InvalidRequestError {
  override readonly name = 'InvalidFilterError'
}

/** A category that no product is of. */
export class UnknownCategoryError extends Error {
  override readonly name = 'UnknownCategoryError'
  readonly category: string

  constructor(category: string) {
    super(`There is no category ${category}: those there are, are listed by "categories".`)
    this.category = category
  }
}
