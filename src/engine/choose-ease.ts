/**
 * The regularisation of EASE (model/item-weights.ts) that suits a shop: the λ of the highest nDCG@10 on held-out orders,
 * by EASE alone, among the products that the most customers bought beside others. Fewer products than the model has
 * are enough to tell, and take a fraction of the time.
 */
import { csrFromTriples } from '../kernels/csr.ts'
import type { Csr, Kernels } from '../kernels/kernels.ts'
import { columnsOf, mostLinked, placed } from '../model/item-weights.ts'
import { FIRST, gainAt, idealGain } from './ndcg.ts'
import type { ValidationSplit } from './validation-split.ts'

const CANDIDATES = [1, 5, 20, 50, 100, 200, 400, 800]

/** Products that λ is chosen on: 0.2 s a candidate on two cores. */
const PRODUCTS = 2048

/**
 * @param usual  λ where no held-out order tells anything
 * @throws {KernelError} when `signal` aborts
 */
export async function chooseEaseRegularization(
  { train, lastOrders }: ValidationSplit,
  kernels: Kernels,
  usual: number,
  signal?: AbortSignal,
): Promise<number> {
  const { customer, product, quantity } = train.interactions
  const histories = csrFromTriples(train.customers.size, train.products.size, customer, product, quantity)
  const marks = mostLinked(histories, PRODUCTS)
  const products = Uint32Array.from(marks.keys()).filter((index) => marks[index] === 1)
  const cases = casesOf(columnsOf(histories, marks), products, lastOrders)
  if (cases.length === 0) return usual
  const interactions = placed(columnsOf(histories, marks), products)
  let best = { regularization: usual, found: -1 }
  for (const regularization of CANDIDATES) {
    const fitted = await kernels.openEase({
      interactions,
      regularization,
      neighbours: 0,
      ...(signal && { signal }),
    })
    const scores = new Float32Array(products.length)
    let found = 0
    for (const { bought, wanted } of cases) {
      fitted.scores(bought, scores)
      found += ndcg(scores, bought, wanted)
    }
    fitted.close()
    // Of two as good, the simpler model.
    if (found >= best.found) best = { regularization, found }
  }
  return best.regularization
}

interface Case {
  /** Both as places among the products, ascending. */
  readonly bought: Uint32Array
  readonly wanted: Uint32Array
}

/** Customers who bought some of the products before, and others of them in the held-out orders. */
function casesOf(
  { indptr, indices }: Csr,
  products: Uint32Array,
  lastOrders: ValidationSplit['lastOrders'],
): Case[] {
  const places = new Map(Array.from(products, (product, place) => [product, place]))
  return lastOrders.flatMap(({ customer, products: held }) => {
    const bought = indices.subarray(indptr[customer], indptr[customer + 1]).map((index) => places.get(index)!)
    const own = new Set(bought)
    const wanted = held.flatMap((product) => places.get(product) ?? []).filter((place) => !own.has(place))
    return bought.length > 0 && wanted.length > 0 ? [{ bought, wanted: Uint32Array.from(wanted) }] : []
  })
}

/** nDCG@10 of the scores, what was bought before left out. */
function ndcg(scores: Float32Array, bought: Uint32Array, wanted: Uint32Array): number {
  for (const place of bought) scores[place] = -Infinity
  let gained = 0
  for (const own of wanted) {
    let ahead = 0
    for (let other = 0; other < scores.length && ahead < FIRST; other++)
      if (scores[other] > scores[own] || (scores[other] === scores[own] && other < own)) ahead++
    gained += gainAt(ahead)
  }
  return gained / idealGain(wanted.length)
}
