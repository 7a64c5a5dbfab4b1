/** What sells in the categories that were bought from (group-sales.ts). */
import type { ModelIndexes } from '../model-indexes.ts'
import { groupSales } from './group-sales.ts'
import type { Source } from './source.ts'

export function categorySource({ model, latest }: ModelIndexes): Source {
  const salesOf = groupSales(model.category, model.popularity, latest)
  return {
    name: 'category',
    roundings: 1,
    needsBuyers: false,
    scores({ ascending, history }) {
      const scores = salesOf(ascending)
      return {
        ...scores,
        causes(product, { contribution }) {
          const { label, purchases } = salesOf(history).groupOf(product)
          return [
            {
              kind: 'POPULAR_IN_CATEGORY',
              amount: contribution,
              category: label,
              sales: scores.sales(product),
              purchases,
            },
          ]
        },
      }
    },
  }
}
