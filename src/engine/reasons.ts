/**
 * Why a product was recommended: what each past purchase did for it.
 *
 * A customer's factors are a sum over their purchases, x = Σᵢ tᵢ A⁻¹yᵢ, and so their score for product j comes apart
 * exactly: x·y_j = Σᵢ tᵢ y_jᵀA⁻¹yᵢ, one term a purchase (Hu, Koren & Volinsky 2008, section 5). The terms are the
 * contributions; the similarity of content stands beside them.
 */
import type { FoldIn } from '../kernels/kernels.ts'
import type { Model } from '../model/model.ts'
import type { Coverage } from './coverage.ts'
import { rowsOf } from './history.ts'
import { innerProduct } from './inner-product.ts'
import type { HistoryEntry, Reason } from './recommendation.ts'

/**
 * @param products  what is recommended
 * @param scored  parallel to `products`: whether the collaborative source scored it; else there are no contributions
 * @returns per product one reason a purchase: the largest |contribution| first or, without any, the most similar
 */
export function reasonsFor(
  model: Model,
  foldIn: FoldIn,
  coverage: Coverage,
  history: readonly HistoryEntry[],
  products: readonly number[],
  scored: readonly boolean[],
): Reason[][] {
  const row = rowsOf([history], model.products.size)
  const places = new Map(Array.from(row.indices, (product, place) => [product, place]))
  const contributions = scored.includes(true)
    ? foldIn.contributions(row, Uint32Array.from(products))
    : new Float32Array(0)
  return products.map((product, p) => {
    const terms = history.map((purchase) =>
      scored[p] ? contributions[places.get(purchase.product)! * products.length + p] : null,
    )
    const total = terms.reduce<number>((sum, term) => sum + Math.abs(term ?? 0), 0)
    return history
      .map((purchase, i) => ({
        purchase,
        contribution: terms[i],
        share: shareOf(terms[i], total),
        similarity: similarity(model, coverage, purchase.product, product),
      }))
      .sort(byWeight)
  })
}

function byWeight(a: Reason, b: Reason): number {
  return (
    Math.abs(b.contribution ?? 0) - Math.abs(a.contribution ?? 0) ||
    (b.similarity ?? -2) - (a.similarity ?? -2)
  )
}

function shareOf(contribution: number | null, total: number): number | null {
  if (contribution === null) return null
  return total > 0 ? Math.abs(contribution) / total : 0
}

function similarity({ content }: Model, coverage: Coverage, a: number, b: number): number | null {
  if (!coverage.content[a] || !coverage.content[b]) return null
  return innerProduct(content.data.subarray(a * content.columns, (a + 1) * content.columns), content.data, b)
}
