import type { Call } from './budget.ts'
import { ChatParameters } from './chat-parameters.ts'
import { type Completion, readCompletion } from './completion.ts'
import type { Prompt } from './style.ts'

/** Writes what a prompt asks for. */
export interface LanguageModel {
  /** As the service calls it: gpt-4o-mini. */
  readonly name: string
  /** The output tokens that one attempt may take; other ones after a write() that threw ParametersChanged. */
  readonly mostOutputTokens: number
  /**
   * @param call  told of each attempt, and what it took
   * @throws {ParametersChanged} where the service refused a parameter that will not be sent again: ask once more
   * @throws {Error} where the service cannot be reached or refuses, after its retries; and when `signal` aborts
   */
  write(prompt: Prompt, call: Call, signal: AbortSignal): Promise<Completion>
}

/** The service refused a parameter; without it, or with another in its place, it may answer. */
export class ParametersChanged extends Error {
  override readonly name = 'ParametersChanged'
}

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

/** Keeps OpenAI's client from trying again. */
const NO_RETRY = { 'x-should-retry': 'false' }

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
          if (!call.begin()) return new Response('{}', { status: 402, headers: NO_RETRY })
          const response = await fetch(url, init)
          if (response.ok) return response
          call.refused()
          // The client keeps the text of an error only where it has OpenAI's own form.
          refusal = { status: response.status, text: await response.clone().text() }
          return response
        },
      })
      try {
        const body: unknown = await counted.chat.completions.create(parameters.bodyFor(prompt), {
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)]),
        })
        const completion = readCompletion(body)
        call.end(completion.usage)
        return completion
      } catch (error) {
        // Cut off, or answered with what cannot be read: it may have been written and charged.
        call.end(null)
        if (parameters.learn(sent, refusal.status, refusal.text)) {
          throw new ParametersChanged('the service refused a parameter', { cause: error })
        }
        throw error
      }
    },
  }
}
