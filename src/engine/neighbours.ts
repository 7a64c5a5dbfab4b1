/** The products nearest to one: by content, by the customers who bought both, or by factors. All of them cosines. */
import { canonicalKey } from '../data/canonical-key.ts'
import type { CosineTopKResult, Kernels } from '../kernels/kernels.ts'
import type { Work } from '../kernels/work.ts'
import type { ItemSide } from '../model/model.ts'
import { inGroups } from './ranking.ts'
import { ANYBODY, buyersOf } from './buyers.ts'
import type { Coverage } from './coverage.ts'
import type { Eligibility } from './eligibility.ts'
import { type IndexWhenAsked, indexWhenAsked } from './index-when-asked.ts'
import { LEAST_LIKENESS } from './related.ts'
import type { OpenedParts } from './opened-parts.ts'
import { checkIndex, limitOf, pageOf } from './page.ts'
import type { ProductSet } from './product-set.ts'
import { intersection, isIn, productsWhere } from './product-set.ts'
import type { Likeness, SimilarList, SimilarRequest } from './recommendation.ts'

export interface Neighbours {
  /** A list for each request; one search for all that compare by the same under the same filter. */
  search(requests: readonly SimilarRequest[], work: Work): Promise<SimilarList[]>
  /** Opens what products are compared by factors with, which is else done at its first use. */
  open(): Promise<void>
  close(): void
}

/** The part of a recommender (opened-parts.ts) that compares by factors. */
export const COSINES_OF_FACTORS = 'cosines of factors'

/** What products are compared by. */
interface Space {
  readonly index: IndexWhenAsked
  /** The products that have a place in it. */
  readonly comparable: ProductSet
}

/**
 * @param content  the model's content features, which stay the caller's to close; the factors are opened when they are
 *   first asked about
 * @param coverage  of the same model
 * @param leastCustomers  who must have bought a product that is compared by factors, and both of two compared by
 *   customers (buyers.ts)
 * @param parts  what is opened over the model, or taken over
 */
export function openNeighbours(
  model: ItemSide,
  kernels: Kernels,
  content: Space,
  coverage: Coverage,
  eligibility: Eligibility,
  leastCustomers: number,
  parts: OpenedParts,
): Neighbours {
  const size = model.products.size
  const buyers = buyersOf(model)
  let byFactors: Space | undefined

  function openFactors(): Space {
    const { rows, columns, data } = model.itemFactors
    const known = productsWhere(size, (product) => coverage.collaborative[product] === 1)
    const comparable = leastCustomers > ANYBODY ? buyers.boughtBy(leastCustomers, known) : known
    const index = indexWhenAsked(() =>
      parts.open(COSINES_OF_FACTORS, [model.itemFactors], () =>
        kernels.openCosineInPieces(data, rows, columns),
      ),
    )
    return { index, comparable }
  }

  function spaceOf(by: Exclude<Likeness, 'CO_PURCHASE'>): Space {
    return by === 'CONTENT' ? content : (byFactors ??= openFactors())
  }

  async function together(requests: readonly SimilarRequest[], work: Work): Promise<SimilarList[]> {
    const { by = 'CONTENT', filter } = requests[0]
    await eligibility.prepare(filter, work)
    const shown = eligibility(filter)
    const listed =
      by === 'CO_PURCHASE'
        ? requests.map(({ product }) => partnersOf(product, shown))
        : await nearestOf(requests, spaceOf(by), shown, work)
    return requests.map((request, i) => {
      const { page, hasMore } = pageOf(
        listed[i]
          .slice(0, limitOf(request, size))
          .map(({ product, similarity }, place) => ({ rank: place + 1, product, similarity })),
        request,
      )
      return { items: page, hasMore }
    })
  }

  async function nearestOf(
    requests: readonly SimilarRequest[],
    { index, comparable }: Space,
    shown: ProductSet | null,
    work: Work,
  ): Promise<Near[][]> {
    const k = Math.max(0, ...requests.map((request) => limitOf(request, size)))
    const items = Uint32Array.from(requests, ({ product }) => product)
    const { bits } = intersection(comparable, shown)
    await index.open()
    const found = await work.searched(() =>
      index.topK({ items, k, eligible: bits, above: LEAST_LIKENESS, pause: () => work.pause() }),
    )
    return nearOf(found, items, k).map((near, i) => (isIn(comparable, items[i]) ? near : []))
  }

  /** The partners that enough customers bought too, in the order of their cosines (model/partners.ts). */
  function partnersOf(product: number, eligible: ProductSet | null): Near[] {
    const { users, indptr, indices, together: shared } = model.partners
    const near: Near[] = []
    for (let entry = indptr[product]; entry < indptr[product + 1]; entry++) {
      const other = indices[entry]
      if (shared[entry] >= leastCustomers && isIn(eligible, other))
        near.push({ product: other, similarity: shared[entry] / Math.sqrt(users[product] * users[other]) })
    }
    return near.sort((a, b) => b.similarity - a.similarity || a.product - b.product)
  }

  return {
    async search(requests, work) {
      for (const { product } of requests) checkIndex('product', product, size)
      const groups = Map.groupBy(requests, ({ by, filter }) => canonicalKey([by ?? 'CONTENT', filter]))
      const lists = new Map<SimilarRequest, SimilarList>()
      for (const group of groups.values()) {
        const found = await inGroups(group, work, (some) => together(some, work))
        group.forEach((request, i) => lists.set(request, found[i]))
      }
      return requests.map((request) => lists.get(request)!)
    },
    open: () => spaceOf('FACTORS').index.open(),
    close: () => byFactors?.index.close(),
  }
}

interface Near {
  readonly product: number
  readonly similarity: number
}

function nearOf(
  { counts, indices, similarities }: CosineTopKResult,
  items: Uint32Array,
  k: number,
): Near[][] {
  return Array.from(items, (_, i) =>
    Array.from({ length: Math.min(k, counts[i]) }, (__, place) => ({
      product: indices[i * k + place],
      similarity: similarities[i * k + place],
    })),
  )
}
