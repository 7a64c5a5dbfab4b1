import type { ListRequest } from '../../src/engine/what-if.ts'
import type { Recommender } from '../../src/engine/recommender.ts'
import { type Evidence, gatherEvidence } from '../../src/explanations/evidence.ts'

/** What is explained of a list. */
export interface ListedEvidence {
  readonly list: string
  readonly evidence: readonly Evidence[]
}

/** So many of each list, from its first on. */
const LISTED = 3

/** Each list for a customer, or for a product. @param product  that the customer bought */
const LISTS: Readonly<Record<string, (customer: number, product: number) => ListRequest>> = {
  'for you': (customer) => ({ customer }),
  'also bought': (customer) => ({ list: 'ALSO_BOUGHT', customer }),
  'buy again': (customer) => ({ list: 'BUY_AGAIN', customer }),
  'complementary, for a customer': (customer) => ({ list: 'COMPLEMENTARY', customer }),
  'complementary, for a basket': (_, product) => ({ list: 'COMPLEMENTARY', history: [unbought(product)] }),
  'complementary, on a page': (_, product) => ({
    list: 'COMPLEMENTARY',
    history: [unbought(product)],
    lookedAt: true,
  }),
  related: (_, product) => ({ list: 'RELATED', history: [unbought(product)], lookedAt: true }),
  trending: () => ({ list: 'TRENDING' }),
  popular: () => ({ list: 'POPULAR' }),
}

/**
 * The evidence of every kind of list, for customers and products from all over the shop; of trending and popular
 * products as deep as that goes.
 * @param recommendations  of each list, at most
 */
export async function listedEvidence(
  recommender: Recommender,
  recommendations: number,
): Promise<ListedEvidence[]> {
  const { model } = recommender
  const { rows, indptr, indices } = model.histories
  const buyers = Array.from({ length: rows }, (_, customer) => customer).filter(
    (c) => indptr[c + 1] > indptr[c],
  )
  const customers = spread(buyers, Math.ceil(recommendations / LISTED))
  const listed: ListedEvidence[] = []
  for (const [list, requestFor] of Object.entries(LISTS)) {
    const evidence: Evidence[] = []
    for (const [place, customer] of customers.entries()) {
      const request = requestFor(customer, indices[indptr[customer]])
      const offset = list === 'trending' || list === 'popular' ? place * LISTED : 0
      const [{ items }] = await recommender.recommend([{ ...request, first: LISTED, offset }])
      evidence.push(...items.map((item) => gatherEvidence(model, item, request)))
    }
    listed.push({ list, evidence: evidence.slice(0, recommendations) })
  }
  return listed
}

const unbought = (product: number) => ({ product, quantity: 1, purchasedAt: null })

/** So many of a list, evenly. */
export function spread<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, items.length / count)
  return Array.from({ length: Math.min(count, items.length) }, (_, i) => items[Math.floor(i * step)])
}
