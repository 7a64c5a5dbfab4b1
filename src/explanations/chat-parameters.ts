import { z } from 'zod'
import type { Prompt } from './style.ts'

/** The most output tokens of one explanation: a plan of three clauses takes about 60, twice that with code fences. */
const MAX_OUTPUT_TOKENS = 200

/** The output tokens added for models that think before they answer. */
const THINKING_TOKENS = 2000

/** The temperature, for models that accept one. */
const TEMPERATURE = 0.3

/** OpenAI's models that think: o1, o3-mini, gpt-5, gpt-5.1-mini, gpt-6 and so on, but not Azure's gpt-35-turbo. */
const THINKS = /(?:^|[/:])(?:o\d|gpt-(?!35)(?:[5-9]|\d{2}))/i

/** The parameters that a call may send, in addition to the model and a message; `system` is a message of that role. */
const PARAMETERS = [
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'reasoning_effort',
  'response_format',
  'system',
] as const

type Parameter = (typeof PARAMETERS)[number]

const UNSUPPORTED =
  /unsupported|not support|unrecogni[sz]ed|unknown|unexpected|extra|not (?:permitted|allowed|available)|invalid|forbidden/i

/** The error of models that accept no message of role `system`. */
const SYSTEM = /system role|role\W{1,3}system\b/i

const refusalShape = z.object({
  error: z.object({ param: z.string().nullish(), message: z.string().nullish() }),
})

/**
 * The parameters that a model accepts. Services differ: OpenAI's newer models reject `max_tokens` and any temperature,
 * many compatible servers do not know `max_completion_tokens`. The first choice is made by the model's name, then
 * rejections are learned from. Each parameter is dropped at most once, so that the attempts end.
 */
export class ChatParameters {
  readonly #model: string
  readonly #dropped = new Set<Parameter>()
  #sent: ReadonlySet<Parameter>

  constructor(model: string) {
    this.#model = model
    this.#sent = new Set(
      THINKS.test(model)
        ? ['max_completion_tokens', 'reasoning_effort', 'response_format', 'system']
        : ['max_tokens', 'temperature', 'response_format', 'system'],
    )
  }

  /** The parameters sent now. If a call with them is rejected, pass them to `learn`. */
  get sent(): ReadonlySet<Parameter> {
    return this.#sent
  }

  /** The most output tokens of an answer with the current parameters. */
  get mostOutputTokens(): number {
    return MAX_OUTPUT_TOKENS + (this.#sent.has('max_completion_tokens') ? THINKING_TOKENS : 0)
  }

  /** The body of a chat completion. */
  bodyFor({ instructions, facts, schema }: Prompt) {
    const values = {
      max_tokens: this.mostOutputTokens,
      max_completion_tokens: this.mostOutputTokens,
      temperature: TEMPERATURE,
      reasoning_effort: 'low',
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'explanation', strict: true, schema },
      },
    } as const
    const sent = Object.fromEntries(
      PARAMETERS.flatMap((name) =>
        name !== 'system' && this.#sent.has(name) ? [[name, values[name]] as const] : [],
      ),
    ) as Partial<typeof values>
    return {
      model: this.#model,
      messages: this.#sent.has('system')
        ? [
            { role: 'system' as const, content: instructions },
            { role: 'user' as const, content: facts },
          ]
        : [{ role: 'user' as const, content: `${instructions}\n\n${facts}` }],
      ...sent,
    }
  }

  /**
   * Learns from a rejected call.
   * @param sent  the parameters of the call
   * @param status  the HTTP status of the answer
   * @param text  the body of the answer
   * @returns whether the parameters have changed, so that the call should be made again
   */
  learn(sent: ReadonlySet<Parameter>, status: number, text: string): boolean {
    if (status !== 400 && status !== 422) return false
    const refused = refusedIn(sent, text)
    if (refused === null) return false
    // Another call has learned it already.
    if (!this.#sent.has(refused)) return true
    if (this.#dropped.has(refused)) return false
    this.#dropped.add(refused)
    const other = OTHER[refused]
    const next = new Set(this.#sent)
    next.delete(refused)
    if (other !== undefined) next.add(other)
    this.#sent = next
    // If both names of the limit were rejected, the name is not the problem: the first one is used again.
    return other === undefined || !this.#dropped.has(other)
  }
}

const OTHER: Partial<Readonly<Record<Parameter, Parameter>>> = {
  max_tokens: 'max_completion_tokens',
  max_completion_tokens: 'max_tokens',
}

/** The parameter that an error is about; null if it is about none of them. */
function refusedIn(sent: ReadonlySet<Parameter>, text: string): Parameter | null {
  if (!UNSUPPORTED.test(text)) return null
  const param = refusalParameter(text)
  const candidates = PARAMETERS.filter((name) => sent.has(name))
  const named = candidates.find((name) => name === param)
  if (sent.has('system') && (param === 'messages[0].role' || SYSTEM.test(text))) return 'system'
  return named ?? candidates.find((name) => new RegExp(`\\b${name}\\b`).test(text)) ?? null
}

function refusalParameter(text: string): string | null {
  try {
    return refusalShape.parse(JSON.parse(text)).error.param ?? null
  } catch {
    return null
  }
}
