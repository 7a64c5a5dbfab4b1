import { ExplanationStore, type Log } from '../store/explanation-store.ts'
import { Budget, type DailyBudget, type Price, today } from './budget.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { CHOOSING } from './choosing.ts'
import { LanguageModelExplainer } from './explainer.ts'
import { FREE } from './free-text.ts'
import { type OpenAiSettings, openAiModel } from './language-model.ts'
import type { ExplanationStyle } from './style.ts'

/** Which language model is used, and what it may cost. */
export interface ExplainerSettings extends OpenAiSettings {
  /**
   * `clauses`, the default: the model chooses among clauses that state evidence. `free`: it writes freely, and its
   * explanations are marked LLM_UNVERIFIED.
   */
  readonly style?: ExplanationStyle
  /** The most calls at the same time. */
  readonly concurrency: number
  readonly daily: DailyBudget
  readonly price: Price
  /** Money that may be spent from now on, within the daily budget; left out: all of the daily budget. */
  readonly budget?: number
  /** The SQLite file of answers and spending; null: no answers are kept, and spending is counted in memory. */
  readonly store: string | null
}

const STYLES_BY_NAME = { clauses: CHOOSING, free: FREE } as const

/** The service is not called for a minute after five failures in a row. */
const BREAKER = { failures: 5, pause: 60_000 }

/** An explainer, and the store that it keeps its texts in. */
export interface OpenExplainer {
  readonly explainer: LanguageModelExplainer
  readonly store: ExplanationStore
  /** Closes the store. */
  close(): void
}

/** An explainer by a language model, over the store of texts and spending. */
export async function openExplainer(settings: ExplainerSettings, log: Log): Promise<OpenExplainer> {
  const model = await openAiModel(settings)
  const store = new ExplanationStore(settings.store, log)
  const budget = new Budget(store, limited(settings, store), settings.price)
  const breaker = new CircuitBreaker(BREAKER)
  const explainer = new LanguageModelExplainer({
    model,
    style: STYLES_BY_NAME[settings.style ?? 'clauses'],
    store,
    budget,
    breaker,
    concurrency: settings.concurrency,
    log,
  })
  return { explainer, store, close: () => store.close() }
}

function limited({ daily, budget = Infinity }: ExplainerSettings, store: ExplanationStore): DailyBudget {
  return { ...daily, money: Math.min(daily.money, store.spent(today()).money + budget) }
}
