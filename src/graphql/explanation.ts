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
  description: 'A language of explanations.',
  values: {
    EN: { value: 'en', description: 'English.' },
    PT_BR: { value: 'pt-BR', description: 'Brazilian Portuguese.' },
  } as const,
})

const ExplanationSource = builder.enumType('ExplanationSource', {
  description: 'Who wrote an explanation.',
  values: {
    LLM: {
      description: 'A language model, which chose among prepared clauses that state the evidence.',
    },
    LLM_UNVERIFIED: {
      description:
        'A language model, in its own words. They are not checked against the evidence and may be wrong. Only ' +
        'if the shop has switched this on.',
    },
    TEMPLATE: { description: 'A fixed template, filled in with the evidence.' },
  } as const,
})

const Evidence = builder.objectRef<CitedReason>('Evidence').implement({
  description: 'A reason that an explanation may mention.',
  fields: (t) => ({
    key: t.exposeString('id', {
      description: 'The key that sentences cite it by: "e1" for the strongest, then "e2", and so on.',
    }),
    reason: t.field({
      type: Reason,
      description: "The reason, one of the recommendation's `reasons`.",
      resolve: ({ reason }) => reason,
    }),
  }),
})

const ExplanationSentence = builder.objectRef<written.Sentence>('ExplanationSentence').implement({
  description: 'A sentence of an explanation and its evidence.',
  fields: (t) => ({
    text: t.exposeString('text', { description: 'The sentence.' }),
    evidence: t.stringList({
      description:
        'Keys of the evidence that supports it. Empty only if there is no evidence and the sentence says so.',
      resolve: ({ evidence }) => [...evidence],
    }),
  }),
})

export const Explanation = builder.objectRef<written.Explanation>('Explanation').implement({
  description:
    'Why a product is recommended, in words. The text states only evidence, unless source is LLM_UNVERIFIED.',
  fields: (t) => ({
    text: t.exposeString('text', { description: 'One to three sentences.' }),
    sentences: t.field({
      type: [ExplanationSentence],
      description: 'The same text, sentence by sentence, each with its evidence.',
      resolve: ({ sentences }) => [...sentences],
    }),
    source: t.expose('source', { type: ExplanationSource, description: 'Who wrote the text.' }),
    model: t.exposeString('model', {
      nullable: true,
      description: 'The name of the language model. Null for a template.',
    }),
    promptVersion: t.exposeString('promptVersion', {
      description: 'The version of the prompt or template.',
    }),
    generatedAt: t.expose('generatedAt', { type: 'DateTime', description: 'When it was written.' }),
    locale: t.expose('locale', { type: Locale, description: 'The language of the text.' }),
    evidence: t.field({
      type: [Evidence],
      description: 'The reasons that the text may mention, strongest first; at most 3.',
      resolve: ({ evidence }) => [...evidence.cited],
    }),
  }),
})

/**
 * Milliseconds to wait before asking a language model, so that the list reaches the client first: preparing ten
 * requests keeps the processor busy, and the answers take a hundred times as long anyway.
 */
const HEAD_START = 10

/**
 * Writes the explanation of a recommendation, unless the client disconnects first. A deferred explanation starts only
 * after the list has been sent, because computing the reasons takes time, too.
 */
export async function explanationOf(
  recommendation: Pick<Recommendation, 'product' | 'reasons'> & { readonly list: ListRequest },
  locale: written.Locale,
  context: Context,
): Promise<written.Explanation> {
  const { recommender, explainer, loaders, signal, work } = context
  if (explainer.source !== undefined) await setTimeout(HEAD_START)
  await work.turn()
  const { list } = recommendation
  const segment = list.customer === undefined ? null : (await loaders.profiles.load(list.customer)).segment
  const gathered = work.time(() => gatherEvidence(recommender.model, recommendation, list, segment))
  const evidence = seesExactCounts(context) ? gathered : { ...gathered, exactFrom: FEW }
  return explainer.explain(evidence, locale, signal)
}
