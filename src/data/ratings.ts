import { join } from 'node:path'
import { contentFingerprint } from './content-fingerprint.ts'
import { DataError } from './data-error.ts'
import type { Dataset } from './dataset.ts'
import type { ReadOptions } from './read.ts'
import { readDataset } from './read.ts'
import { keepInteractions } from './subset.ts'

/** MovieLens' columns. The rating is read as a price, used to select interactions, and then dropped. */
const COLUMNS = {
  customer_id: 'userId',
  product_id: 'movieId',
  price: 'rating',
  products: 'movies.csv',
  product_name: 'title',
  category: 'genres',
}

/**
 * Reads a folder of MovieLens (https://grouplens.org/datasets/movielens: ratings.csv and movies.csv) as
 * interactions: a rating of `least` stars or more is one purchase, as implicit feedback is made of it (Liang et al.
 * 2018, arXiv:1802.05814, keep four stars and more). Movies without such a rating are left out.
 * @param options  as of `readDataset`
 * @param options.least  stars, 0.5 … 5; 0 takes every rating, however bad, for a purchase
 * @throws {DataError} as `readDataset`, and where no rating is as good as that
 */
export async function readRatings(
  folder: string,
  { least = 4, ...options }: { readonly least?: number } & Pick<ReadOptions, 'now' | 'signal'> = {},
): Promise<Dataset> {
  const path = join(folder, 'ratings.csv')
  const rated = await readDataset(path, { ...options, columns: COLUMNS })
  const stars = rated.interactions.price
  const { fingerprint: _, ...liked } = keepInteractions(rated, (rating) => stars[rating] >= least)
  if (liked.interactions.count === 0) {
    throw new DataError(`holds no rating of ${least} or more: ask for less`, { file: path, column: 'rating' })
  }
  const price = new Float64Array(liked.interactions.count).fill(NaN)
  const purchases = { ...liked, interactions: { ...liked.interactions, price } }
  return { ...purchases, fingerprint: contentFingerprint(purchases) }
}
