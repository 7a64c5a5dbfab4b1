/**
 * The weights of the sources under the blend `learned`: one set for lists without products bought before (discovery),
 * one for those of them that are asked for on the day of a purchase (basket), one for lists that may hold products bought
 * before (next order).
 */
import { z } from 'zod'

/** The sources of the blend `learned`, in the order in which a score's parts are listed. */
export const LEARNED_SOURCES = [
  'collaborative',
  'content',
  'nearest',
  'coPurchase',
  'ease',
  'category',
  'seller',
  'popularity',
  'repeat',
  'viewed',
  'cart',
] as const

/** Those that speak of what was looked at or put into the cart, and of nothing else. */
export const INTEREST_SOURCES = [
  'viewed',
  'cart',
] as const satisfies readonly (typeof LEARNED_SOURCES)[number][]

/** A source whose weight is learned. */
export type LearnedSource = (typeof LEARNED_SOURCES)[number]

/** Per source its weight w ≥ 0: what one unit of its calibrated value adds to a product's score. */
export type SourceWeights = Readonly<Record<LearnedSource, number>>

/** How well lists of ten did, by mean over customers. */
export interface ListQuality {
  readonly ndcg10: number
  /** The share of customers of whose products any was found. */
  readonly hitRate10: number
}

/** How well held-out products were predicted, as `train` found it: why the weights are as they are. */
export interface HeldOutQuality {
  /** Customers with something to find. */
  readonly customers: number
  /** What the weights make of a list: a blend of sources, or one source (with a little popularity, to fill its lists). */
  readonly served: 'blend' | LearnedSource
  /** Of the blend, its weights found without the customers that it is judged by. */
  readonly blend: ListQuality
  /** Of each source alone. */
  readonly sources: Readonly<Record<LearnedSource, ListQuality>>
}

/** The weights of each kind of list. */
export interface BlendWeights {
  readonly discovery: SourceWeights
  /** As discovery, for who bought something that day, or at an unknown time: what goes with it. */
  readonly basket: SourceWeights
  readonly nextOrder: SourceWeights
  /** The number of customers whose last orders they were fitted on; 0: too few, and the prior is used unchanged. */
  readonly customers: number
  /** How well they did; absent where they were not fitted. */
  readonly heldOut?:
    | {
        readonly discovery: HeldOutQuality
        /** Null: too few baskets, and the weights are those of discovery. */
        readonly basket: HeldOutQuality | null
        readonly nextOrder: HeldOutQuality
      }
    | undefined
  /** The number of sessions that the weights of interest were fitted on. Absent: too few, and the prior is used. */
  readonly sessions?: number | undefined
}

const PRIOR_OF_DISCOVERY: SourceWeights = {
  collaborative: 0.02,
  content: 0.15,
  nearest: 0.6,
  coPurchase: 0.4,
  ease: 1,
  category: 0.02,
  seller: 0.2,
  popularity: 0.55,
  repeat: 0,
  viewed: 20,
  cart: 20,
}

/**
 * The weights of a shop with too few repeat customers to fit them on, and the ones towards which fitted weights are
 * pulled. Rounded from a fit, without any prior, on 238 last but one orders of Olist's customers (its orders being
 * reconstructed); none of the orders that published figures are measured on took part. In that fit the collaborative
 * source got no weight next to the others; it is given a little, for shops whose customers buy more than once or
 * twice. Olist states no views: the weights of these are rounded from fits on made-up shops, whose visits are as they
 * were made.
 */
export const PRIOR_WEIGHTS: BlendWeights = {
  discovery: PRIOR_OF_DISCOVERY,
  basket: PRIOR_OF_DISCOVERY,
  nextOrder: {
    collaborative: 0.02,
    content: 0.15,
    nearest: 0.7,
    coPurchase: 0.5,
    ease: 1,
    category: 0.02,
    seller: 0.2,
    popularity: 0.5,
    repeat: 1.3,
    viewed: 20,
    cart: 20,
  },
  customers: 0,
}

/** Weights that are stated, not fitted, the same for all kinds of lists; 0 for each source that is not named. */
export function fixedWeights(some: Partial<SourceWeights>): BlendWeights {
  const weights = Object.fromEntries(LEARNED_SOURCES.map((source) => [source, some[source] ?? 0]))
  const all = weights as Record<LearnedSource, number>
  return { discovery: all, basket: all, nextOrder: all, customers: 0 }
}

/** One value a source. */
function bySource<Schema extends z.ZodType>(schema: Schema) {
  return z.strictObject(
    Object.fromEntries(LEARNED_SOURCES.map((source) => [source, schema])) as Record<LearnedSource, Schema>,
  )
}

const weightsSchema = bySource(z.number().nonnegative())
const share = z.number().min(0).max(1)
const qualitySchema = z.strictObject({ ndcg10: share, hitRate10: share })

const heldOutSchema = z.strictObject({
  customers: z.int().nonnegative(),
  served: z.enum(['blend', ...LEARNED_SOURCES]),
  blend: qualitySchema,
  sources: bySource(qualitySchema),
})

/** The source that did best alone; ties to the first. */
export function bestSource({ sources }: HeldOutQuality): { readonly name: LearnedSource } & ListQuality {
  const [name] = LEARNED_SOURCES.toSorted((a, b) => sources[b].ndcg10 - sources[a].ndcg10)
  return { name, ...sources[name] }
}

/** The rules of weights read back from a model file. */
export const blendWeightsSchema = z.strictObject({
  discovery: weightsSchema,
  basket: weightsSchema,
  nextOrder: weightsSchema,
  customers: z.int().nonnegative(),
  heldOut: z
    .strictObject({ discovery: heldOutSchema, basket: heldOutSchema.nullable(), nextOrder: heldOutSchema })
    .optional(),
  sessions: z.int().positive().optional(),
}) satisfies z.ZodType<BlendWeights>
