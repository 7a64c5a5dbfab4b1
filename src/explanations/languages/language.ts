import type { Locale } from '../explanation.ts'
import type { NamedProduct, Statement } from '../statement.ts'

/** How a text begins: `plain` with the first clause, `warm` and `direct` with the name of the product. */
export const TONES = ['plain', 'warm', 'direct'] as const

export type Tone = (typeof TONES)[number]

/** How a clause is joined to the one before it. `stop` and `besides` start a new sentence. */
export const LINKS = ['stop', 'and', 'semicolon', 'besides'] as const

export type Link = (typeof LINKS)[number]

/** A language of explanations. */
export interface Language {
  readonly locale: Locale
  /** Its English name, for a prompt. */
  readonly name: string
  /**
   * A statement in several wordings of the same meaning, without a capital, a full stop or a colon. The template uses
   * the first. Every statement of one kind of reason has the same number of wordings.
   */
  clauses(statement: Statement): readonly string[]
  /** Names the product before the first clause; '' if the first clause names it. */
  opening(tone: Tone, product: NamedProduct): string
  /** The text between two clauses. */
  readonly links: Readonly<Record<Link, string>>
  /** Finds a clause with a condition: a clause joined to it by "and" would seem to be under the condition, too. */
  readonly condition: RegExp
  /** The text if there is nothing to state. @param isBlank  whether nothing at all is known */
  nothing(product: NamedProduct, isBlank: boolean): string
}
