import type { Evidence } from './evidence.ts'

/** The languages that explanations are written in, as BCP 47 tags. */
export const LOCALES = ['en', 'pt-BR'] as const

/** A language that explanations are written in. */
export type Locale = (typeof LOCALES)[number]

/** A sentence, and what it rests on. */
export interface Sentence {
  readonly text: string
  /** Ids of the evidence that supports it; none only where there is no evidence at all. */
  readonly evidence: readonly string[]
}

/** Words for one recommendation, and what they rest on. */
export interface Explanation {
  /** The sentences, one after another. */
  readonly text: string
  readonly sentences: readonly Sentence[]
  /**
   * Who wrote it: a template; a language model that chose among clauses of ours; or one that wrote freely, held to
   * nothing.
   */
  readonly source: 'LLM' | 'LLM_UNVERIFIED' | 'TEMPLATE'
  /** The language model that wrote it; null for a template. */
  readonly model: string | null
  /** Which wording was used: changes whenever the same evidence may be put into other words. */
  readonly promptVersion: string
  readonly generatedAt: Date
  readonly locale: Locale
  /** All that the text may speak of. */
  readonly evidence: Evidence
}
