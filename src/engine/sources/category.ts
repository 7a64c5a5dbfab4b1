/** What sells in the categories that were bought from (group-sales.ts). */
import type { ModelIndexes } from '../model-indexes.ts'
import { groupSales, groupSource } from './group-sales.ts'
import type { Source } from './source.ts'

export function categorySource({ model, latest }: ModelIndexes): Source {
  return groupSource(
    'category',
    groupSales(model.category, model.baskets.orders, model.popularity, latest),
    ({ label, ...cause }) => ({ kind: 'POPULAR_IN_CATEGORY', category: label, ...cause }),
  )
}
