import type { Locale } from '../explanation.ts'
import type { Called, Statement } from '../statement.ts'

/** How a text begins: plain with the first clause, warm and direct by naming the product. */
export const TONES = ['plain', 'warm', 'direct'] as const

export type Tone = (typeof TONES)[number]

/** How a clause is joined to the one before it: `stop` begins a sentence, `besides` too. */
export const LINKS = ['stop', 'and', 'semicolon', 'besides'] as const

export type Link = (typeof LINKS)[number]

/** What an explanation needs of a language. */
export interface Language {
  readonly locale: Locale
  /** Its English name, for a prompt. */
  readonly name: string
  /**
   * A statement in words, in several ways that say the same; without a capital, a full stop or a colon. The first is
   * the template's. As many ways for every statement of one kind of reason, wherever it stands.
   */
  clauses(statement: Statement): readonly string[]
  /** Names the product before the first clause; '' where the first clause names it. */
  opening(tone: Tone, product: Called): string
  /** What stands between two clauses. */
  readonly links: Readonly<Record<Link, string>>
  /** What a clause with a condition holds: what is joined to it by an "and" would stand under the condition, too. */
  readonly condition: RegExp
  /** Where there is nothing to state. @param isBlank  where nothing is known at all */
  nothing(product: Called, isBlank: boolean): string
}
