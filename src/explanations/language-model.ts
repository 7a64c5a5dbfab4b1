import type { Usage } from './budget.ts'
import type { Prompt } from './prompt.ts'

/** What a language model answered. */
export interface Completion {
  readonly content: string
  /** Null where the service does not say. */
  readonly usage: Usage | null
}

/** Writes what a prompt asks for. */
export interface LanguageModel {
  /** As the service calls it: gpt-4o-mini. */
  readonly name: string
  /** @throws {Error} where the service cannot be reached or refuses, after its retries; and when `signal` aborts */
  write(prompt: Prompt, signal: AbortSignal): Promise<Completion>
}

/** The output tokens that one explanation may take, as in the notebook. */
export const MAX_OUTPUT_TOKENS = 100

export interface OpenAiSettings {
  readonly model: string
  /** Of any server that speaks OpenAI's protocol; OpenAI's own where it is left out. */
  readonly baseUrl?: string | undefined
  readonly apiKey: string
  /** After a 408, 409, 429, 5xx or a broken connection; with growing pauses, jitter and regard to Retry-After. */
  readonly retries: number
  /** Seconds that one explanation may take, retries and all. */
  readonly timeout: number
}

/** A language model behind OpenAI's chat completions. */
export async function openAiModel({
  model,
  baseUrl,
  apiKey,
  retries,
  timeout,
}: OpenAiSettings): Promise<LanguageModel> {
  // Loaded only where it is used: without it everything else starts faster.
  const { default: OpenAI } = await import('openai')
  const client = new OpenAI({
    apiKey,
    // Null keeps the client from reading what the settings did not say out of the environment.
    baseURL: baseUrl ?? null,
    organization: null,
    project: null,
    maxRetries: retries,
    timeout: timeout * 1000,
    logLevel: 'off',
  })
  return {
    name: model,
    async write({ instructions, facts, schema }, signal) {
      const { choices, usage } = await client.chat.completions.create(
        {
          model,
          messages: [
            { role: 'system', content: instructions },
            { role: 'user', content: facts },
          ],
          max_tokens: MAX_OUTPUT_TOKENS,
          temperature: 0.3,
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'explanation', strict: true, schema },
          },
        },
        { signal: AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)]) },
      )
      return {
        content: choices[0]?.message.content ?? '',
        usage: usage ? { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } : null,
      }
    },
  }
}
