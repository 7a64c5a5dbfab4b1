import type { Kernels } from '../kernels/kernels.ts'
import type { ItemSide } from '../model/model.ts'
import { atOnce, type Pieces } from '../kernels/pieces.ts'
import { latestSale } from '../model/sales.ts'
import type { Buyers } from './buyers.ts'
import { buyersOf } from './buyers.ts'
import { associationsIn } from './associations.ts'
import { coPurchasesOf } from './co-purchases.ts'
import type { Coverage } from './coverage.ts'
import { coverageOf } from './coverage.ts'
import type { RecentSales } from './recent-sales.ts'
import { OpenedParts } from './opened-parts.ts'
import { recentSales } from './recent-sales.ts'

/** What several sources and lists look up in a model, made once. */
export interface ModelIndexes<Of extends ItemSide = ItemSide> {
  readonly model: Of
  readonly kernels: Kernels
  readonly parts: OpenedParts
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
  return atOnce(indexModelInPieces(model, kernels, new OpenedParts()))
}

/**
 * As `indexModel`.
 * @param parts  what is opened over the model, or taken over
 */
export function* indexModelInPieces<Of extends ItemSide>(
  model: Of,
  kernels: Kernels,
  parts: OpenedParts,
): Pieces<ModelIndexes<Of>> {
  const coverage = yield* parts.open('coverage', [model.itemFactors, model.content], function* () {
    yield
    return coverageOf(model)
  })
  const salesAt = yield* parts.open('sales', [model.sales], function* () {
    yield
    return recentSales(model)
  })
  yield
  return {
    model,
    kernels,
    parts,
    coverage,
    buyers: buyersOf(model),
    coPurchases: coPurchasesOf(model.partners),
    associations: associationsIn(model, coverage),
    latest: latestSale(model.sales),
    salesAt,
  }
}
