import type { Kernels } from '../kernels/kernels.ts'
import type { ItemSide } from '../model/model.ts'
import { latestSale } from '../model/sales.ts'
import type { Buyers } from './buyers.ts'
import { buyersOf } from './buyers.ts'
import { associationsIn } from './associations.ts'
import { coPurchasesOf } from './co-purchases.ts'
import type { Coverage } from './coverage.ts'
import { coverageOf } from './coverage.ts'
import type { RecentSales } from './recent-sales.ts'
import { recentSales } from './recent-sales.ts'

/** What several sources and lists look up in a model, made once. */
export interface ModelIndexes<Of extends ItemSide = ItemSide> {
  readonly model: Of
  readonly kernels: Kernels
  readonly coverage: Coverage
  readonly buyers: Buyers
  /** What was bought by the same customers. */
  readonly coPurchases: ReturnType<typeof coPurchasesOf>
  /** What goes with a product that somebody is interested in. */
  readonly associations: ReturnType<typeof associationsIn>
  /** The moment of the latest purchase, in ms since 1970 UTC; NaN unknown. */
  readonly latest: number
  /** What sold lately, as of any moment. */
  readonly salesAt: RecentSales
}

/** @param kernels  stay open for as long as the indexes are used */
export function indexModel<Of extends ItemSide>(model: Of, kernels: Kernels): ModelIndexes<Of> {
  const coverage = coverageOf(model)
  return {
    model,
    kernels,
    coverage,
    buyers: buyersOf(model),
    coPurchases: coPurchasesOf(model.partners),
    associations: associationsIn(model, coverage),
    latest: latestSale(model.sales),
    salesAt: recentSales(model),
  }
}
