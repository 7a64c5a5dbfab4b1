/**
 * What somebody looked at lately, or put into the cart: two sources, alike but for the kind of event. With I the products
 * of that kind, dᵢ what each counts for at the moment (interest.ts) and s what associates products (associations.ts),
 *
 *   v(u, j) = Σ_{i ∈ I} dᵢ·s_ij,   s_jj = 1
 *
 * It counts as it is, c(v) = v, so that a contribution w·v comes apart into a term w·dᵢ·s_ij for each product of I. Of the
 * product itself (s_jj) it speaks only in lists that may hold what was bought before: what somebody has looked at is
 * nothing new to them, and in a list of new products is neither left out nor preferred.
 *
 * Pairs that a single customer bought do not count, whoever asks: a page may record what its customer looks at
 * (graphql/own-events.ts), and would learn what the only buyer of a product bought besides.
 *
 * By content the LATEST products of I are associated alone, since to find what is like one takes a pass over its category.
 */
import type { InterestKind } from '../../data/browsing.ts'
import type { LearnedSource } from '../../model/blend-weights.ts'
import { SHARED } from '../../model/partners.ts'
import { apportion } from '../apportion.ts'
import type { Associations } from '../associations.ts'
import type { FadedInterest } from '../interest.ts'
import type { ModelIndexes } from '../model-indexes.ts'
import type { ProductValues } from '../product-sums.ts'
import { ProductSums, valuesIn } from '../product-sums.ts'
import type { Cause } from '../reason.ts'
import type { Customer, CustomerScores, Source } from './source.ts'
import { sparseValues } from './source.ts'

/** As many as the source `nearest` asks of each category. */
const LATEST = 5

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

  function scores({ interest = [], leastCustomers, includePurchased = false }: Customer): CustomerScores {
    const own = interest.filter((one) => one.kind === kind)
    const latest = new Set(own.toSorted((a, b) => b.at - a.at || a.product - b.product).slice(0, LATEST))
    own.sort((a, b) => a.product - b.product)

    /** What each speaks for, in the order of `own`. */
    const spokenFor = own.map((one): readonly Associations[] => [
      ...(includePurchased ? [{ products: [one.product], values: [1] }] : []),
      associations.byCustomers(one.product, Math.max(leastCustomers, SHARED)),
      ...(latest.has(one) ? [associations.byContent(one.product)] : []),
    ])
    own.forEach((one, i) => {
      for (const { products, values } of spokenFor[i])
        for (let k = 0; k < products.length; k++) sums.add(products[k], one.weight * values[k])
    })
    return {
      ...sparseValues(
        own.length > 0 ? sums.take() : NOTHING,
        () => false,
        (v) => v,
      ),
      causes(product, { weight, contribution }) {
        const speaking: FadedInterest[] = []
        const terms: number[] = []
        own.forEach((one, i) => {
          let sum = 0
          for (const { products, values } of spokenFor[i]) {
            const place = products.indexOf(product)
            if (place >= 0) sum += weight * one.weight * values[place]
          }
          if (sum === 0) return
          speaking.push(one)
          terms.push(sum)
        })
        return apportion(contribution, terms).map((amount, i) => causeOf(amount, speaking[i]))
      },
    }
  }

  return { name, roundings: 1, needsBuyers: false, scores }
}
