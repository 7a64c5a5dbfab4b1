import type { Recommender } from '../engine/recommender.ts'
import type { CostInputs } from './cost.ts'
import { positionOf } from './cursors.ts'
import { globalIdIn } from './global-ids.ts'

/** Characters. Longer text is not looked up: hardly any shop has longer ids. */
const LONGEST_ID = 500

/**
 * Looks up customer ids and cursors of a request, for the cost of its operation.
 * @param current  the recommender that answers now
 */
export function costInputs(
  current: () => Pick<Recommender, 'model' | 'histories'>,
): Pick<CostInputs, 'bought' | 'position'> {
  function bought(id: string): number {
    if (id.length > LONGEST_ID) return 0
    const { model, histories } = current()
    // Nothing is read for an estimate: of whoever is named, the usual.
    if (model.summary.withoutHistories)
      return Math.ceil(model.summary.purchases / Math.max(1, model.summary.customers))
    const index = model.customers.indexOf(id)
    if (index >= 0) return histories.lengthOf(index)
    const decoded = globalIdIn(id)
    const named = decoded?.typename === 'Customer' ? model.customers.indexOf(decoded.id) : -1
    return named >= 0 ? histories.lengthOf(named) : 0
  }
  return { bought, position: positionOf }
}
