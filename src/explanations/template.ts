import type { CitedReason, Evidence, ProductFacts, SharedSource } from './evidence.ts'
import type { Explanation } from './explanation.ts'

/** To be raised whenever the wording below changes. */
const TEMPLATE_VERSION = 'template-2'

/**
 * Puts evidence into one to three sentences. The same evidence always gives the same text, and every name and
 * number in the text stands in the evidence.
 */
export function explain(evidence: Evidence): Explanation {
  return {
    text: sentences(evidence).map(capitalised).join(' '),
    source: 'TEMPLATE',
    model: null,
    promptVersion: TEMPLATE_VERSION,
    generatedAt: new Date(),
    evidence,
  }
}

function sentences(evidence: Evidence): string[] {
  const { strategy, supporting, similar } = evidence
  if (strategy === 'POPULARITY') return [popularitySentence(evidence)]
  const supported = strategy !== 'CONTENT' && supporting.length > 0
  const alike = strategy !== 'COLLABORATIVE' && similar.length > 0
  const leading = [
    ...(supported ? [supportSentence(evidence)] : []),
    ...(alike ? [supported ? `It is similar to ${similarList(similar)}.` : contentSentence(evidence)] : []),
  ]
  const shared = sharedSentence(evidence, leading.length > 0 ? 'it' : called(evidence.product))
  const all = shared === null ? leading : [...leading, shared]
  return all.length > 0 ? all : [nothingSentence(evidence)]
}

const SHARED: Readonly<Record<SharedSource, (subject: string) => string>> = {
  coPurchase: (subject) => `customers who bought the same also bought ${subject}`,
  category: (subject) => `${subject} is of a category bought before`,
  seller: (subject) => `${subject} shares a seller with what was bought before`,
  repeat: (subject) => `${subject} was bought before`,
}

/** @param subject  what the product is called where it is named first; null where there is nothing to say */
function sharedSentence({ shared }: Evidence, subject: string): string | null {
  if (shared.length === 0) return null
  return `${list(shared.map((source, place) => SHARED[source](place === 0 ? subject : 'it')))}.`
}

function supportSentence({ product, historySize, supporting, repurchase }: Evidence): string {
  const goal = repurchase ? `buying ${called(product)} again` : called(product)
  if (historySize === 1) {
    return `${called(supporting[0].product)}, ${bought(supporting[0])}, speaks for ${goal}.`
  }
  const verb = supporting.length === 1 ? 'speaks' : 'speak'
  const most = supporting.length === historySize ? '' : ' most'
  const purchases = list(
    supporting.map((reason, place) => `${called(reason.product)} (${weight(reason, place)})`),
  )
  return `Of the ${historySize} products bought before, ${purchases} ${verb}${most} for ${goal}.`
}

function contentSentence({ product, similar }: Evidence): string {
  return `${called(product)} is similar to what was bought before: ${similarList(similar)}.`
}

function popularitySentence({ product, popularity }: Evidence): string {
  return `${called(product)} is recommended for its popularity: it has sold ${units(popularity)}.`
}

function nothingSentence({ product, popularity }: Evidence): string {
  return `No past purchase speaks clearly for ${called(product)}; it has sold ${units(popularity)}.`
}

function similarList(similar: readonly CitedReason[]): string {
  return list(
    similar.map(({ product, similarity }, place) => {
      const digits = (hundredths(similarity ?? 0) / 100).toFixed(2)
      return `${called(product)} (${place === 0 ? 'similarity ' : ''}${digits})`
    }),
  )
}

function weight({ share, purchase }: CitedReason, place: number): string {
  const percent = hundredths(share ?? 0)
  const ofTheWeight = place === 0 ? ' of the weight' : ''
  const quantity = purchase.quantity === 1 ? '' : `, ${units(purchase.quantity)}`
  return `${percent === 0 ? 'under 1' : percent}%${ofTheWeight}${quantity}`
}

function bought({ purchase }: CitedReason): string {
  return purchase.quantity === 1 ? 'bought before' : `bought before (${units(purchase.quantity)})`
}

function called({ sku, name, category }: ProductFacts): string {
  if (name !== null) return `“${name}”`
  // Shops without names have hashes for ids; their first eight digits are enough to tell a few products apart.
  const id = sku.length <= 12 ? sku : sku.slice(0, 8)
  return category === null ? `product ${id}` : `the ${category.replaceAll('_', ' ')} product ${id}`
}

/** Rounded hundredths of a fraction; only what is whole is called 100, but for the last bits of a product of floats. */
function hundredths(fraction: number): number {
  return fraction > 1 - 1e-9 ? 100 : Math.min(99, Math.round(fraction * 100))
}

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const conjunction = new Intl.ListFormat('en')

function units(quantity: number): string {
  return quantity === 0 ? 'no units' : `${number.format(quantity)} ${quantity === 1 ? 'unit' : 'units'}`
}

function list(parts: string[]): string {
  return conjunction.format(parts)
}

function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
