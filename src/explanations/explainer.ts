import { createHash } from 'node:crypto'
import pLimit from 'p-limit'
import type { ExplanationStore, Log } from '../store/explanation-store.ts'
import { type Budget, Call, type Usage } from './budget.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import type { Completion } from './completion.ts'
import { type ExplanationCounts, noCounts } from './counts.ts'
import type { Evidence } from './evidence.ts'
import type { Explanation, Locale } from './explanation.ts'
import { type LanguageModel, ParametersChanged } from './language-model.ts'
import { PROMPT_VERSION, parseAnswer, type Prompt, promptFor, promptKey } from './prompt.ts'
import { SingleFlight } from './single-flight.ts'
import { explain } from './template.ts'
import { verify } from './verifier.ts'
import { decodeKept, encodeKept, isPutOff, type Postponed, postpone, type Written } from './written.ts'

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

/** Why nothing was written: nobody was asked, no answer came, or none that can be used. */
type Unusable = 'not asked' | 'missing' | 'wrong'

/** How often a rejected text is asked for once more. */
const TRIES = 2

/** Has a language model write, within a budget, and lets nothing pass that the verifier does not support. */
export class VerifyingExplainer implements Explainer {
  readonly source = 'LLM'
  readonly counts = noCounts()
  readonly #parts: WriterParts
  readonly #limit: ReturnType<typeof pLimit>
  readonly #flights = new SingleFlight<Written | Unusable>()

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
    const kept = decodeKept(store.find(key) ?? '')
    if (kept !== null && 'sentences' in kept) {
      this.counts.cached++
      // The file is not ours alone: what it says is read again like any other text.
      return verify(kept.sentences, evidence, locale).length === 0 ? kept : null
    }
    if (kept !== null && isPutOff(kept, Date.now())) {
      this.counts.cached++
      return null
    }
    // Thrown only at who has gone: everything else that goes wrong is counted, logged and answered by null.
    return this.#flights
      .run(key, signal, (all) => this.#write(prompt, evidence, locale, all))
      .then((answer) => this.#keep(key, kept, answer))
      .catch(() => null)
  }

  /** Keeps what was answered. @param before  what was kept until now */
  #keep(key: string, before: Postponed | null, answer: Written | Unusable): Written | null {
    if (answer === 'not asked') return null
    const isWritten = typeof answer === 'object'
    const kept = isWritten ? answer : postpone(before, answer === 'wrong', Date.now())
    this.#parts.store.keep(key, encodeKept(kept))
    return isWritten ? answer : null
  }

  async #write(
    prompt: Prompt,
    evidence: Evidence,
    locale: Locale,
    signal: AbortSignal,
  ): Promise<Written | Unusable> {
    for (let tried = 1; tried <= TRIES; tried++) {
      const completion = await this.#limit(() => this.#ask(prompt, signal))
      if (completion === null) return 'not asked'
      const { content, missing } = completion
      if (content === null) {
        this.#failed({ missing }, 'the language model gave no answer: a template answers')
        return 'missing'
      }
      this.#parts.breaker.succeeded()
      const sentences = parseAnswer(content)
      if (sentences !== null && verify(sentences, evidence, locale).length === 0) {
        this.counts.written++
        return { sentences, generatedAt: new Date() }
      }
      this.counts.rejected++
      // A digest: answers can name what somebody bought.
      const digest = createHash('sha256').update(content).digest('hex')
      this.#parts.log.info({ digest, tried }, 'a language model gave an answer that cannot be used: rejected')
    }
    return 'wrong'
  }

  /** One call; null where none may be made, or where it failed. */
  async #ask(prompt: Prompt, signal: AbortSignal): Promise<Completion | null> {
    const { model, budget, breaker, log } = this.#parts
    signal.throwIfAborted()
    if (!breaker.allows(Date.now())) {
      this.counts.refusedByBreaker++
      return null
    }
    for (;;) {
      const call = new Call(budget, usageAtMost(prompt, model), (usage) => this.#count(usage))
      try {
        return await model.write(prompt, call, signal)
      } catch (error) {
        if (signal.aborted) throw error
        if (error instanceof ParametersChanged) continue
        if (call.isRefusedByBudget) {
          this.counts.refusedByBudget++
          if (this.counts.refusedByBudget === 1)
            log.warn({}, 'the budget for explanations is spent: templates answer')
        } else this.#failed({ err: describe(error) }, 'the language model failed: a template answers')
        return null
      }
    }
  }

  #failed(details: object, message: string): void {
    this.#parts.breaker.failed(Date.now())
    this.counts.failed++
    this.#parts.log.warn(details, message)
  }

  #count(usage: Usage): void {
    const { tokens, money } = this.#parts.budget.costOf(usage)
    this.counts.tokens += tokens
    this.counts.money += money
  }
}

/** No token is shorter than a byte, whatever the language; a message is wrapped in a few more. */
function usageAtMost({ instructions, facts, schema }: Prompt, { mostOutputTokens }: LanguageModel): Usage {
  const bytes = Buffer.byteLength(instructions + facts + JSON.stringify(schema))
  return { inputTokens: bytes + MESSAGE_TOKENS, outputTokens: mostOutputTokens }
}

const MESSAGE_TOKENS = 50

/** Not the whole error: its headers and its request would fill the log. */
function describe(err: unknown): { message: string; status?: unknown } {
  const { message, status } = err as { message: string; status?: unknown }
  return status === undefined ? { message } : { message, status }
}
