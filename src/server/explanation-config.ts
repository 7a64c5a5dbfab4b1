import { z } from 'zod'
import type { ExplainerSettings } from '../explanations/open-explainer.ts'
import { type ExplanationStyle, EXPLANATION_STYLES } from '../explanations/style.ts'

export interface ExplanationOptions {
  /** What it is asked for; default: $LLM_STYLE, else clauses. */
  readonly style?: ExplanationStyle | undefined
  /** The language model; default: $LLM_MODEL, else gpt-4o-mini. */
  readonly model?: string | undefined
  /** The file that keeps texts and spending; default: $EXPLANATION_STORE. */
  readonly store?: string | undefined
}

/** Dollars a million tokens, of input and of output, in November 2026. */
const PRICES: Readonly<Record<string, string>> = { 'gpt-4o-mini': '0.15,0.60' }

const amount = (name: string, otherwise: number) =>
  z.coerce.number(`${name} must be a number`).min(0, `${name} must be 0 or more`).default(otherwise)

const whole = (name: string, least: number, most: number, otherwise: number) =>
  z.coerce
    .number(`${name} must be a number`)
    .int(`${name} must be a whole number`)
    .min(least, `${name} must be ${least} or more`)
    .max(most, `${name} must be ${most} or less`)
    .default(otherwise)

const shape = z.object({
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.url('OPENAI_BASE_URL must be a URL').optional(),
  LLM_MODEL: z.string().default('gpt-4o-mini'),
  LLM_STYLE: z
    .enum(EXPLANATION_STYLES, `LLM_STYLE must be ${EXPLANATION_STYLES.join(' or ')}`)
    .default('clauses'),
  LLM_TIMEOUT: amount('LLM_TIMEOUT', 20),
  LLM_RETRIES: whole('LLM_RETRIES', 0, 10, 2),
  LLM_CONCURRENCY: whole('LLM_CONCURRENCY', 1, 100, 4),
  LLM_TOKENS_PER_DAY: amount('LLM_TOKENS_PER_DAY', 5_000_000),
  LLM_MONEY_PER_DAY: amount('LLM_MONEY_PER_DAY', 1),
  LLM_PRICE: z
    .string()
    .regex(/^\d+(\.\d+)?,\d+(\.\d+)?$/, 'LLM_PRICE must look like 0.15,0.60')
    .optional(),
  EXPLANATION_STORE: z.string().optional(),
})

/**
 * How a language model is asked: options first, then the environment, then defaults. Variables set to nothing count
 * as not set.
 * @param otherwise  the file that keeps texts and spending where neither names one
 * @throws {Error} naming the variable that is wrong or missing, and its value
 */
export function explanationConfig(
  { model, style, store }: ExplanationOptions,
  otherwise: string | null,
  environment: NodeJS.ProcessEnv = process.env,
): ExplainerSettings {
  const given: NodeJS.ProcessEnv = {
    ...environment,
    LLM_MODEL: model ?? environment['LLM_MODEL'],
    LLM_STYLE: style ?? environment['LLM_STYLE'],
  }
  const names = Object.keys(shape.shape) as (keyof typeof shape.shape)[]
  const settings = Object.fromEntries(names.map((name) => [name, given[name] || undefined]))
  const result = shape.safeParse(settings)
  if (!result.success) {
    const issues = result.error.issues.map(
      ({ message, path }) => `${message}, not "${settings[String(path[0])]}"`,
    )
    throw new Error(issues.join('; '))
  }
  const {
    OPENAI_BASE_URL: baseUrl,
    LLM_MODEL,
    LLM_STYLE,
    LLM_TIMEOUT,
    LLM_RETRIES,
    LLM_CONCURRENCY,
    ...rest
  } = result.data
  return {
    model: LLM_MODEL,
    style: LLM_STYLE,
    baseUrl,
    apiKey: keyOf(rest.OPENAI_API_KEY, baseUrl),
    timeout: LLM_TIMEOUT,
    retries: LLM_RETRIES,
    concurrency: LLM_CONCURRENCY,
    daily: { tokens: rest.LLM_TOKENS_PER_DAY, money: rest.LLM_MONEY_PER_DAY },
    price: priceOf(LLM_MODEL, rest.LLM_PRICE),
    store: store ?? rest.EXPLANATION_STORE ?? otherwise,
  }
}

/** Servers of one's own ask for no key, but the client does. */
function keyOf(key: string | undefined, baseUrl: string | undefined): string {
  if (key === undefined && baseUrl === undefined) {
    throw new Error(
      'A language model needs OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own: set it in the environment ' +
        'or in a file .env',
    )
  }
  return key ?? 'none'
}

function priceOf(model: string, price = PRICES[model]): ExplainerSettings['price'] {
  if (price === undefined) {
    throw new Error(
      `What ${model} costs is not known, and without it no budget can be kept: set LLM_PRICE to its price a million ` +
        'tokens of input and of output, such as 0.15,0.60 (0,0 for a server of your own)',
    )
  }
  const [input, output] = price.split(',').map(Number)
  return { input, output }
}
