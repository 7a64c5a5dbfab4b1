import { productFacts } from '../explanations/evidence.ts'
import type { Model } from '../model/model.ts'

/** A product as results name it. */
export interface ProductLabel {
  sku: string
  /** Null where the shop gives none. */
  category: string | null
  /** Only in shops that name their products. */
  name?: string
}

export function labelProduct(model: Model, product: number): ProductLabel {
  const { sku, category, name } = productFacts(model, product)
  return name === null ? { sku, category } : { sku, category, name }
}
