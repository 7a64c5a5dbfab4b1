import type { Reason, Recommendation, Source, Strategy } from '../engine/recommendation.ts'
import type { Model } from '../model/model.ts'

/** What people may be told of a product. */
export interface ProductFacts {
  readonly sku: string
  /** Null where the shop names none. */
  readonly name: string | null
  /** Null where the shop gives none. */
  readonly category: string | null
}

/** A reason, with the facts of the product that was bought. */
export interface CitedReason extends Reason {
  readonly product: ProductFacts
}

/** A source that speaks for a product without weighing purchases against one another. */
export type SharedSource = 'coPurchase' | 'category' | 'seller' | 'repeat'

const SHARED_SOURCES: readonly Source[] = [
  'coPurchase',
  'category',
  'seller',
  'repeat',
] satisfies SharedSource[]

/** All that an explanation of one recommendation may speak of. */
export interface Evidence {
  readonly strategy: Strategy
  readonly product: ProductFacts
  /** How many different products were bought before; 0 under POPULARITY, which asks no history. */
  readonly historySize: number
  /** Purchases that speak for the product (positive contribution), the weightiest first; at most 2. */
  readonly supporting: readonly CitedReason[]
  /** Other products bought that are clearly similar to it, the most similar first; at most 2. */
  readonly similar: readonly CitedReason[]
  /** What it has in common with the history: sources that raise its score, the greatest contribution first. */
  readonly shared: readonly SharedSource[]
  /** Whether the product itself is among the supporting purchases. */
  readonly repurchase: boolean
  /** Units of the product sold to anyone. */
  readonly popularity: number
}

const CITED = 2

/** Beneath a tenth of the weight a purchase is no longer a reason that one would name beside a stronger one. */
const NOTABLE_SHARE = 0.1

/** Features are standardised, so that unrelated products have cosines about 0: from half way to 1, likeness is plain. */
const CLEARLY_SIMILAR = 0.5

/** Looks up what people may be told of a product; `product` is an index of the model. */
export function productFacts(model: Model, product: number): ProductFacts {
  return {
    sku: model.products.at(product),
    name: model.productNames?.at(product) || null,
    category: model.category.labels[model.category.codes[product]] ?? null,
  }
}

/** Chooses from a recommendation's reasons those that an explanation may name, and looks up their products. */
export function gatherEvidence(model: Model, strategy: Strategy, recommendation: Recommendation): Evidence {
  const { product, reasons, sources } = recommendation
  const cite = (reason: Reason): CitedReason => ({
    ...reason,
    product: productFacts(model, reason.purchase.product),
  })
  const supporting = isLikedNotably(sources) ? supportingReasons(reasons) : []
  return {
    strategy,
    product: productFacts(model, product),
    historySize: reasons.length,
    supporting: supporting.map(cite),
    similar: similarPurchases(product, reasons).map(cite),
    shared: sharedSources(sources),
    repurchase: supporting.some(({ purchase }) => purchase.product === product),
    popularity: model.popularity[product],
  }
}

/**
 * Whether the collaborative score has a notable part in what speaks for the product: reasons are parts of that score,
 * and would mislead where others decide.
 */
function isLikedNotably(sources: Recommendation['sources']): boolean {
  const liked = sources.find(({ source }) => source === 'collaborative')
  if (liked === undefined) return true
  const inFavour = sources.reduce((sum, { contribution }) => sum + Math.max(0, contribution ?? 0), 0)
  return liked.weight > 0 && (liked.contribution ?? 0) >= NOTABLE_SHARE * inFavour
}

function sharedSources(sources: Recommendation['sources']): SharedSource[] {
  return sources
    .filter(({ source, contribution }) => SHARED_SOURCES.includes(source) && (contribution ?? 0) > 0)
    .toSorted((a, b) => (b.contribution ?? 0) - (a.contribution ?? 0))
    .map(({ source }) => source as SharedSource)
}

/** Reasons come with the largest contribution first, signs dropped. */
function supportingReasons(reasons: readonly Reason[]): Reason[] {
  return reasons
    .filter(({ contribution }) => contribution !== null && contribution > 0)
    .filter(({ share }, place) => place === 0 || (share ?? 0) >= NOTABLE_SHARE)
    .slice(0, CITED)
}

function similarPurchases(product: number, reasons: readonly Reason[]): Reason[] {
  return reasons
    .filter(
      ({ purchase, similarity }) => purchase.product !== product && (similarity ?? 0) >= CLEARLY_SIMILAR,
    )
    .sort((a, b) => (b.similarity ?? 0) - (a.similarity ?? 0))
    .slice(0, CITED)
}
