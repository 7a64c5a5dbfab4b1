import { createHash } from 'node:crypto'
import type { Evidence } from './evidence.ts'
import type { Explanation, Locale, Sentence } from './explanation.ts'

/** All that a language model is sent. */
export interface Prompt {
  readonly instructions: string
  /** JSON: the evidence, and nothing that is not evidence. No id, no name of a person, no address. */
  readonly facts: string
  /** JSON schema of the answer. */
  readonly schema: Record<string, unknown>
}

/** What a language model is asked for, and how its answer becomes sentences. */
export interface Style {
  /** To be raised whenever the same answer would be asked for or read in another way. */
  readonly version: string
  readonly source: Explanation['source']
  promptFor(evidence: Evidence, locale: Locale): Prompt
  /**
   * Reads an answer, of a model or of the store: either may hold anything.
   * @returns null where it is not what was asked for
   */
  read(content: string, evidence: Evidence, locale: Locale): Answer | null
}

/** An answer that can be used. */
export interface Answer {
  readonly sentences: readonly Sentence[]
  /** What of the answer is worth keeping: read() makes the same sentences of it. */
  readonly kept: string
}

/** How language models are asked. */
export const EXPLANATION_STYLES = ['clauses', 'free'] as const satisfies readonly ExplanationStyle[]

/** `clauses`: a language model chooses among clauses that state evidence. `free`: it writes, and nothing checks it. */
export type ExplanationStyle = 'clauses' | 'free'

/** The object in an answer, also where it stands between code fences or other words; null where it holds no whole one. */
export function jsonIn(content: string): unknown {
  try {
    return JSON.parse(content.slice(content.indexOf('{'), content.lastIndexOf('}') + 1))
  } catch {
    return null
  }
}

/** What an answer is known by: the same model, style, language and facts, the same answer. */
export function answerKey(model: string, { version }: Style, locale: Locale, { facts }: Prompt): string {
  const evidence = createHash('sha256').update(facts).digest('hex')
  return [model, version, locale, evidence].join(' ')
}
