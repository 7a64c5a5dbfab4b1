import type { Dataset } from '../../../src/data/dataset.ts'
import type { TestCase, Trial } from '../../../src/evaluation/trial.ts'

const DAY = 86_400_000

/** A case in names: whom, by what they have, when (days since 1970), for what. */
export interface NamedCase {
  /** Null: nobody that training knows. */
  readonly customer: string | null
  readonly history: readonly string[]
  readonly day: number
  readonly find: readonly string[]
}

/** The cases of a trial by the customer's name, products in the order of the alphabet. */
export function named(trial: Trial): NamedCase[] {
  const cases = trial.cases.map((each) => namedCase(trial.train, each))
  return cases.sort((a, b) => ((a.customer ?? '') < (b.customer ?? '') ? -1 : 1))
}

function namedCase(
  { customers, products }: Dataset,
  { customer, history, at, relevant }: TestCase,
): NamedCase {
  return {
    customer: customer < 0 ? null : customers.at(customer),
    history: history.map(({ product }) => products.at(product)).sort(),
    day: at / DAY,
    find: Array.from(relevant, (product) => products.at(product)).sort(),
  }
}

/** Every interaction of a data set as "customer product", in order. */
export function purchases({ interactions, customers, products }: Dataset): string[] {
  return Array.from(
    interactions.customer,
    (customer, i) => `${customers.at(customer)} ${products.at(interactions.product[i])}`,
  )
}
