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
import type { SharedFlights } from './shared-flights.ts'
import { SingleFlight } from './single-flight.ts'
import { type Answer, answerKey, jsonIn, type Prompt, type Style } from './style.ts'
import { explain } from './template.ts'
import { backOff, decodeEntry, encodeEntry, isBackingOff } from './answer-cache.ts'

/** Puts evidence into words. */
export interface Explainer {
  /**
   * Always gives an explanation: by the template if there is no language model, or if it gives no usable answer in time.
   * @param signal  aborts when the caller no longer waits: nothing more is spent then
   */
  explain(evidence: Evidence, locale: Locale, signal?: AbortSignal): Promise<Explanation> | Explanation
  /** Who writes the text if possible; left out: a template. */
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
  /** The most calls at the same time. */
  readonly concurrency: number
  /** Lets one process of all that share the store ask. */
  readonly flights: SharedFlights
  readonly log: Log
}

/** Why there is no text: the model was not called, gave no answer, or gave an unusable one. */
type Unusable = 'not asked' | 'missing' | 'wrong'

/** The most calls for one usable answer. */
export const TRIES = 2

/** A usable answer, from a model or the store. */
type DatedAnswer = Answer & { readonly generatedAt: Date }

/** Asks a language model in a style, within a budget; without a usable answer it explains by template. */
export class LanguageModelExplainer implements Explainer {
  readonly source: Explanation['source']
  readonly counts = noCounts()
  readonly #parts: WriterParts
  readonly #limit: ReturnType<typeof pLimit>
  readonly #flights = new SingleFlight<DatedAnswer | null>()

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

  async #find(evidence: Evidence, locale: Locale, signal?: AbortSignal): Promise<DatedAnswer | null> {
    const { model, style, flights } = this.#parts
    const prompt = style.promptFor(evidence, locale)
    const key = answerKey(model.name, style, locale, prompt)
    const stored = await this.#stored(key, evidence, locale)
    if (stored !== undefined) return stored
    const find = () => this.#stored(key, evidence, locale)
    const ask = async (all: AbortSignal) => this.#keep(key, await this.#ask(prompt, evidence, locale, all))
    // Throws only if the caller no longer waits: all other failures are counted, logged and returned as null.
    return this.#flights
      .run(key, signal, async (all) => (await flights.once(key, find, ask, all)) ?? null)
      .catch(() => null)
  }

  /** What the store holds: null, that it is too early to ask; undefined: nothing. */
  async #stored(key: string, evidence: Evidence, locale: Locale): Promise<DatedAnswer | null | undefined> {
    const { style, store } = this.#parts
    const kept = decodeEntry((await store.find(key)) ?? '')
    if (kept === null) return undefined
    if (!('answer' in kept)) return isBackingOff(kept, Date.now()) ? null : undefined
    this.counts.cached++
    // Others may have edited the file, so a stored answer is checked like any other.
    const answer = style.read(kept.answer, evidence, locale)
    return answer && { ...answer, generatedAt: kept.generatedAt }
  }

  /** Stores an answer, or when to ask again. */
  async #keep(key: string, answer: DatedAnswer | Unusable): Promise<DatedAnswer | null> {
    const { store } = this.#parts
    if (answer === 'not asked') return null
    if (typeof answer === 'object') {
      await store.keep(key, encodeEntry({ answer: answer.kept, generatedAt: answer.generatedAt }))
      return answer
    }
    const before = decodeEntry((await store.find(key)) ?? '')
    const backoff = before !== null && 'times' in before ? before : null
    await store.keep(key, encodeEntry(backOff(backoff, answer === 'wrong', Date.now())))
    return null
  }

  async #ask(
    prompt: Prompt,
    evidence: Evidence,
    locale: Locale,
    signal: AbortSignal,
  ): Promise<DatedAnswer | Unusable> {
    const { breaker, log, style } = this.#parts
    let unusable: Unusable = 'wrong'
    for (let tried = 1; tried <= TRIES; tried++) {
      const completion = await this.#limit(() => this.#call(prompt, signal))
      if (completion === null) return 'not asked'
      const { content, missing } = completion
      if (content === null) {
        this.#failed({ missing }, 'the language model gave no answer: a template is used')
        return 'missing'
      }
      breaker.succeeded()
      const answer = style.read(content, evidence, locale)
      if (answer !== null) {
        this.counts.written++
        return { ...answer, generatedAt: new Date() }
      }
      this.counts.rejected++
      // Incomplete JSON was cut off, or is a refusal in words: this may be temporary.
      unusable = jsonIn(content) === null ? 'missing' : 'wrong'
      // Only a digest is logged: answers can name what a customer bought.
      const digest = createHash('sha256').update(content).digest('hex')
      log.info({ digest, tried }, 'the language model gave an unusable answer')
    }
    return unusable
  }

  /** Makes one call; null if it may not be made, or if it failed. */
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
            log.warn({}, 'the budget for explanations is spent: templates are used')
        } else this.#failed({ err: describe(error) }, 'the language model failed: a template is used')
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

/** The most tokens of a call: no token is shorter than a byte, in any language, and each message adds a few. */
function usageAtMost({ instructions, facts, schema }: Prompt, { mostOutputTokens }: LanguageModel): Usage {
  const bytes = Buffer.byteLength(instructions + facts + JSON.stringify(schema))
  return { inputTokens: bytes + MESSAGE_TOKENS, outputTokens: mostOutputTokens }
}

const MESSAGE_TOKENS = 50

/** Names in prompts, with what prompts put before them, as it is or escaped. */
const NAMES = /(“|\\?"(?:name|category|segment)\\?":\s*\\?")[^”"\\]*/g

const LONGEST_MESSAGE = 300

/**
 * An error for the log, without headers and request, which are long. Services quote what they reject, and a prompt
 * names what a customer bought, so names are removed.
 */
function describe(err: unknown): { message: string; status?: unknown } {
  const { status, message: original } = err as { message: string; status?: unknown }
  const message = original.replaceAll(NAMES, '$1…').slice(0, LONGEST_MESSAGE)
  return status === undefined ? { message } : { message, status }
}
