import type { Evidence } from './evidence.ts'

/** Words for one recommendation, and what they rest on. */
export interface Explanation {
  /** One to three English sentences. */
  readonly text: string
  /** Who wrote it. */
  readonly source: 'LLM' | 'TEMPLATE'
  /** The language model that wrote it; null for a template. */
  readonly model: string | null
  /** Which wording was used: changes whenever the same evidence may be put into other words. */
  readonly promptVersion: string
  readonly generatedAt: Date
  /** All that the text may speak of. */
  readonly evidence: Evidence
}
