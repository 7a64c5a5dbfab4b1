import type { Evidence } from './evidence.ts'

/** The languages that explanations are written in, as BCP 47 tags. */
export const LOCALES = ['en', 'pt-BR'] as const

/** A language that explanations are written in. */
export type Locale = (typeof LOCALES)[number]

/** A sentence and its evidence. */
export interface Sentence {
  readonly text: string
  /** Ids of the evidence that supports it; empty only if there is no evidence at all. */
  readonly evidence: readonly string[]
}

/** The explanation of one recommendation, and its evidence. */
export interface Explanation {
  /** The sentences in a row. */
  readonly text: string
  readonly sentences: readonly Sentence[]
  /**
   * Who wrote it: a template; a language model that chose among prepared clauses; or one that wrote its own text, which
   * nothing checks.
   */
  readonly source: 'LLM' | 'LLM_UNVERIFIED' | 'TEMPLATE'
  /** The language model that wrote it; null for a template. */
  readonly model: string | null
  /** The version of the prompt or template: another version may word the same evidence differently. */
  readonly promptVersion: string
  readonly generatedAt: Date
  readonly locale: Locale
  /** Everything that the text may mention. */
  readonly evidence: Evidence
}
