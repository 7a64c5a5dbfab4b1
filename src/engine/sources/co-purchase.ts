/**
 * What customers bought who bought something in the history too: v the sum over the history of the cosines by customers
 * (co-purchases.ts), divided among the purchases in proportion to them, since c(v) is the logarithm of a sum.
 */
import { apportion } from '../apportion.ts'
import type { ModelIndexes } from '../model-indexes.ts'
import type { Source } from './source.ts'
import { sparseValues } from './source.ts'

const calibrate = (v: number) => (v > 0 ? Math.log1p(100 * v) : 0)

export function coPurchaseSource({ coPurchases }: ModelIndexes): Source {
  return {
    name: 'coPurchase',
    roundings: 1,
    needsBuyers: false,
    scores({ ascending, leastCustomers }) {
      const { values, knows, together } = coPurchases(ascending, leastCustomers)
      return {
        ...sparseValues(values, knows, calibrate),
        causes(product, { contribution }) {
          const bought = together(product)
          const amounts = apportion(
            contribution,
            bought.map(({ cosine }) => cosine),
          )
          return bought.map(({ purchase, customers }, i) => ({
            kind: 'BOUGHT_TOGETHER',
            amount: amounts[i],
            purchase,
            customers,
          }))
        },
      }
    },
  }
}
