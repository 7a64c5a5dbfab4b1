/** What a trial leaves out of its test, in words: the keys of `Trial.leftOut`. */
export const LEFT_OUT = {
  unknownTime: 'interactions of unknown time',
  noKnownTime: 'customers with several orders, none of known time',
  noHistory: 'customers with no purchase in training',
  oneProduct: 'customers of fewer than two products known to training',
  emptyBasket: 'baskets of which nothing else is known to training',
  nothingToFind: 'customers with nothing left to find',
  unknownProducts: 'held-out purchases of products that training does not know',
  boughtBefore: 'held-out purchases of products bought before',
} as const

type Reason = (typeof LEFT_OUT)[keyof typeof LEFT_OUT]

/** Counts what is left out. Reasons that never came up are not listed. */
export class LeftOut {
  readonly #counts = new Map<Reason, number>()

  add(reason: Reason, count = 1): void {
    if (count > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count)
  }

  /** By reason, in the order of `LEFT_OUT`. */
  record(): Record<string, number> {
    const reasons = Object.values(LEFT_OUT).filter((reason) => this.#counts.has(reason))
    return Object.fromEntries(reasons.map((reason) => [reason, this.#counts.get(reason) ?? 0]))
  }
}
