import type { ExplainerSettings } from '../explanations/open-explainer.ts'
import type { ExplanationStyle } from '../explanations/style.ts'
import { LANGUAGE_MODEL_SETTINGS, readSettings } from './settings.ts'

export interface LanguageModelOptions {
  /** The style of explanations; default: $LLM_STYLE, else clauses. */
  readonly style?: ExplanationStyle | undefined
  /** The language model; default: $LLM_MODEL, else gpt-4o-mini. */
  readonly model?: string | undefined
  /** The file that keeps texts and spending; default: $EXPLANATION_STORE. */
  readonly store?: string | undefined
}

/** Dollars for a million tokens, of input and of output, in November 2026. */
const PRICES: Readonly<Record<string, string>> = { 'gpt-4o-mini': '0.15,0.60' }

/**
 * The settings of a language model: options first, then the environment, then defaults. Empty variables count as not
 * set.
 * @param otherwise  the file for texts and spending if neither names one
 * @throws {Error} naming the variable that is wrong or missing, and its value
 */
export function languageModelSettings(
  options: LanguageModelOptions,
  otherwise: string | null,
  environment: NodeJS.ProcessEnv = process.env,
): ExplainerSettings {
  const read = readSettings(LANGUAGE_MODEL_SETTINGS, options, environment)
  const { isAsked: _, tokensPerDay: tokens, moneyPerDay: money, ...settings } = read
  return {
    ...settings,
    apiKey: keyOf(settings.apiKey, settings.baseUrl),
    daily: { tokens, money },
    price: priceOf(settings.model, settings.price),
    store: settings.store ?? otherwise,
  }
}

/** Self-hosted servers need no key, but the client requires one. */
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
      `The price of ${model} is not known, and a budget needs it: set LLM_PRICE to the price of a million input and ` +
        'output tokens, such as 0.15,0.60 (0,0 for a server of your own)',
    )
  }
  const [input, output] = price.split(',').map(Number)
  return { input, output }
}
