import { salesOf } from './claims.ts'
import type { CitedReason, Evidence } from './evidence.ts'
import type { Language } from './languages/language.ts'
import { sharedTopics, shownCategory, shownLabel, shownName } from './shown.ts'

/** What stands in the place of a piece of evidence: ⓟ the recommended product, ⓑ one of the history, ⓜ a month, ⓓ a day, ⓛ a label. */
type Sign = 'ⓟ' | 'ⓑ' | 'ⓜ' | 'ⓓ' | 'ⓛ'

interface Phrase {
  readonly sign: Sign
  readonly pattern: string
}

export interface MarkedText {
  readonly text: string
  /** How many signs were put: where the text holds more, its writer wrote some. */
  readonly signs: number
}

/**
 * Puts a sign in the place of every name, category, date and label that the cited evidence holds. What is left is
 * the writer's own words; a name that is not in the evidence is left too.
 */
export function mark(
  text: string,
  evidence: Evidence,
  cited: readonly CitedReason[],
  language: Language,
): MarkedText {
  const found = findings(text, [
    ...productPhrases(evidence, language),
    ...cited.flatMap((reason) => reasonPhrases(reason, language)),
  ])
  let marked = ''
  let at = 0
  for (const { start, end, sign } of found) {
    marked += text.slice(at, start) + sign
    at = end
  }
  return { text: marked + text.slice(at), signs: found.length }
}

interface Finding {
  readonly sign: Sign
  readonly start: number
  readonly end: number
}

/** In the order of the text. Where phrases overlap the longest is meant: a name may hold the name of a month. */
function findings(text: string, phrases: readonly Phrase[]): Finding[] {
  const found = phrases.flatMap(({ sign, pattern }) =>
    Array.from(text.matchAll(new RegExp(pattern, flagsOf(pattern))), ({ index, 0: words }) => ({
      sign,
      start: index,
      end: index + words.length,
    })),
  )
  const chosen: Finding[] = []
  for (const finding of found.toSorted((a, b) => b.end - b.start - (a.end - a.start))) {
    if (chosen.every(({ start, end }) => finding.end <= start || end <= finding.start)) chosen.push(finding)
  }
  return chosen.sort((a, b) => a.start - b.start)
}

function productPhrases({ product }: Evidence, { lexicon }: Language): Phrase[] {
  const name = shownName(product)
  const category = shownCategory(product)
  return [
    ...(name === null ? [] : [quoted(name)]),
    ...(category === null ? [] : [lexicon.recommended(escaped(category))]),
  ].map((pattern) => ({ sign: 'ⓟ', pattern }))
}

function reasonPhrases({ reason, purchase }: CitedReason, { lexicon, month, day }: Language): Phrase[] {
  const phrases: Phrase[] = []
  const name = purchase && shownName(purchase.product)
  const category = purchase && shownCategory(purchase.product)
  if (name) phrases.push({ sign: 'ⓑ', pattern: quoted(name) })
  if (category) phrases.push({ sign: 'ⓑ', pattern: lexicon.purchased(escaped(category)) })
  if (purchase !== null && purchase.purchasedAt !== null) {
    phrases.push({ sign: 'ⓜ', pattern: wholeWords(month(purchase.purchasedAt)) })
  }
  const sales = salesOf(reason)
  for (const time of [sales?.since, sales?.until])
    if (time != null) phrases.push({ sign: 'ⓓ', pattern: wholeWords(day(time)) })
  const label = reason.kind === 'RESEMBLANCE' ? sharedTopics(reason.sharedAttributes).get('label') : undefined
  if (label !== undefined) {
    const [column, value] = [label.attribute, String(label.value)].map((text) =>
      escaped(shownLabel(text) ?? ''),
    )
    phrases.push({ sign: 'ⓛ', pattern: lexicon.sharedLabel(column, value) })
  }
  return phrases
}

/** A name counts as one only between quotes: unquoted, “cheapest of all” would pass for praise. */
function quoted(name: string): string {
  return `[“"]${escaped(name)}[”"]`
}

const wholeWords = (text: string) => `(?<![\\p{L}\\d])${escaped(text)}(?![\\p{L}\\d])`

/** Names are told apart by their capitals; the rest of a phrase may begin a sentence. */
function flagsOf(pattern: string): string {
  return pattern.startsWith('[“"]') ? 'gu' : 'giu'
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}/]/g, '\\$&')
}
