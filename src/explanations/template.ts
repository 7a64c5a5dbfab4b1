import type { CitedReason, Evidence } from './evidence.ts'
import type { Explanation, Locale, Sentence } from './explanation.ts'
import { LANGUAGES } from './languages/languages.ts'
import { shownCategory, shownName } from './shown.ts'
import { state } from './statement.ts'

/** To be raised whenever the wording of a language changes. */
export const TEMPLATE_VERSION = 'template-5'

const MOST_SENTENCES = 2

/**
 * Puts evidence into one or two sentences, a reason each. The same evidence always gives the same text, and the
 * verifier (verifier.ts) supports every sentence.
 */
export function explain(evidence: Evidence, locale: Locale = 'en'): Explanation {
  const sentences = templateSentences(evidence, locale)
  return {
    text: sentences.map(({ text }) => text).join(' '),
    sentences,
    source: 'TEMPLATE',
    model: null,
    promptVersion: TEMPLATE_VERSION,
    generatedAt: new Date(),
    locale,
    evidence,
  }
}

function templateSentences(evidence: Evidence, locale: Locale): Sentence[] {
  const language = LANGUAGES[locale]
  const sentences: Sentence[] = []
  const before: CitedReason[] = []
  for (const cited of inOrderOfTelling(evidence.cited)) {
    const statement = state(evidence, cited, before)
    if (statement === null) continue
    sentences.push({ text: asSentence(language.sentence(statement)), evidence: [cited.id] })
    before.push(cited)
    if (sentences.length === MOST_SENTENCES) break
  }
  if (sentences.length > 0) return sentences
  const product = { name: shownName(evidence.product), category: shownCategory(evidence.product) }
  return [{ text: asSentence(language.nothing(product)), evidence: [] }]
}

/** Of the two strongest, what sells comes second: who asks why wants to hear of themselves first. */
function inOrderOfTelling(cited: readonly CitedReason[]): readonly CitedReason[] {
  const [first, second, ...rest] = cited
  return second !== undefined && first.reason.kind === 'POPULAR' ? [second, first, ...rest] : cited
}

/** A reason by itself, as a sentence: what a language model is told, and may put into other words. */
export function factOf(evidence: Evidence, cited: CitedReason, locale: Locale): string {
  const statement = state(evidence, cited, [])
  return statement === null ? '' : asSentence(LANGUAGES[locale].sentence(statement))
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
