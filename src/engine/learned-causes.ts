/**
 * What the contributions of the blend `learned` come from:
 *
 *   collaborative, content        each purchase's own term, exactly (hybrid-score.ts)
 *   nearest                       the one purchase that is nearest: v is a maximum
 *   coPurchase                    the purchases in proportion to their cosines: c(v) is the logarithm of a sum
 *   category, seller, popularity  the product's sales
 *   repeat                        the product's own purchase
 */
import type { BlendQuery } from './blend.ts'
import type { Cause } from './causes.ts'
import { apportion } from './causes.ts'
import type { CalibratedSource } from './hybrid-score.ts'
import { denseCauses } from './hybrid-score.ts'
import type { Hearing } from './learned-sources.ts'
import type { SourceScore } from './recommendation.ts'

/** @param dense  the collaborative source and content, in the order of the voices */
export function learnedCauses(
  dense: readonly CalibratedSource[],
  { voices, sparse }: Hearing,
  query: Pick<BlendQuery, 'history' | 'parts'>,
  score: SourceScore,
  product: number,
): Cause[] {
  const { source, contribution } = score
  if (!contribution) return []
  switch (source) {
    case 'collaborative':
      return denseCauses(dense[0], voices[0], score, query, product)
    case 'content':
      return denseCauses(dense[1], voices[1], score, query, product)
    case 'nearest':
      return [{ source, purchase: sparse.nearest.nearest(product)!, amount: contribution }]
    case 'coPurchase': {
      const together = sparse.coPurchase.together(product)
      const amounts = apportion(
        contribution,
        together.map(({ cosine }) => cosine),
      )
      return together.map(({ purchase, customers }, i) => ({
        source,
        purchase,
        customers,
        amount: amounts[i],
      }))
    }
    case 'category':
    case 'seller':
    case 'popularity':
      return [{ source, sales: sparse[source].sales(product), amount: contribution }]
    case 'repeat':
      return [{ source, amount: contribution }]
    case 'sameOrder':
      // Only a list of its own asks that source.
      return []
  }
}
