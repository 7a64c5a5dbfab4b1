/**
 * The regularisation of EASE (model/item-weights.ts) that suits a shop: the λ of the highest nDCG@10 by EASE alone, among
 * the products that the most customers bought beside others. Fewer products than the model has are enough to choose on,
 * and take a fraction of the time. Last orders want a greater λ than baskets do, so that it is a compromise: each kind
 * counts relative to what its best λ finds.
 */
import { csrFromTriples } from '../kernels/csr.ts'
import type { Csr, Kernels } from '../kernels/kernels.ts'
import { columnsOf, mostLinked, placed } from '../model/item-weights.ts'
import { FIRST, gainAt, idealGain } from './ndcg.ts'
import type { HeldOut, HeldOutBasket, ValidationSplit } from './validation-split.ts'

const CANDIDATES = [1, 5, 20, 50, 100, 200, 400, 800]

/** Products that λ is chosen on: 0.2 s a candidate on two cores. */
const PRODUCTS = 2048

/**
 * @param usual  λ where no held-out order tells anything
 * @throws {KernelError} when `signal` aborts
 */
export async function chooseEaseRegularization(
  { train, lastOrders, baskets }: ValidationSplit,
  kernels: Kernels,
  usual: number,
  signal?: AbortSignal,
): Promise<number> {
  const { customer, product, quantity } = train.interactions
  const histories = csrFromTriples(train.customers.size, train.products.size, customer, product, quantity)
  const marks = mostLinked(histories, PRODUCTS)
  const products = Uint32Array.from(marks.keys()).filter((index) => marks[index] === 1)
  const columns = columnsOf(histories, marks)
  const kinds = [lastOrders, baskets]
    .map((heldOut) => casesOf(columns, products, heldOut))
    .filter((cases) => cases.length > 0)
  if (kinds.length === 0) return usual
  const interactions = placed(columns, products)
  /** By kind and candidate. */
  const found = kinds.map(() => new Float64Array(CANDIDATES.length))
  for (const [c, regularization] of CANDIDATES.entries()) {
    const fitted = await kernels.openEase({
      interactions,
      regularization,
      neighbours: 0,
      ...(signal && { signal }),
    })
    const scores = new Float32Array(products.length)
    for (const [k, cases] of kinds.entries()) {
      for (const { bought, wanted } of cases) {
        fitted.scores(bought, scores)
        found[k][c] += ndcg(scores, bought, wanted)
      }
    }
    fitted.close()
  }
  const worth = CANDIDATES.map((_, c) =>
    found.reduce((sum, ofKind) => sum + ofKind[c] / (Math.max(...ofKind) || 1), 0),
  )
  // Of two as good, the simpler model.
  return CANDIDATES[worth.lastIndexOf(Math.max(...worth))]
}

interface Case {
  /** Both as places among the products. */
  readonly bought: Uint32Array
  readonly wanted: Uint32Array
}

/** Customers with some of the products in their history, and others of the products held out. */
function casesOf(
  { indptr, indices }: Csr,
  products: Uint32Array,
  heldOut: readonly (HeldOut | HeldOutBasket)[],
): Case[] {
  const places = new Map(Array.from(products, (product, place) => [product, place]))
  const placesOf = (some: Iterable<number>) => [...some].flatMap((product) => places.get(product) ?? [])
  return heldOut.flatMap((one) => {
    const { customer, products: held } = one
    const given = 'given' in one ? one.given : []
    const own = new Set(placesOf([...indices.subarray(indptr[customer], indptr[customer + 1]), ...given]))
    const wanted = placesOf(held).filter((place) => !own.has(place))
    if (own.size === 0 || wanted.length === 0) return []
    return [{ bought: Uint32Array.from(own).sort(), wanted: Uint32Array.from(wanted) }]
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
