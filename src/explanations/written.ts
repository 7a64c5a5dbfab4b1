import { z } from 'zod'
import type { Sentence } from './explanation.ts'

/** Sentences of a language model that were supported, and when they were written. */
export interface Written {
  readonly sentences: readonly Sentence[]
  readonly generatedAt: Date
}

/** What is kept where every try was rejected: it would be paid for in vain again. */
export const REJECTED = 'rejected'

const kept = z.object({
  sentences: z.array(z.object({ text: z.string(), evidence: z.array(z.string()) })),
  generatedAt: z.iso.datetime(),
})

/** As the store keeps it. */
export function encodeWritten(written: Written): string {
  return JSON.stringify(written)
}

/** Null where it was rejected, or is not what encodeWritten() made. */
export function decodeWritten(text: string): Written | null {
  try {
    const { sentences, generatedAt } = kept.parse(JSON.parse(text))
    return { sentences, generatedAt: new Date(generatedAt) }
  } catch {
    return null
  }
}
