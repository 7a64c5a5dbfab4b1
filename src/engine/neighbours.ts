/** The products nearest to one: by content, by the customers who bought both, or by factors. All of them cosines. */
import { canonicalKey } from '../data/canonical-key.ts'
import type { CosineIndex, CosineTopKResult, Csr, Kernels } from '../kernels/kernels.ts'
import type { Work } from '../kernels/work.ts'
import type { Model } from '../model/model.ts'
import { inGroups } from './ranking.ts'
import { ANYBODY, buyersOf, customersOf } from './buyers.ts'
import type { Coverage } from './coverage.ts'
import type { Eligibility } from './eligibility.ts'
import { LEAST_LIKENESS } from './related.ts'
import { checkIndex, limitOf, pageOf } from './page.ts'
import type { ProductSet } from './product-set.ts'
import { intersection, isIn, productsWhere } from './product-set.ts'
import type { Likeness, SimilarList, SimilarRequest } from './recommendation.ts'

export interface Neighbours {
  /** A list for each request; one search for all that compare by the same under the same filter. */
  search(requests: readonly SimilarRequest[], work: Work): Promise<SimilarList[]>
  /** Opens what products are compared by, which is else done at its first use. */
  open(): void
  close(): void
}

/** What products are compared by. */
interface Space {
  readonly index: CosineIndex
  /** The products that have a place in it. */
  readonly comparable: ProductSet
}

/**
 * @param content  the model's content features, which stay the caller's to close; the other spaces are opened when
 * they are first asked about
 * @param coverage  of the same model
 * @param leastCustomers  who must have bought a product that is compared by factors, and both of two compared by
 *   customers (buyers.ts)
 */
export function openNeighbours(
  model: Model,
  kernels: Kernels,
  content: Space,
  coverage: Coverage,
  eligibility: Eligibility,
  leastCustomers: number,
): Neighbours {
  const size = model.products.size
  const buyers = buyersOf(model)
  const customers = customersOf(model.histories)
  const opened = new Map<Likeness, Space>()

  function open(by: Exclude<Likeness, 'CONTENT'>): Space {
    const { rows, columns, data } = model.itemFactors
    const known = productsWhere(size, (product) => coverage.collaborative[product] === 1)
    const comparable = leastCustomers > ANYBODY ? buyers.boughtBy(leastCustomers, known) : known
    const index =
      by === 'FACTORS'
        ? kernels.openCosine(Float64Array.from(data), rows, columns)
        : kernels.openCoPurchase(whoBought(model.histories))
    return { index, comparable }
  }

  function spaceOf(by: Likeness): Space {
    if (by === 'CONTENT') return content
    const space = opened.get(by) ?? open(by)
    opened.set(by, space)
    return space
  }

  async function together(requests: readonly SimilarRequest[], work: Work): Promise<SimilarList[]> {
    const { by = 'CONTENT', filter } = requests[0]
    const { index, comparable } = spaceOf(by)
    const limits = requests.map((request) => limitOf(request, size))
    const k = Math.max(0, ...limits)
    const items = Uint32Array.from(requests, ({ product }) => product)
    await eligibility.prepare(filter, work)
    const eligible = intersection(comparable, eligibility(filter))
    const search = (most: number) =>
      work.searched(() =>
        index.topK({
          items,
          k: most,
          eligible: eligible.bits,
          above: LEAST_LIKENESS,
          pause: () => work.pause(),
        }),
      )
    const listed =
      by === 'CO_PURCHASE' && leastCustomers > ANYBODY
        ? await sharedByEnough(search, items, k)
        : nearOf(await search(k), items, k)
    return requests.map((request, i) => {
      const near = isIn(comparable, request.product) ? listed[i].slice(0, limits[i]) : []
      const { page, hasMore } = pageOf(
        near.map(({ product, similarity }, place) => ({ rank: place + 1, product, similarity })),
        request,
      )
      return { items: page, hasMore }
    })
  }

  /** The nearest that enough customers bought as well: ever more are looked at until there are k, or no more. */
  async function sharedByEnough(
    search: (most: number) => Promise<CosineTopKResult>,
    items: Uint32Array,
    k: number,
  ): Promise<Near[][]> {
    for (let wanted = 2 * k; ; wanted *= 4) {
      const most = Math.min(wanted, size)
      const found = await search(most)
      const near = nearOf(found, items, most).map((all, i) =>
        all.filter(({ product }) => customers.areShared(items[i], product, leastCustomers)),
      )
      if (near.every((all, i) => all.length >= k || found.counts[i] < most || most === size)) return near
    }
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
    open() {
      spaceOf('FACTORS')
      spaceOf('CO_PURCHASE')
    },
    close: () => opened.forEach(({ index }) => index.close()),
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

/** 1 for every purchase, whatever its quantity. */
function whoBought(histories: Csr): Csr {
  return { ...histories, values: new Float32Array(histories.values.length).fill(1) }
}
