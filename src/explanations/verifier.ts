/**
 * Stands between a language model and the reader. Names, categories, dates and labels of the cited evidence are
 * marked off; every other word must be on the language's closed list, every word that claims something must claim
 * what a cited reason states, and every number must be the one it is called (12 customers are not 12 units).
 *
 * It does not parse sentences. So that who did what cannot be turned round, a sentence may speak of one product besides
 * the recommended one, and a few patterns keep apart what is known of each, and what was bought, chosen or looked at.
 */
import { did, salesOf, supports } from './claims.ts'
import type { Deed } from './deed.ts'
import type { CitedReason, Evidence } from './evidence.ts'
import type { Locale, Sentence } from './explanation.ts'
import type { Language } from './languages/language.ts'
import { LANGUAGES } from './languages/languages.ts'
import { type MarkedText, mark } from './marked-text.ts'
import { shownName } from './shown.ts'

/** What a text says that its evidence does not. */
export interface Violation {
  readonly rule:
    | 'length'
    | 'form'
    | 'citation'
    | 'character'
    | 'word'
    | 'claim'
    | 'number'
    | 'purchase'
    | 'urging'
  /** The words it was found in. */
  readonly found: string
}

const MOST_SENTENCES = 3
/** Names and categories count as one character each. */
const LONGEST_SENTENCE = 220

const WORD = /\p{L}+(?:['’]\p{L}+)*/gu
const NUMBER = /\d+(?:[.,]\d+)*/g
const PLAIN = /^[\p{L}\p{M}\d .,;:()'’ⓟⓑⓜⓓⓛ–—-]*$/u
const SIGNS = /[ⓟⓑⓜⓓⓛ]/gu

/**
 * What is wrong with a text; nothing, where each sentence is supported by the evidence it cites.
 * @param sentences  as a template or a language model wrote them
 */
export function verify(sentences: readonly Sentence[], evidence: Evidence, locale: Locale): Violation[] {
  if (sentences.length === 0 || sentences.length > MOST_SENTENCES) {
    return [{ rule: 'length', found: `${sentences.length} sentences` }]
  }
  return sentences.flatMap((sentence) => verifySentence(sentence, evidence, LANGUAGES[locale]))
}

function verifySentence(
  { text, evidence: ids }: Sentence,
  evidence: Evidence,
  language: Language,
): Violation[] {
  const cited = evidence.cited.filter(({ id }) => ids.includes(id))
  const isCited = cited.length === new Set(ids).size && (cited.length > 0 || evidence.cited.length === 0)
  const purchases = new Set(cited.flatMap(({ purchase }) => purchase?.product.sku ?? []))
  if (!isCited || purchases.size > 1) return [{ rule: 'citation', found: ids.join(', ') || 'none' }]
  const marked = mark(text, evidence, cited, language)
  return [
    ...verifyForm(text, marked),
    ...verifyWords(marked.text, cited, language),
    ...verifyNumbers(marked.text, cited, language),
    ...verifyPurchases(marked.text, evidence, cited, language),
    ...(language.lexicon.urging.test(marked.text) ? [{ rule: 'urging', found: text } as const] : []),
  ]
}

function verifyForm(text: string, marked: MarkedText): Violation[] {
  const violations: Violation[] = []
  if (marked.text.length > LONGEST_SENTENCE) violations.push({ rule: 'length', found: text })
  if (!/^[\p{Lu}\dⓟⓑ].*\.$/u.test(marked.text)) violations.push({ rule: 'form', found: text })
  const forged = (marked.text.match(SIGNS) ?? []).length !== marked.signs
  if (forged || !PLAIN.test(marked.text)) violations.push({ rule: 'character', found: marked.text })
  // Full stops end sentences, and stand in numbers: anything else with one may be a link.
  if (/\.\S/.test(marked.text.replaceAll(NUMBER, ''))) violations.push({ rule: 'form', found: marked.text })
  return violations
}

function verifyWords(text: string, cited: readonly CitedReason[], { lexicon }: Language): Violation[] {
  const undated = text.toLowerCase().replaceAll(lexicon.dates, ' ')
  // Of a day it may only be said that sales were counted from or up to it.
  if (undated.includes('ⓓ')) return [{ rule: 'claim', found: text }]
  const own = undated.replaceAll(lexicon.harmless, ' ')
  return Array.from(own.matchAll(WORD), ([word]) => word)
    .map((word): Violation | null => {
      if (lexicon.neutral.has(word)) return null
      const claim = lexicon.claims.get(word)
      if (claim === undefined) return { rule: 'word', found: word }
      return supports(claim, cited) ? null : { rule: 'claim', found: word }
    })
    .filter((violation) => violation !== null)
}

function verifyNumbers(text: string, cited: readonly CitedReason[], { lexicon }: Language): Violation[] {
  const numbers = Array.from(text.matchAll(NUMBER), (match) => ({
    value: lexicon.numberOf(match[0]),
    before: text.slice(0, match.index),
    digits: match[0],
    after: text.slice(match.index + match[0].length).toLowerCase(),
  }))
  const isRepeat = cited.some(({ reason }) => reason.kind === 'BOUGHT_BEFORE')
  const windows = numbers.filter(({ after }) => lexicon.days.test(after)).map(({ value }) => value)
  const isRight = ({ value, before, after }: (typeof numbers)[number]) =>
    cited.some(({ reason, purchase }) => {
      const sales = salesOf(reason)
      if (lexicon.customers.test(after))
        return reason.kind === 'BOUGHT_TOGETHER' && reason.customers === value
      if (lexicon.orders.test(after)) return reason.kind === 'SAME_ORDER' && reason.orders === value
      if (lexicon.days.test(after)) return sales?.days === value
      if (!lexicon.units.test(after)) return false
      if (isRepeat && !lexicon.isOfSales(before, after)) {
        return reason.kind === 'BOUGHT_BEFORE' && purchase !== null && rounded(purchase.quantity) === value
      }
      const isWindow = windows.every((days) => days === sales?.days)
      return sales !== null && isWindow && rounded(sales.units) === value
    })
  return numbers
    .filter((number) => !isRight(number))
    .map(({ digits }): Violation => ({ rule: 'number', found: digits }))
}

function verifyPurchases(
  text: string,
  { product }: Evidence,
  cited: readonly CitedReason[],
  { lexicon }: Language,
): Violation[] {
  const violation: Violation = { rule: 'purchase', found: text }
  if (lexicon.purchaseSold.test(text)) return [violation]
  const deeds = Object.entries(lexicon.reader) as [Deed, RegExp][]
  if (deeds.some(([deed, says]) => says.test(text) && !did(deed, cited))) return [violation]
  const name = shownName(product)
  const hasNamesake = cited.some(
    ({ purchase }) => name !== null && purchase && shownName(purchase.product) === name,
  )
  const isRepeat = cited.some(({ reason }) => reason.kind === 'BOUGHT_BEFORE')
  return !hasNamesake && !isRepeat && lexicon.readerHasIt.test(text) ? [violation] : []
}

/** As sentences write counts: two digits behind the point. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
