/**
 * What a language model may decide: which prepared clauses to use, their order, how they are joined, and the tone. It
 * writes no words, so its answer cannot be false: a plan is a choice among clauses that state evidence, and anything
 * else in the answer is ignored.
 */
import { z } from 'zod'
import type { CitedReason, Evidence } from './evidence.ts'
import type { Locale, Sentence } from './explanation.ts'
import { type Language, type Link, LINKS, type Tone, TONES } from './languages/language.ts'
import { LANGUAGES } from './languages/languages.ts'
import { displayCategory, displayName } from './display-text.ts'
import { sellsLittle, statementOf } from './statement.ts'
import { jsonIn } from './style.ts'

/** A clause of a plan. */
export interface PlannedClause {
  /** The id of the evidence that it states. */
  readonly evidence: string
  /** The index of its wording. */
  readonly wording: number
  readonly link: Link
}

export interface Plan {
  readonly tone: Tone
  /** In the order of the text. */
  readonly clauses: readonly PlannedClause[]
}

/** The most clauses of one explanation. */
const MOST_CLAUSES = 3

/** Characters. A clause that would make its sentence longer starts a new one. */
const LONGEST_SENTENCE = 200

const answerShape = z.object({
  tone: z.enum(TONES).catch('plain'),
  clauses: z.array(z.object({ clause: z.string().catch(''), link: z.enum(LINKS).catch('stop') })).max(50),
})

/** The id of a clause: "e1a" is the first wording of e1. */
export function clauseId(evidence: string, wording: number): string {
  return evidence + String.fromCodePoint(97 + wording)
}

/** The JSON schema of a plan. @param clauses  the ids to choose from */
export function planSchema(clauses: readonly string[]): Record<string, unknown> {
  const chosen = {
    type: 'object',
    properties: {
      clause: { type: 'string', enum: clauses },
      link: { type: 'string', enum: LINKS },
    },
    required: ['clause', 'link'],
    additionalProperties: false,
  }
  return {
    type: 'object',
    properties: {
      tone: { type: 'string', enum: TONES },
      clauses: { type: 'array', items: chosen },
    },
    required: ['tone', 'clauses'],
    additionalProperties: false,
  }
}

/**
 * Reads a plan from an answer, even if it has code fences or extra fields. Unknown clauses and a second wording of the
 * same evidence are left out.
 * @returns null if no clause is left
 */
export function readPlan(content: string, { cited }: Evidence): Plan | null {
  const answer = answerShape.safeParse(jsonIn(content)).data
  if (answer === undefined) return null
  const clauses = new Map<string, PlannedClause>()
  for (const { clause, link } of answer.clauses) {
    const evidence = clause.slice(0, -1)
    const wording = (clause.codePointAt(clause.length - 1) ?? 0) - 97
    const isOne = cited.some(({ id }) => id === evidence) && wording >= 0 && wording < MOST_WORDINGS
    if (isOne && !clauses.has(evidence)) clauses.set(evidence, { evidence, wording, link })
  }
  return clauses.size === 0 ? null : { tone: answer.tone, clauses: [...clauses.values()] }
}

/** More wordings than any language has for one reason. */
const MOST_WORDINGS = 26

/** The clauses that a plan can choose from for one reason: one for each wording, as if nothing came before. */
export function clausesOf(evidence: Evidence, cited: CitedReason, locale: Locale): readonly string[] {
  const statement = statementOf(evidence, cited, [], false)
  return statement === null ? [] : LANGUAGES[locale].clauses(statement)
}

/**
 * Writes the text of a plan. Evidence that earlier clauses have already stated is skipped. A clause starts a new
 * sentence if the sentence would be too long, if one of the two contains an "and", or if the sentence has a condition,
 * which would then seem to apply to the clause.
 * @param most  the most clauses of the text
 */
export function compose(evidence: Evidence, plan: Plan, locale: Locale, most = MOST_CLAUSES): Sentence[] {
  const language = LANGUAGES[locale]
  const product = { name: displayName(evidence.product), category: displayCategory(evidence.product) }
  const opening = language.opening(toneOf(plan, evidence), product)
  const besides = language.links.besides.slice('. '.length)
  const before: CitedReason[] = []
  const sentences: { text: string; evidence: string[] }[] = []
  for (const { evidence: id, wording, link } of plan.clauses) {
    const cited = evidence.cited.find((other) => other.id === id)
    if (cited === undefined || before.length === most) continue
    const statement = statementOf(evidence, cited, before, before.length > 0 || opening !== '')
    if (statement === null) continue
    const wordings = language.clauses(statement)
    const clause = wordings[wording] ?? wordings[0]
    const last = sentences.at(-1)
    if (last === undefined) sentences.push({ text: begun(opening, clause), evidence: [id] })
    else if (isJoined(link, last.text, clause, language)) {
      last.text += language.links[link] + clause
      last.evidence.push(id)
    } else {
      const isAdded = link === 'besides' && !sentences.some((other) => other.text.startsWith(besides))
      const start = isAdded ? besides : ''
      sentences.push({ text: begun(start, clause), evidence: [id] })
    }
    before.push(cited)
  }
  if (sentences.length === 0)
    sentences.push({ text: capital(language.nothing(product, evidence.isBlank ?? false)), evidence: [] })
  return sentences.map(({ text, evidence: ids }) => ({ text: `${text}.`, evidence: ids }))
}

/** The plain tone for a product bought before, which is not news to the customer, and for a product with few sales. */
function toneOf({ tone, clauses }: Plan, { cited }: Evidence): Tone {
  const { reason } = cited.find(({ id }) => id === clauses[0]?.evidence) ?? {}
  const isKnown = tone === 'warm' && reason?.kind === 'BOUGHT_BEFORE'
  return isKnown || (reason?.kind === 'POPULAR' && sellsLittle(reason)) ? 'plain' : tone
}

function isJoined(link: Link, sentence: string, clause: string, { links, condition }: Language): boolean {
  if (link !== 'and' && link !== 'semicolon') return false
  const isLong = sentence.length + clause.length > LONGEST_SENTENCE
  // Without names, which may contain anything; they are in quotes, and contain none.
  const own = [sentence, clause].map((text) => text.replaceAll(/“[^”]*”/g, ''))
  if (link === 'and' && condition.test(own[0])) return false
  return !isLong && own.every((text) => !text.includes(links.and) && !text.includes('; '))
}

/** A sentence of an opening and a clause: after a question the clause starts with a capital. */
function begun(start: string, clause: string): string {
  return capital(start.endsWith('? ') ? start + capital(clause) : start + clause)
}

function capital(text: string): string {
  const [first = ''] = text
  return first.toLocaleUpperCase() + text.slice(first.length)
}
