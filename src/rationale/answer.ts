import { type ReasonRecord, reasonRecord } from '../engine/reason.ts'
import type { Recommendation, RecommendationList, SimilarProduct } from '../engine/recommendation.ts'
import { type ProductFacts, productFacts } from '../explanations/evidence.ts'
import type { Explanation } from '../explanations/explanation.ts'
import type { ItemSide } from '../model/model.ts'

/** A recommended product with its scores and reasons. */
export interface RecommendedProduct extends ProductFacts, Omit<Recommendation, 'product' | 'reasons'> {
  /** Their amounts sum to the hybrid score; largest |amount| first. */
  readonly reasons: readonly ReasonRecord[]
}

/** A page of a list. */
export interface RecommendedList extends Omit<RecommendationList, 'items'> {
  /** The best first. */
  readonly items: readonly RecommendedProduct[]
}

/** A neighbour of a product, and its similarity. */
export interface NearProduct extends ProductFacts, Omit<SimilarProduct, 'product'> {}

/** The explanation of one recommendation, and its evidence. */
export interface ProductExplanation extends Omit<Explanation, 'evidence'> {
  /** The evidence, which the sentences cite by id. */
  readonly evidence: readonly {
    /** "e1" for the strongest, "e2", … */
    readonly id: string
    /** The facts that an explanation may state. */
    readonly reason: ReasonRecord
  }[]
}

/** Converts a list to the shop's own ids. */
export function recommendedList(model: ItemSide, { items, ...list }: RecommendationList): RecommendedList {
  return { ...list, items: items.map((item) => recommendedProduct(model, item)) }
}

function recommendedProduct(
  model: ItemSide,
  { product, reasons, ...item }: Recommendation,
): RecommendedProduct {
  return {
    ...productFacts(model, product),
    ...item,
    reasons: reasons().map((reason) => reasonRecord(model, reason)),
  }
}

/** Converts a neighbour to the shop's own ids. */
export function nearProduct(model: ItemSide, { product, ...item }: SimilarProduct): NearProduct {
  return { ...productFacts(model, product), ...item }
}

/** Converts an explanation to the shop's own ids. */
export function productExplanation(
  model: ItemSide,
  { evidence, ...explanation }: Explanation,
): ProductExplanation {
  const cited = evidence.cited.map(({ id, reason }) => ({ id, reason: reasonRecord(model, reason) }))
  return { ...explanation, evidence: cited }
}
