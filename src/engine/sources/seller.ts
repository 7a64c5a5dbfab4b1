/** What sells with the sellers who were bought from (group-sales.ts). */
import type { ModelIndexes } from '../model-indexes.ts'
import { groupSales, groupSource } from './group-sales.ts'
import type { Source } from './source.ts'

export function sellerSource({ model, latest }: ModelIndexes): Source {
  return groupSource(
    'seller',
    groupSales(model.seller, model.baskets.orders, model.popularity, latest),
    ({ label, ...cause }) => ({
      kind: 'POPULAR_WITH_SELLER',
      seller: label,
      ...cause,
    }),
  )
}
