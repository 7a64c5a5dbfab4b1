/** A customer id that the model does not know. */
export class UnknownCustomerError extends Error {
  override readonly name = 'UnknownCustomerError'
  readonly id: string

  constructor(id: string) {
    super(`There is no customer ${id}.`)
    this.id = id
  }
}

/** Product ids that the model does not know, all of a request's at once. */
export class UnknownProductError extends Error {
  override readonly name = 'UnknownProductError'
  readonly ids: readonly string[]

  constructor(ids: readonly string[]) {
    super(`There is no product ${ids.join(', ')}.`)
    this.ids = ids
  }
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
