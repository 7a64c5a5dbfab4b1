/**
 * What a language model may decide: which clauses of ours are said, in which order, how they are joined, and in which
 * tone. It composes no words, so that nothing it answers can be a lie: a plan is a choice among clauses that state evidence, and
 * what is not one of the choices is left out.
 */
import { z } from 'zod'
import type { CitedReason, Evidence } from './evidence.ts'
import type { Locale, Sentence } from './explanation.ts'
import { type Language, type Link, LINKS, type Tone, TONES } from './languages/language.ts'
import { LANGUAGES } from './languages/languages.ts'
import { displayCategory, displayName } from './display-text.ts'
import { sellsLittle, state } from './statement.ts'
import { jsonIn } from './style.ts'

/** A clause that is to be said. */
export interface PlannedClause {
  /** Id of the evidence that it states. */
  readonly evidence: string
  /** Which of its wordings, from 0 on. */
  readonly wording: number
  readonly link: Link
}

export interface Plan {
  readonly tone: Tone
  /** In the order in which they are said. */
  readonly clauses: readonly PlannedClause[]
}

/** The most clauses that one explanation says. */
const MOST_CLAUSES = 3

/** Letters beyond which a sentence takes no further clause. */
const LONGEST_SENTENCE = 200

const answerShape = z.object({
  tone: z.enum(TONES).catch('plain'),
  clauses: z.array(z.object({ clause: z.string().catch(''), link: z.enum(LINKS).catch('stop') })).max(50),
})

/** What a clause is chosen by: "e1a" is the first wording of e1. */
export function clauseId(evidence: string, wording: number): string {
  return evidence + String.fromCodePoint(97 + wording)
}

/** JSON schema of a plan. @param clauses  the ids to choose from */
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
 * Reads a plan out of an answer, also where it stands between code fences or holds more than was asked for. Clauses
 * that there are not, and a second wording of the same evidence, are left out.
 * @returns null where nothing is left
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

/** No language has more ways to say one thing. */
const MOST_WORDINGS = 26

/** One evidence by itself, in each wording: what a plan chooses from. */
export function clausesOf(evidence: Evidence, cited: CitedReason, locale: Locale): readonly string[] {
  const statement = state(evidence, cited, [], false)
  return statement === null ? [] : LANGUAGES[locale].clauses(statement)
}

/**
 * Says what a plan chose. Evidence that the clauses before have said already is passed over; a clause that would make
 * a sentence too long, that has an "and" of its own, or that would stand under a condition, begins another one.
 * @param most  clauses that are said
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
    const statement = state(evidence, cited, before, before.length > 0 || opening !== '')
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

/** What somebody has bought is nothing to suggest as if it were new, and few sales recommend nothing. */
function toneOf({ tone, clauses }: Plan, { cited }: Evidence): Tone {
  const { reason } = cited.find(({ id }) => id === clauses[0]?.evidence) ?? {}
  const isKnown = tone === 'warm' && reason?.kind === 'BOUGHT_BEFORE'
  return isKnown || (reason?.kind === 'POPULAR' && sellsLittle(reason)) ? 'plain' : tone
}

function isJoined(link: Link, sentence: string, clause: string, { links, condition }: Language): boolean {
  if (link !== 'and' && link !== 'semicolon') return false
  const isLong = sentence.length + clause.length > LONGEST_SENTENCE
  // Names may hold anything; they stand between quotes, and hold none.
  const own = [sentence, clause].map((text) => text.replaceAll(/“[^”]*”/g, ''))
  if (link === 'and' && condition.test(own[0])) return false
  return !isLong && own.every((text) => !text.includes(links.and) && !text.includes('; '))
}

/** A clause behind what begins the sentence: after a question it begins one of its own. */
function begun(start: string, clause: string): string {
  return capital(start.endsWith('? ') ? start + capital(clause) : start + clause)
}

function capital(text: string): string {
  const [first = ''] = text
  return first.toLocaleUpperCase() + text.slice(first.length)
}
