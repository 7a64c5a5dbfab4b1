import { createHash } from 'node:crypto'
import type { Evidence } from './evidence.ts'
import type { Explanation, Locale, Sentence } from './explanation.ts'

/** Everything that is sent to a language model. */
export interface Prompt {
  readonly instructions: string
  /** JSON with the evidence only: no customer id, no name of a person, no address. */
  readonly facts: string
  /** The JSON schema of the answer. */
  readonly schema: Record<string, unknown>
}

/** What a language model is asked, and how its answer becomes sentences. */
export interface Style {
  /** Raise it whenever the prompt or the reading of an answer changes. */
  readonly version: string
  readonly source: Explanation['source']
  promptFor(evidence: Evidence, locale: Locale): Prompt
  /**
   * Reads an answer from a model or the store; it may contain anything.
   * @returns null if it is not a valid answer
   */
  read(content: string, evidence: Evidence, locale: Locale): Answer | null
}

/** A usable answer. */
export interface Answer {
  readonly sentences: readonly Sentence[]
  /** The part of the answer to store: `read` makes the same sentences from it. */
  readonly kept: string
}

/** The names of the styles. */
export const EXPLANATION_STYLES = ['clauses', 'free'] as const satisfies readonly ExplanationStyle[]

/** `clauses`: a language model chooses among clauses that state evidence. `free`: it writes text that nothing checks. */
export type ExplanationStyle = 'clauses' | 'free'

/** The JSON object in an answer, even between code fences or other words; null if there is no complete one. */
export function jsonIn(content: string): unknown {
  try {
    return JSON.parse(content.slice(content.indexOf('{'), content.lastIndexOf('}') + 1))
  } catch {
    return null
  }
}

/** The store's key of an answer: the model, the style, the language and the facts. */
export function answerKey(model: string, { version }: Style, locale: Locale, { facts }: Prompt): string {
  const evidence = createHash('sha256').update(facts).digest('hex')
  return [model, version, locale, evidence].join(' ')
}
