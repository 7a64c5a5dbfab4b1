import type { CatalogueProduct } from '../store/catalogue.ts'
import type { Context } from './context.ts'

/** What the catalogue says of a product of the model; undefined: nothing, or there is no catalogue. */
export async function statedOf(
  index: number,
  { recommender: { catalogue, model }, loaders }: Context,
): Promise<CatalogueProduct | undefined> {
  return catalogue === null ? undefined : loaders.products.load(model.products.at(index))
}
