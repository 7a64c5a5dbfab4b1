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
import { SingleFlight } from './single-flight.ts'
import { type Answer, answerKey, jsonIn, type Prompt, type Style } from './style.ts'
import { explain } from './template.ts'
import { decodeKept, encodeKept, isPutOff, type Postponed, postpone } from './answer-cache.ts'

/** Puts evidence into words. */
export interface Explainer {
  /**
   * Always gives an explanation: the template's where no language model is asked, or none answers in time what can be
   * used. @param signal  who asked has gone: nothing more is spent for them
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

interface WriterParts {
  readonly model: LanguageModel
  readonly style: Style
  readonly store: ExplanationStore
  readonly budget: Budget
  readonly breaker: CircuitBreaker
  /** Calls under way at once. */
  readonly concurrency: number
  readonly log: Log
}

/** Why nothing was written: nobody was asked, no answer came, or none that can be used. */
type Unusable = 'not asked' | 'missing' | 'wrong'

/** How often is asked for an answer that can be used. */
const TRIES = 2

/** An answer that can be used, of a model or of the store, and when it was given. */
type Given = Answer & { readonly generatedAt: Date }

/** Asks a language model in a style, within a budget; where it gives nothing that can be used, a template answers. */
export class LanguageModelExplainer implements Explainer {
  readonly source: Explanation['source']
  readonly counts = noCounts()
  readonly #parts: WriterParts
  readonly #limit: ReturnType<typeof pLimit>
  readonly #flights = new SingleFlight<Given | Unusable>()

  constructor(parts: WriterParts) {
    this.#parts = parts
    this.source = parts.style.source
    this.#limit = pLimit(parts.concurrency)
  }

  async explain(evidence: Evidence, locale: Locale, signal?: AbortSignal): Promise<Explanation> {
    const given = evidence.cited.length === 0 ? null : await this.#find(evidence, locale, signal)
    if (given === null) {
      this.counts.templates++
      return explain(evidence, locale)
    }
    const { model, style } = this.#parts
    const { sentences, generatedAt } = given
    return {
      text: sentences.map(({ text }) => text).join(' '),
      sentences,
      source: style.source,
      model: model.name,
      promptVersion: style.version,
      generatedAt,
      locale,
      evidence,
    }
  }

  async #find(evidence: Evidence, locale: Locale, signal?: AbortSignal): Promise<Given | null> {
    const { model, style, store } = this.#parts
    const prompt = style.promptFor(evidence, locale)
    const key = answerKey(model.name, style, locale, prompt)
    const kept = decodeKept(store.find(key) ?? '')
    if (kept !== null && 'answer' in kept) {
      this.counts.cached++
      // The file is not ours alone: what it says is read like any other answer.
      const answer = style.read(kept.answer, evidence, locale)
      return answer && { ...answer, generatedAt: kept.generatedAt }
    }
    if (kept !== null && isPutOff(kept, Date.now())) return null
    // Thrown only at who has gone: everything else that goes wrong is counted, logged and answered by null.
    return this.#flights
      .run(key, signal, (all) => this.#ask(prompt, evidence, locale, all))
      .then((answer) => this.#keep(key, kept, answer))
      .catch(() => null)
  }

  /** Keeps what was answered. @param before  what was kept until now */
  #keep(key: string, before: Postponed | null, answer: Given | Unusable): Given | null {
    if (answer === 'not asked') return null
    const isGiven = typeof answer === 'object'
    const kept = isGiven
      ? { answer: answer.kept, generatedAt: answer.generatedAt }
      : postpone(before, answer === 'wrong', Date.now())
    this.#parts.store.keep(key, encodeKept(kept))
    return isGiven ? answer : null
  }

  async #ask(
    prompt: Prompt,
    evidence: Evidence,
    locale: Locale,
    signal: AbortSignal,
  ): Promise<Given | Unusable> {
    const { breaker, log, style } = this.#parts
    let unusable: Unusable = 'wrong'
    for (let tried = 1; tried <= TRIES; tried++) {
      const completion = await this.#limit(() => this.#call(prompt, signal))
      if (completion === null) return 'not asked'
      const { content, missing } = completion
      if (content === null) {
        this.#failed({ missing }, 'the language model gave no answer: a template answers')
        return 'missing'
      }
      breaker.succeeded()
      const answer = style.read(content, evidence, locale)
      if (answer !== null) {
        this.counts.written++
        return { ...answer, generatedAt: new Date() }
      }
      this.counts.rejected++
      // What is not even whole was cut off, or is a refusal in other words: that may pass.
      unusable = jsonIn(content) === null ? 'missing' : 'wrong'
      // A digest: answers can name what somebody bought.
      const digest = createHash('sha256').update(content).digest('hex')
      log.info({ digest, tried }, 'a language model gave an answer that cannot be used: rejected')
    }
    return unusable
  }

  /** One call; null where none may be made, or where it failed. */
  async #call(prompt: Prompt, signal: AbortSignal): Promise<Completion | null> {
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

/** What prompts put names between, as they are or escaped. */
const NAMES = /(“|\\?"(?:name|category|segment)\\?":\s*\\?")[^”"\\]*/g

const LONGEST_MESSAGE = 300

/**
 * Not the whole error: its headers and its request would fill the log. Services quote what they refuse, and a prompt
 * names what somebody bought: names are taken out.
 */
function describe(err: unknown): { message: string; status?: unknown } {
  const { status, message: whole } = err as { message: string; status?: unknown }
  const message = whole.replaceAll(NAMES, '$1…').slice(0, LONGEST_MESSAGE)
  return status === undefined ? { message } : { message, status }
}
