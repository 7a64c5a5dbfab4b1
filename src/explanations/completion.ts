/**
 * Reads the answer of a service and checks it: the service is not under our control, and its numbers decide what is
 * counted as spent.
 */
import { z } from 'zod'
import type { Usage } from './budget.ts'

/** The answer of a language model. */
export interface Completion {
  /** Null if there is no answer. This is not the same as a wrong answer: it may be temporary. */
  readonly content: string | null
  /** Why there is no answer, for the log; null if there is one. Never text from the service. */
  readonly missing: string | null
  /** Null if the service does not report it, or reports impossible numbers. */
  readonly usage: Usage | null
}

/** Longer than any model's context in November 2026: a greater number is an error of the service. */
const MOST_TOKENS = 10_000_000

/** Characters: far more than any plan or explanation. */
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

/** Reads the body of a chat completion. Never throws: an unreadable body has no answer and no usage. */
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

/** The usage, if the numbers are possible: whole, not negative, and adding up. */
function usableUsage(usage: unknown, content: string): Usage | null {
  const { success, data } = usageShape.safeParse(usage)
  if (!success || (content !== '' && data.completion_tokens === 0)) return null
  return { inputTokens: data.prompt_tokens, outputTokens: data.completion_tokens }
}
