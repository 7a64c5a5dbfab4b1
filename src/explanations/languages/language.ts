import type { Locale } from '../explanation.ts'
import type { Called, Statement } from '../statement.ts'
import type { Lexicon } from './lexicon.ts'

/** What an explanation needs of a language: sentences to write by, and words to read by. */
export interface Language {
  readonly locale: Locale
  /** Its English name, for a prompt. */
  readonly name: string
  /** A statement in words, without its capital and its full stop. */
  sentence(statement: Statement): string
  /** Where there is nothing to state. */
  nothing(product: Called): string
  /** The month of a purchase, as sentences write it: “March 2018”. @param time  ms since 1970 UTC */
  month(time: number): string
  /** A day that a count begins or ends at: “31 March 2018”. @param time  ms since 1970 UTC */
  day(time: number): string
  readonly lexicon: Lexicon
}
