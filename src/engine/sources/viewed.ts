/**
 * What somebody looked at lately, or put into the cart: two sources, alike but for the kind of event. With I the products
 * of that kind, dᵢ what each counts for at the moment (interest.ts) and s what associates products (associations.ts),
 *
 *   v(u, j) = Σ_{i ∈ I} dᵢ·s_ij,   s_jj = 1
 *
 * It counts as it is, c(v) = v, so that a contribution w·v comes apart into a term w·dᵢ·s_ij for each product of I. Of the
 * product itself (s_jj) it speaks only in lists that may hold what was bought before: what somebody has looked at is
 * nothing new to them, and in a list of new products is neither left out nor preferred.
 */
import type { InterestKind } from '../../data/browsing.ts'
import type { LearnedSource } from '../../model/blend-weights.ts'
import { apportion } from '../apportion.ts'
import type { FadedInterest } from '../interest.ts'
import type { ModelIndexes } from '../model-indexes.ts'
import type { ProductValues } from '../product-sums.ts'
import { ProductSums, valuesIn } from '../product-sums.ts'
import type { Cause } from '../reason.ts'
import type { Customer, Source } from './source.ts'
import { sparseValues } from './source.ts'

const NOTHING: ProductValues = valuesIn(new Map())

export const viewedSource = (indexes: ModelIndexes): Source =>
  interestSource('viewed', 'VIEW', indexes, (amount, interest) => ({ kind: 'VIEWED', amount, interest }))

export const cartSource = (indexes: ModelIndexes): Source =>
  interestSource('cart', 'CART', indexes, (amount, interest) => ({ kind: 'IN_CART', amount, interest }))

function interestSource(
  name: LearnedSource,
  kind: InterestKind,
  { model, associations }: ModelIndexes,
  causeOf: (amount: number, interest: FadedInterest) => Cause,
): Source {
  const sums = new ProductSums(model.products.size)

  /** Calls back with each product that one of the interest speaks for, and its part of v. */
  function forEachTerm(
    { product, weight }: FadedInterest,
    { leastCustomers, includePurchased = false }: Customer,
    visit: (product: number, term: number) => void,
  ): void {
    if (includePurchased) visit(product, weight)
    for (const { products, values } of associations(product, leastCustomers))
      for (let i = 0; i < products.length; i++) visit(products[i], weight * values[i])
  }

  return {
    name,
    roundings: 1,
    needsBuyers: false,
    scores(customer) {
      const own = (customer.interest ?? [])
        .filter((interest) => interest.kind === kind)
        .sort((a, b) => a.product - b.product)
      for (const interest of own) forEachTerm(interest, customer, (product, term) => sums.add(product, term))
      return {
        ...sparseValues(
          own.length > 0 ? sums.take() : NOTHING,
          () => false,
          (v) => v,
        ),
        causes(product, { weight, contribution }) {
          const terms = own.map((interest) => {
            let sum = 0
            forEachTerm(interest, customer, (other, term) => {
              if (other === product) sum += weight * term
            })
            return sum
          })
          const some = [...own.keys()].filter((i) => terms[i] > 0)
          const amounts = apportion(
            contribution,
            some.map((i) => terms[i]),
          )
          return some.map((i, place) => causeOf(amounts[place], own[i]))
        },
      }
    },
  }
}
