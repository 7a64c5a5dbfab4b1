import type { Database } from '../store/database.ts'
import { ExplanationStore, type Log } from '../store/explanation-store.ts'
import { openLimits } from '../store/open-limits.ts'
import type { OpenLimits } from '../store/shared-limits.ts'
import { Budget, type DailyBudget, type Price, today } from './budget.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { CLAUSE_STYLE } from './clause-style.ts'
import { LanguageModelExplainer, TRIES } from './explainer.ts'
import { FREE_TEXT_STYLE } from './free-text-style.ts'
import { type OpenAiSettings, openAiModel } from './language-model.ts'
import { SharedFlights } from './shared-flights.ts'
import type { ExplanationStyle } from './style.ts'

/** The language model to use, and what it may cost. */
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
  /** Where answers and spending are kept, or a database that others share; null: no answers are kept, and spending is counted in memory. */
  readonly store: string | Database | null
}

const STYLES_BY_NAME = { clauses: CLAUSE_STYLE, free: FREE_TEXT_STYLE } as const

/** The service is not called for a minute after five failures in a row. */
const BREAKER = { failures: 5, pause: 60_000 }

/** An explainer and the store of its texts. */
export interface OpenExplainer {
  readonly explainer: LanguageModelExplainer
  readonly store: ExplanationStore
  /** Closes the store. */
  close(): Promise<void>
}

/** Opens a language model and the store of its texts and spending. */
export async function openExplainer(settings: ExplainerSettings, log: Log): Promise<OpenExplainer> {
  const model = await openAiModel(settings)
  const store = new ExplanationStore(settings.store, log)
  const budget = new Budget(store, await limited(settings, store), settings.price)
  const breaker = new CircuitBreaker(BREAKER)
  const limits = settings.store === null ? null : await claimsOf(settings.store, log)
  const explainer = new LanguageModelExplainer({
    model,
    style: STYLES_BY_NAME[settings.style ?? 'clauses'],
    store,
    budget,
    breaker,
    concurrency: settings.concurrency,
    flights: new SharedFlights(limits?.claims ?? null, TRIES * settings.timeout, log),
    log,
  })
  const close = async () => {
    await limits?.close()
    await store.close()
  }
  return { explainer, store, close }
}

/** Null if they cannot be opened: then other processes may ask the same at the same time. */
async function claimsOf(store: string | Database, log: Log): Promise<OpenLimits | null> {
  try {
    return await openLimits(store)
  } catch (err) {
    log.warn(
      { err },
      'other processes may ask a language model the same: the limits of the store cannot be opened',
    )
    return null
  }
}

async function limited(
  { daily, budget = Infinity }: ExplainerSettings,
  store: ExplanationStore,
): Promise<DailyBudget> {
  return { ...daily, money: Math.min(daily.money, (await store.spent(today())).money + budget) }
}
