import pLimit from 'p-limit'
import type { ExplanationStore, Log } from '../store/explanation-store.ts'
import type { Budget, Usage } from './budget.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import { type ExplanationCounts, noCounts } from './counts.ts'
import type { Evidence } from './evidence.ts'
import type { Explanation, Locale } from './explanation.ts'
import { type LanguageModel, MAX_OUTPUT_TOKENS } from './language-model.ts'
import { PROMPT_VERSION, parseAnswer, type Prompt, promptFor, promptKey } from './prompt.ts'
import { SingleFlight } from './single-flight.ts'
import { explain } from './template.ts'
import { verify } from './verifier.ts'
import { decodeWritten, encodeWritten, REJECTED, type Written } from './written.ts'

/** Puts evidence into words. */
export interface Explainer {
  /**
   * Always gives an explanation: the template's where no language model is asked, or none that may be believed
   * answers in time. @param signal  who asked has gone: nothing more is spent for them
   */
  explain(evidence: Evidence, locale: Locale, signal?: AbortSignal): Promise<Explanation> | Explanation
  /** Who writes, where they can; left out: a template. */
  readonly source?: Explanation['source']
  readonly counts: Readonly<ExplanationCounts>
}

/** Explains by template alone. */
export function templateExplainer(): Explainer {
  const counts = noCounts()
  return {
    counts,
    explain: (evidence, locale) => {
      counts.templates++
      return explain(evidence, locale)
    },
  }
}

export interface WriterParts {
  readonly model: LanguageModel
  readonly store: ExplanationStore
  readonly budget: Budget
  readonly breaker: CircuitBreaker
  /** Calls under way at once. */
  readonly concurrency: number
  readonly log: Log
}

/** How often a rejected text is asked for once more. */
const TRIES = 2

/** Has a language model write, within a budget, and lets nothing pass that the verifier does not support. */
export class VerifyingExplainer implements Explainer {
  readonly source = 'LLM'
  readonly counts = noCounts()
  readonly #parts: WriterParts
  readonly #limit: ReturnType<typeof pLimit>
  readonly #flights = new SingleFlight<Written | null>()

  constructor(parts: WriterParts) {
    this.#parts = parts
    this.#limit = pLimit(parts.concurrency)
  }

  async explain(evidence: Evidence, locale: Locale, signal?: AbortSignal): Promise<Explanation> {
    const written = evidence.cited.length === 0 ? null : await this.#find(evidence, locale, signal)
    if (written === null) {
      this.counts.templates++
      return explain(evidence, locale)
    }
    return {
      text: written.sentences.map(({ text }) => text).join(' '),
      ...written,
      source: 'LLM',
      model: this.#parts.model.name,
      promptVersion: PROMPT_VERSION,
      locale,
      evidence,
    }
  }

  async #find(evidence: Evidence, locale: Locale, signal?: AbortSignal): Promise<Written | null> {
    const { model, store } = this.#parts
    const prompt = promptFor(evidence, locale)
    const key = promptKey(model.name, locale, prompt)
    const kept = store.find(key)
    if (kept !== undefined) {
      this.counts.cached++
      const written = decodeWritten(kept)
      // The file is not ours alone: what it says is read again like any other text.
      return written !== null && verify(written.sentences, evidence, locale).length === 0 ? written : null
    }
    // Thrown only at who has gone: everything else that goes wrong is counted, logged and answered by null.
    return this.#flights
      .run(key, signal, (all) => this.#write(prompt, key, evidence, locale, all))
      .catch(() => null)
  }

  async #write(
    prompt: Prompt,
    key: string,
    evidence: Evidence,
    locale: Locale,
    signal: AbortSignal,
  ): Promise<Written | null> {
    for (let tried = 1; tried <= TRIES; tried++) {
      const content = await this.#limit(() => this.#ask(prompt, signal))
      if (content === null) return null
      const sentences = parseAnswer(content)
      const violations = sentences === null ? [{ rule: 'answer' }] : verify(sentences, evidence, locale)
      if (sentences !== null && violations.length === 0) {
        const written = { sentences, generatedAt: new Date() }
        this.#parts.store.keep(key, encodeWritten(written))
        this.counts.written++
        return written
      }
      this.counts.rejected++
      this.#parts.log.info({ violations, tried }, 'a language model said what no evidence says: rejected')
    }
    this.#parts.store.keep(key, REJECTED)
    return null
  }

  /** One call; null where none may be made, or where it failed. */
  async #ask(prompt: Prompt, signal: AbortSignal): Promise<string | null> {
    const { model, budget, breaker, log } = this.#parts
    signal.throwIfAborted()
    if (!breaker.allows(Date.now())) {
      this.counts.refusedByBreaker++
      return null
    }
    const most = usageAtMost(prompt)
    const settle = budget.reserve(most)
    if (settle === null) {
      this.counts.refusedByBudget++
      if (this.counts.refusedByBudget === 1)
        log.warn({}, 'the budget for explanations is spent: templates answer')
      return null
    }
    try {
      const { content, usage } = await model.write(prompt, signal)
      breaker.succeeded()
      this.#settle(settle, usage ?? most)
      return content
    } catch (err) {
      // A refused call costs nothing; what was cut off may have been written and charged.
      this.#settle(settle, isRefusal(err) ? { inputTokens: 0, outputTokens: 0 } : most)
      if (signal.aborted) throw err
      breaker.failed(Date.now())
      this.counts.failed++
      log.warn({ err: describe(err) }, 'the language model failed: a template answers')
      return null
    }
  }

  #settle(settle: (usage: Usage) => void, usage: Usage): void {
    settle(usage)
    const { tokens, money } = this.#parts.budget.costOf(usage)
    this.counts.tokens += tokens
    this.counts.money += money
  }
}

/** Tokens are some four letters of English; three leave room for other languages. */
function usageAtMost({ instructions, facts, schema }: Prompt): Usage {
  const letters = instructions.length + facts.length + JSON.stringify(schema).length
  return { inputTokens: Math.ceil(letters / 3), outputTokens: MAX_OUTPUT_TOKENS }
}

function isRefusal(err: unknown): boolean {
  return typeof (err as { status?: unknown }).status === 'number'
}

/** Not the whole error: its headers and its request would fill the log. */
function describe(err: unknown): { message: string; status?: unknown } {
  const { message, status } = err as { message: string; status?: unknown }
  return status === undefined ? { message } : { message, status }
}
