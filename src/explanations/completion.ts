/**
 * What a service answered, as far as it may be believed: it is a program of others, and its numbers decide what is
 * spent.
 */
import { z } from 'zod'
import type { Usage } from './budget.ts'

/** What a language model answered. */
export interface Completion {
  /** Null where it gave no answer, whatever the reason: that is not a wrong answer, and may pass. */
  readonly content: string | null
  /** Why there is no answer, for a log; null where there is one. Never words of the service. */
  readonly missing: string | null
  /** Null where the service does not say what the call took, or says what cannot be. */
  readonly usage: Usage | null
}

/** No context is longer, in November 2026: what a service says beyond it is a mistake. */
const MOST_TOKENS = 10_000_000

/** No structured answer comes near it, in letters. */
const LONGEST_CONTENT = 20_000

const tokens = z.int().min(0).max(MOST_TOKENS)

const usageShape = z
  .object({ prompt_tokens: tokens.min(1), completion_tokens: tokens, total_tokens: tokens.optional() })
  .refine(
    ({ prompt_tokens: input, completion_tokens: output, total_tokens: total = input + output }) =>
      total === input + output,
  )

const choiceShape = z.object({
  finish_reason: z.string().nullish(),
  message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
})

/** Reads the body of a chat completion. Never throws: what it cannot read is no answer, and no usage. */
export function readCompletion(body: unknown): Completion {
  const { choices, usage } = Object(body) as { choices?: unknown; usage?: unknown }
  const choice = Array.isArray(choices) && choices.length > 0 ? choiceShape.safeParse(choices[0]).data : null
  const content = choice?.message.content ?? ''
  const missing = choice ? missingIn(choice) : 'no choices'
  return { content: missing === null ? content : null, missing, usage: usableUsage(usage, content) }
}

function missingIn({ finish_reason: end, message }: z.infer<typeof choiceShape>): string | null {
  const content = message.content ?? ''
  if (end === 'length') return 'cut off'
  if (end === 'content_filter') return 'content filter'
  if (message.refusal) return 'refused'
  if (content.trim() === '') return 'empty'
  return content.length > LONGEST_CONTENT ? 'too long' : null
}

/** What a call took, where the service's numbers can be true: whole, not negative, and adding up. */
function usableUsage(usage: unknown, content: string): Usage | null {
  const { success, data } = usageShape.safeParse(usage)
  if (!success || (content !== '' && data.completion_tokens === 0)) return null
  return { inputTokens: data.prompt_tokens, outputTokens: data.completion_tokens }
}
