import type { Recommender } from '../engine/recommender.ts'
import type { PricedShop } from './cost.ts'
import { positionOf } from './cursors.ts'
import { globalIdIn } from './global-ids.ts'

/** Characters; hardly any shop has longer ids. */
const LONGEST_ID = 500

/** Look-ups of customer ids and cursors, which the cost of an operation depends on. */
export function lookUpIn({
  model,
  histories,
}: Pick<Recommender, 'model' | 'histories'>): Pick<PricedShop, 'bought' | 'position'> {
  function bought(id: string): number {
    if (id.length > LONGEST_ID) return 0
    const index = model.customers.indexOf(id)
    if (index >= 0) return histories.lengthOf(index)
    const decoded = globalIdIn(id)
    const named = decoded?.typename === 'Customer' ? model.customers.indexOf(decoded.id) : -1
    return named >= 0 ? histories.lengthOf(named) : 0
  }
  return { bought, position: positionOf }
}
