import { setTimeout } from 'node:timers/promises'
import type { Recommendation } from '../engine/recommendation.ts'
import type { ListRequest } from '../engine/what-if.ts'
import type { CitedReason } from '../explanations/evidence.ts'
import { gatherEvidence } from '../explanations/evidence.ts'
import type * as written from '../explanations/explanation.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { FEW, seesExactCounts } from './small-counts.ts'
import { Reason } from './reasons.ts'

export const Locale = builder.enumType('Locale', {
  description: 'A language that explanations are written in.',
  values: {
    EN: { value: 'en', description: 'English.' },
    PT_BR: { value: 'pt-BR', description: 'Brazilian Portuguese.' },
  } as const,
})

const ExplanationSource = builder.enumType('ExplanationSource', {
  description: 'Who wrote an explanation.',
  values: {
    LLM: {
      description:
        "A language model, by choosing among the shop's own clauses, each of which states evidence.",
    },
    LLM_UNVERIFIED: {
      description:
        'A language model, in words of its own that nothing holds to the evidence: they may be wrong. Only where the ' +
        'shop has switched this on.',
    },
    TEMPLATE: { description: 'A fixed wording, filled in from the evidence.' },
  } as const,
})

const Evidence = builder.objectRef<CitedReason>('Evidence').implement({
  description: 'A reason that an explanation may speak of.',
  fields: (t) => ({
    key: t.exposeString('id', {
      description:
        'What the sentences of its explanation cite it by: "e1" for the strongest, "e2", and so on.',
    }),
    reason: t.field({
      type: Reason,
      description: 'The reason, as it stands among the reasons of the recommendation.',
      resolve: ({ reason }) => reason,
    }),
  }),
})

const ExplanationSentence = builder.objectRef<written.Sentence>('ExplanationSentence').implement({
  description: 'A sentence of an explanation, and what it rests on.',
  fields: (t) => ({
    text: t.exposeString('text', { description: 'The sentence.' }),
    evidence: t.stringList({
      description:
        'Keys of the evidence that supports it. Empty only where there is no evidence, and the sentence says so.',
      resolve: ({ evidence }) => [...evidence],
    }),
  }),
})

export const Explanation = builder.objectRef<written.Explanation>('Explanation').implement({
  description:
    'Why a product is recommended, in words that state only evidence, unless source is LLM_UNVERIFIED.',
  fields: (t) => ({
    text: t.exposeString('text', { description: 'One to three sentences.' }),
    sentences: t.field({
      type: [ExplanationSentence],
      description: 'The same text, sentence by sentence, with what each rests on.',
      resolve: ({ sentences }) => [...sentences],
    }),
    source: t.expose('source', { type: ExplanationSource, description: 'Who wrote the text.' }),
    model: t.exposeString('model', {
      nullable: true,
      description: 'The language model that was asked. Null for a template.',
    }),
    promptVersion: t.exposeString('promptVersion', {
      description: 'Which prompt or template it was written by.',
    }),
    generatedAt: t.expose('generatedAt', { type: 'DateTime', description: 'When it was written.' }),
    locale: t.expose('locale', { type: Locale, description: 'The language it is written in.' }),
    evidence: t.field({
      type: [Evidence],
      description:
        'All that the text may speak of, besides the product itself; the strongest first, at most 3.',
      resolve: ({ evidence }) => [...evidence.cited],
    }),
  }),
})

/**
 * Milliseconds that a language model is asked later, so that the list has reached its reader and not only left: asking
 * for ten explanations keeps the processor busy, and writing them takes a hundred times as long.
 */
const HEAD_START = 10

/**
 * Puts a recommendation's reasons into words, for as long as the client is there to read them. What is deferred begins
 * only after the list has gone out: reasons are worked out when they are first read, and that takes its time, too.
 */
export async function explanationOf(
  recommendation: Pick<Recommendation, 'product' | 'reasons'> & { readonly list: ListRequest },
  locale: written.Locale,
  context: Context,
): Promise<written.Explanation> {
  const { recommender, explainer, signal, work } = context
  if (explainer.source !== undefined) await setTimeout(HEAD_START)
  await work.turn()
  const gathered = work.time(() => gatherEvidence(recommender.model, recommendation, recommendation.list))
  const evidence = seesExactCounts(context) ? gathered : { ...gathered, exactFrom: FEW }
  return explainer.explain(evidence, locale, signal)
}
