import type { Command } from 'commander'
import { Option } from 'commander'
import { segmentOf } from '../engine/customer-key.ts'
import { productIndicesOf } from '../engine/errors.ts'
import { reasonRecord } from '../engine/reason.ts'
import type { ReasonRecord, Sales } from '../engine/reason.ts'
import type { Recommendation, RecommendationRequest } from '../engine/recommendation.ts'
import type { Recommender } from '../engine/recommender.ts'
import { gatherEvidence } from '../explanations/evidence.ts'
import { explain } from '../explanations/template.ts'
import type { Model } from '../model/model.ts'
import { SERVE_SETTINGS } from '../server/settings.ts'
import { withRecommender, labelProduct } from './open-model.ts'
import {
  filled,
  firstOption,
  jsonOption,
  leastCustomersOf,
  settingOption,
  listItems,
  modelOption,
} from './options.ts'
import { onOneLine } from './plain-text.ts'
import { printResult, count } from './result.ts'
import { DAY } from '../data/ranges.ts'

interface RecommendOptions {
  model: string
  customer?: string
  /** The values of the option: each holds one SKU, or several. */
  history?: string[]
  first: number
  includePurchased?: boolean
  json?: boolean
  leastCustomers?: number
}

type Recommended = Awaited<ReturnType<typeof recommend>>
type Item = Recommended['items'][number]

/** Null: the source cannot be computed for this product. */
type Scores = { hybrid: number; collaborative: number | null; content: number | null }

/** The number of reasons in the text; the JSON has all. */
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
      `a basket instead of a customer: SKU,SKU,…; repeat it, or write '"12,5 cm",SKU', for SKUs with commas`,
      (skus: string, before: string[] = []) => [...before, filled(skus)],
    )
    .addOption(firstOption())
    .option('--include-purchased', 'also recommend products bought before')
    .addOption(settingOption(SERVE_SETTINGS.leastCustomers))
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

/** @throws {UnknownCustomerError | UnknownProductError} naming all unknown ids */
function requestOf(recommender: Recommender, options: RecommendOptions): RecommendationRequest {
  const { customer, history = [], first, includePurchased = false } = options
  if (customer) return { customer: recommender.customerIndex(customer), first, includePurchased }
  const { products } = recommender.model
  const isKnown = (sku: string) => products.indexOf(sku) >= 0
  const skus = history.flatMap((written) => (isKnown(written) ? [written] : basketOf(written)))
  const basket = productIndicesOf(skus, products).map((product) => ({
    product,
    quantity: 1,
    purchasedAt: null,
  }))
  return { history: basket, first, includePurchased }
}

/** @throws {Error} if it is not a list */
function basketOf(written: string): string[] {
  try {
    return listItems(written)
  } catch (cause) {
    throw new Error(`--history ${written}: ${(cause as Error).message}`, { cause })
  }
}

function describe(model: Model, item: Recommendation, request: RecommendationRequest) {
  const asked = Object.fromEntries(item.sources.map(({ source, value }) => [source, value]))
  return {
    rank: item.rank,
    ...labelProduct(model, item.product),
    scores: { hybrid: item.hybrid, collaborative: null, content: null, ...asked } as Scores,
    reasons: item.reasons().map((reason) => reasonRecord(model, reason)),
    explanation: explain(gatherEvidence(model, item, request)).text,
  }
}

function renderRecommendations({ customer, segment, strategy, items }: Recommended): string {
  const heading = onOneLine([customer ?? 'this basket', segment, strategy].filter(Boolean).join(' · '))
  if (items.length === 0) return `${heading}\nNothing left to recommend.`
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

/** Decimals of amounts in the text. */
const PLACES = 4

/**
 * The first reasons, one in each line, and the sum of the others: the printed amounts sum to the printed score.
 */
export function reasonLines(reasons: readonly ReasonRecord[], score: number, most: number): string[] {
  const shown = reasons.slice(0, most)
  const units = (value: number) => Math.round(Number(value.toFixed(PLACES)) * 10 ** PLACES)
  const rest = shown.reduce((left, { amount }) => left - units(amount), units(score)) / 10 ** PLACES
  const others = reasons.length - shown.length
  const last = [
    ...(others > 0
      ? [reasonLine(rest, others === 1 ? 'one more reason' : `${count(others)} more reasons`)]
      : []),
    ...(others === 0 && rest !== 0 ? [reasonLine(rest, 'by rounding')] : []),
  ]
  return [...shown.map((reason) => reasonLine(reason.amount, words(reason))), ...last]
}

function reasonLine(amount: number, cause: string): string {
  return `${amount.toFixed(PLACES).padStart(10)} ${cause}`
}

function words(reason: ReasonRecord): string {
  switch (reason.kind) {
    case 'TASTE':
      return `by taste, from ${reason.purchase}`
    case 'RESEMBLANCE':
      return `resembles ${reason.purchase} (cosine ${reason.similarity.toFixed(2)})`
    case 'BOUGHT_TOGETHER':
      return `bought together with ${reason.purchase} (customers: ${count(reason.customers)})`
    case 'SAME_ORDER':
      return `in one order with ${reason.purchase} (orders: ${count(reason.orders)})`
    case 'POPULAR_IN_CATEGORY':
      return `popular in the category ${reason.category} (${salesWords(reason.sales)})`
    case 'POPULAR_WITH_SELLER':
      return `popular with the seller ${reason.seller} (${salesWords(reason.sales)})`
    case 'POPULAR':
      return `popular (${salesWords(reason.sales)})`
    case 'BOUGHT_BEFORE':
      return 'bought before'
    case 'VIEWED':
      return `viewed ${reason.interest.product} (${dateOf(reason.interest.at)})`
    case 'IN_CART':
      return `put ${reason.interest.product} into the cart (${dateOf(reason.interest.at)})`
  }
}

/** With dates, because the data may be old. */
function salesWords({ units, days, since, until }: Sales): string {
  if (until === null) return `units: ${count(units)}`
  if (days === null || since === null) return `units up to ${dateOf(until)}: ${count(units)}`
  const window =
    until - since === days * DAY ? `${days} days to ${dateOf(until)}` : `${dateOf(since)} to ${dateOf(until)}`
  return `units in ${window}: ${count(units)}`
}

const dateOf = (time: number) => new Date(time).toISOString().slice(0, 10)
