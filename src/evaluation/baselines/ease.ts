import type { System } from '../system.ts'
import { UnsuitableDataError } from '../unsuitable-data.ts'
import { easeSize, solveEase } from './ease-solution.ts'
import { linkedProducts } from './linked-products.ts'
import { checkParameter } from './parameter.ts'
import { popularityOrder, purchasesOf } from './purchases.ts'
import { scoredLists } from './scored-lists.ts'

/** The largest matrix that is inverted: 6,000 × 6,000 numbers are 288 MB and, where few are 0, take some minutes. */
const LARGEST = 6000

/** What is not greater than this is the rounding of an inverse, and no score. */
const ROUNDING = 1e-9

/**
 * EASE, the linear model of each product by all others (Steck 2019, arXiv:1905.03375; ease-solution.ts), solved exactly
 * and separately wherever co-purchase links products. The products that a score above 0 speaks for come first, then
 * what is popular. A product says nothing for itself (the model's constraint), so that under `next-order` it is bought
 * again only by the company it keeps.
 * @param lambda  λ > 0, the regularization
 * @param largest  of the linked products, or of their customers of two products or more, how many may be too many
 * @throws {RangeError} for any other
 * @throws {UnsuitableDataError} by `fit`, where the matrix to invert would be larger
 */
export function ease({ lambda }: { readonly lambda: number }, largest = LARGEST): System {
  checkParameter('lambda', lambda, lambda > 0 && lambda < Infinity, 'a finite number above 0')
  return {
    name: 'EASE',
    isRandom: false,
    async fit(train) {
      const purchases = purchasesOf(train)
      const components = linkedProducts(purchases)
      const size = Math.max(0, ...components.map(easeSize))
      if (size > largest) {
        throw new UnsuitableDataError(
          `EASE would have to invert a matrix of ${size} × ${size} numbers, and ${largest} × ${largest} is the limit: ` +
            'fewer products or customers are linked in a smaller data set',
        )
      }
      /** Per product its component, −1 none, and its place there. */
      const componentOf = new Int32Array(purchases.columns).fill(-1)
      const placeOf = new Uint32Array(purchases.columns)
      components.forEach(({ products }, c) =>
        products.forEach((product, place) => {
          componentOf[product] = c
          placeOf[product] = place
        }),
      )
      const solutions = components.map((component) => solveEase(component, lambda))
      return scoredLists(purchases.columns, popularityOrder(purchases), ({ history }, scores) => {
        for (const c of new Set(history.map(({ product }) => componentOf[product]))) {
          if (c < 0) continue
          const bought = history.filter(({ product }) => componentOf[product] === c)
          const { products } = components[c]
          solutions[c](bought.map(({ product }) => placeOf[product])).forEach((score, place) => {
            if (score > ROUNDING) scores.add(products[place], score)
          })
        }
      })
    },
  }
}
