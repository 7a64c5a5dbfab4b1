import type { Call } from './budget.ts'
import { ChatParameters } from './chat-parameters.ts'
import { type Completion, readCompletion } from './completion.ts'
import type { Prompt } from './style.ts'

/** Answers prompts. */
export interface LanguageModel {
  /** The service's name for it, such as gpt-4o-mini. */
  readonly name: string
  /** The most output tokens of one attempt; it may differ after `write` has thrown ParametersChanged. */
  readonly mostOutputTokens: number
  /**
   * @param call  is told of each attempt and its usage
   * @throws {ParametersChanged} if the service rejected a parameter that will not be sent again: call once more
   * @throws {Error} if the service cannot be reached or answers with an error, after all retries; or if `signal` aborts
   */
  write(prompt: Prompt, call: Call, signal: AbortSignal): Promise<Completion>
}

/** The service rejected a parameter; without it, or with another one, it may answer. */
export class ParametersChanged extends Error {
  override readonly name = 'ParametersChanged'
}

export interface OpenAiSettings {
  readonly model: string
  /** The URL of any server with OpenAI's API. Left out: OpenAI's own. */
  readonly baseUrl?: string | undefined
  readonly apiKey: string
  /** After a 408, 409, 429, 5xx or a broken connection; with growing pauses and jitter, and after Retry-After. */
  readonly retries: number
  /** Seconds that one explanation may take, including retries. */
  readonly timeout: number
}

/** Tells OpenAI's client not to retry. */
const NO_RETRY = { 'x-should-retry': 'false' }

/** A language model behind OpenAI's chat completions. */
export async function openAiModel({
  model,
  baseUrl,
  apiKey,
  retries,
  timeout,
}: OpenAiSettings): Promise<LanguageModel> {
  // Loaded on demand: everything else starts faster without it.
  const { default: OpenAI } = await import('openai')
  const client = new OpenAI({
    apiKey,
    // Null: otherwise the client would read missing settings from the environment.
    baseURL: baseUrl ?? null,
    organization: null,
    project: null,
    maxRetries: retries,
    timeout: timeout * 1000,
    logLevel: 'off',
  })
  const parameters = new ChatParameters(model)
  return {
    name: model,
    get mostOutputTokens() {
      return parameters.mostOutputTokens
    },
    async write(prompt, call, signal) {
      const { sent } = parameters
      let refusal = { status: 0, text: '' }
      const counted = client.withOptions({
        fetch: async (url, init) => {
          if (!(await call.begin())) return new Response('{}', { status: 402, headers: NO_RETRY })
          const response = await fetch(url, init)
          if (response.ok) return response
          await call.refused()
          // The client keeps the text of an error only if it has OpenAI's form.
          refusal = { status: response.status, text: await response.clone().text() }
          return response
        },
      })
      try {
        const body: unknown = await counted.chat.completions.create(parameters.bodyFor(prompt), {
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)]),
        })
        const completion = readCompletion(body)
        await call.end(completion.usage)
        return completion
      } catch (error) {
        // The answer was cut off or unreadable: it may have been charged.
        await call.end(null)
        if (parameters.learn(sent, refusal.status, refusal.text)) {
          throw new ParametersChanged('the service refused a parameter', { cause: error })
        }
        throw error
      }
    },
  }
}
