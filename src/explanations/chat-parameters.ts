import { z } from 'zod'
import type { Prompt } from './style.ts'

/** The output tokens that one explanation may take: a plan of three clauses takes some 60, twice that between fences. */
const MAX_OUTPUT_TOKENS = 200

/** What models that think before they answer may take for that, besides. */
const THINKING_TOKENS = 2000

/** How much randomness, where a model takes a temperature. */
const TEMPERATURE = 0.3

/** OpenAI's models that think: o1, o3-mini, gpt-5, gpt-5.1-mini, gpt-6 and so on; Azure's gpt-35-turbo is none. */
const THINKS = /(?:^|[/:])(?:o\d|gpt-(?!35)(?:[5-9]|\d{2}))/i

/** What a call may send besides its model and a message; `system` is a message of that role. */
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

/** Of models whose messages are the user's and their own alone. */
const SYSTEM = /system role|role\W{1,3}system\b/i

const refusalShape = z.object({
  error: z.object({ param: z.string().nullish(), message: z.string().nullish() }),
})

/**
 * Which parameters a model takes. Services differ: OpenAI's newer models refuse `max_tokens` and any temperature, many
 * compatible servers know no `max_completion_tokens`. Decided by the model's name, and learnt from refusals: each
 * parameter is given up at most once, so that nothing is asked for ever.
 */
export class ChatParameters {
  readonly #model: string
  readonly #given = new Set<Parameter>()
  #sent: ReadonlySet<Parameter>

  constructor(model: string) {
    this.#model = model
    this.#sent = new Set(
      THINKS.test(model)
        ? ['max_completion_tokens', 'reasoning_effort', 'response_format', 'system']
        : ['max_tokens', 'temperature', 'response_format', 'system'],
    )
  }

  /** What is sent now: to be handed to learn() where it is refused. */
  get sent(): ReadonlySet<Parameter> {
    return this.#sent
  }

  /** The output tokens that an answer may take with what is sent now. */
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
   * Learns from a refusal.
   * @param sent  what the refused call sent
   * @param status  of the answer
   * @param text  its body
   * @returns whether the call is worth making again: something else is sent now
   */
  learn(sent: ReadonlySet<Parameter>, status: number, text: string): boolean {
    if (status !== 400 && status !== 422) return false
    const refused = refusedIn(sent, text)
    if (refused === null) return false
    // Another call has learnt it already.
    if (!this.#sent.has(refused)) return true
    if (this.#given.has(refused)) return false
    this.#given.add(refused)
    const other = OTHER[refused]
    const next = new Set(this.#sent)
    next.delete(refused)
    if (other !== undefined) next.add(other)
    this.#sent = next
    // Where both names of a limit are refused, neither is what is wrong: the first one stands again.
    return other === undefined || !this.#given.has(other)
  }
}

const OTHER: Partial<Readonly<Record<Parameter, Parameter>>> = {
  max_tokens: 'max_completion_tokens',
  max_completion_tokens: 'max_tokens',
}

/** The parameter that a refusal is about; null where it is about none of them. */
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
