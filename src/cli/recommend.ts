import type { Command } from 'commander'
import { Option } from 'commander'
import { UnknownProductError } from '../engine/errors.ts'
import { reasonRecord } from '../engine/reason-record.ts'
import type { Recommendation, RecommendationRequest } from '../engine/recommendation.ts'
import type { Recommender } from '../engine/recommender.ts'
import { gatherEvidence } from '../explanations/evidence.ts'
import { explain } from '../explanations/template.ts'
import type { Model } from '../model/model.ts'
import { withRecommender } from './opened-model.ts'
import {
  filled,
  firstOption,
  jsonOption,
  leastCustomersOf,
  leastCustomersOption,
  listItems,
  modelOption,
} from './options.ts'
import { labelProduct } from './product.ts'
import { onOneLine } from './plain-text.ts'
import { reasonLines } from './reasons.ts'
import { printResult } from './result.ts'

interface RecommendOptions {
  model: string
  customer?: string
  /** As written: each a SKU, or several. */
  history?: string[]
  first: number
  includePurchased?: boolean
  json?: boolean
  leastCustomers?: number
}

type Recommended = Awaited<ReturnType<typeof recommend>>
type Item = Recommended['items'][number]

/** Null: the source cannot be computed for this product. Others than these two only where they were asked. */
type Scores = { hybrid: number; collaborative: number | null; content: number | null }

/** How many reasons people are shown; programs get all. */
const SHOWN_REASONS = 3

const EXAMPLE = `
Examples:
  rationale recommend --model shop.model --customer customer-1 --first 3
  rationale recommend --model shop.model --history hair-care-002,bath-004
  rationale recommend --model shop.model --history "12,5 cm" --history bath-004`

export function addRecommend(program: Command): void {
  const command = program
    .command('recommend')
    .description('recommend products, and say why')
    .addOption(modelOption())
    .addOption(
      new Option('--customer <id>', 'a customer of the model').argParser(filled).conflicts('history'),
    )
    .option(
      '--history <skus>',
      `a basket in place of a customer: SKU,SKU,…; repeat it, or write '"12,5 cm",SKU', for SKUs with commas`,
      (skus: string, before: string[] = []) => [...before, filled(skus)],
    )
    .addOption(firstOption())
    .option('--include-purchased', 'recommend also what has been bought already')
    .addOption(leastCustomersOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLE)
  command.action(async (options: RecommendOptions) => {
    if (!options.customer && !options.history) command.error('error: name a --customer or a --history')
    const recommended = await withRecommender(
      options.model,
      (recommender) => recommend(recommender, options),
      leastCustomersOf(options),
    )
    printResult(recommended, options, renderRecommendations)
  })
}

async function recommend(recommender: Recommender, options: RecommendOptions) {
  const { model } = recommender
  const request = requestOf(recommender, options)
  const [{ strategy, items }] = await recommender.recommend([request])
  return {
    customer: options.customer ?? null,
    segment: segmentOf(model, request.customer),
    strategy,
    items: items.map((item) => describe(model, item, request)),
  }
}

/** @throws {UnknownCustomerError | UnknownProductError} naming all that is not known */
function requestOf(recommender: Recommender, options: RecommendOptions): RecommendationRequest {
  const { customer, history = [], first, includePurchased = false } = options
  if (customer) return { customer: recommender.customerIndex(customer), first, includePurchased }
  const { products } = recommender.model
  const isKnown = (sku: string) => products.indexOf(sku) >= 0
  const skus = history.flatMap((written) => (isKnown(written) ? [written] : basketOf(written)))
  const unknown = skus.filter((sku) => !isKnown(sku))
  if (unknown.length > 0) throw new UnknownProductError(unknown)
  const basket = skus.map((sku) => ({ product: products.indexOf(sku), quantity: 1, purchasedAt: null }))
  return { history: basket, first, includePurchased }
}

/** @throws {Error} when it is no list */
function basketOf(written: string): string[] {
  try {
    return listItems(written)
  } catch (cause) {
    throw new Error(`--history ${written}: ${(cause as Error).message}`, { cause })
  }
}

function segmentOf({ segments }: Model, customer?: number): string | null {
  return customer === undefined ? null : (segments.labels[segments.codes[customer]] ?? null)
}

function describe(model: Model, item: Recommendation, request: RecommendationRequest) {
  const asked = Object.fromEntries(item.sources.map(({ source, value }) => [source, value]))
  return {
    rank: item.rank,
    ...labelProduct(model, item.product),
    scores: { hybrid: item.hybrid, collaborative: null, content: null, ...asked } as Scores,
    reasons: item.reasons.map((reason) => reasonRecord(model, reason)),
    explanation: explain(gatherEvidence(model, item, request)).text,
  }
}

function renderRecommendations({ customer, segment, strategy, items }: Recommended): string {
  const heading = onOneLine([customer ?? 'this basket', segment, strategy].filter(Boolean).join(' · '))
  if (items.length === 0) return `${heading}\nThere is nothing left to recommend.`
  return [heading, ...items.map(renderItem)].join('\n\n')
}

function renderItem({ rank, sku, name, category, scores, reasons, explanation }: Item): string {
  const product = onOneLine([name, sku, category].filter(Boolean).join(' · '))
  const sources = Object.entries(scores).map(([source, value]) => `${source} ${value?.toFixed(4) ?? '–'}`)
  const lines = [sources.join(', '), ...reasonLines(reasons, scores.hybrid, SHOWN_REASONS), explanation]
  return [`${String(rank).padStart(3)}  ${product}`, ...lines.map((line) => `     ${onOneLine(line)}`)].join(
    '\n',
  )
}
