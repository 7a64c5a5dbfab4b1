import { Recommender } from '../../../src/engine/recommender.ts'
import type { Kernels, TopKQuery, TopKResult, VectorIndex } from '../../../src/kernels/kernels.ts'
import { openKernels } from '../../../src/kernels/open.ts'
import { openModel } from '../../../src/model/model-file.ts'

/** Of the best by a blend’s score, how many are among the first products by inner product, or by what is added. */
export interface ProposerRecall {
  readonly products: number
  readonly lists: number
  readonly rows: readonly {
    /** How many products were proposed, by each. */
    readonly proposed: number
    readonly byInnerProduct: number
    /** By either of both: twice as many. */
    readonly byEither: number
  }[]
}

/** The places that are compared: recall@100. */
const PLACES = 100

/**
 * What an approximate search for inner products could find at best of the lists of a model's customers, their additions
 * scored after: the proposals here are those of an exact one.
 */
export async function benchProposer(path: string, lists: number): Promise<ProposerRecall> {
  const kernels = await openKernels()
  const model = await openModel(path)
  const products = model.products.size
  const counts = [100, 400, 1600, 6400].filter((count) => count < products)
  const sums = counts.map(() => ({ byInnerProduct: 0, byEither: 0 }))
  let asked = 0

  async function compare(index: VectorIndex, query: TopKQuery): Promise<void> {
    const { additions: _, ...plain } = query
    const best = setsOf(await index.topK({ ...query, k: PLACES }), PLACES)
    for (const [c, count] of counts.entries()) {
      const near = setsOf(await index.topK({ ...plain, k: count }), count)
      const added = setsOf(
        await index.topK({ ...query, queries: new Float32Array(query.queries.length), k: count }),
        count,
      )
      best.forEach((wanted, q) => {
        sums[c].byInnerProduct += shareOf(wanted, [near[q]])
        sums[c].byEither += shareOf(wanted, [near[q], added[q]])
      })
    }
    asked += best.length
  }

  const watched: Kernels = {
    ...kernels,
    openVectors(vectors, parts) {
      const index = kernels.openVectors(vectors, parts)
      return {
        ...index,
        async topK(query) {
          if (query.additions) await compare(index, query)
          return index.topK(query)
        },
      }
    },
  }
  const recommender = new Recommender(model, watched)
  const step = Math.max(1, Math.floor(model.customers.size / lists))
  for (let customer = 0; customer < model.customers.size; customer += step)
    await recommender.recommend([{ customer, first: 10 }])
  recommender.close()
  await kernels.close()
  const rows = counts.map((proposed, c) => ({
    proposed,
    byInnerProduct: sums[c].byInnerProduct / asked,
    byEither: sums[c].byEither / asked,
  }))
  return { products, lists: asked, rows }
}

/** The products that each query found. */
function setsOf({ counts, indices }: TopKResult, k: number): Set<number>[] {
  return Array.from(counts, (count, q) => new Set(indices.subarray(q * k, q * k + count)))
}

function shareOf(wanted: ReadonlySet<number>, proposed: readonly ReadonlySet<number>[]): number {
  const found = [...wanted].filter((product) => proposed.some((set) => set.has(product)))
  return found.length / wanted.size
}

export function describeProposer({ products, lists, rows }: ProposerRecall): string[] {
  return [
    `recall@${PLACES} of ${lists} searches among ${products} products`,
    ...rows.map(
      ({ proposed, byInnerProduct, byEither }) =>
        `  the first ${proposed} by inner product: ${byInnerProduct.toFixed(3)}, and as many by what is added: ` +
        byEither.toFixed(3),
    ),
  ]
}
