import type { Explanation as WrittenExplanation } from '../../explanations/explanation.ts'
import { builder } from '../builder.ts'
import { Evidence } from './evidence.ts'
import { ExplanationSentence } from './explanation-sentence.ts'
import { ExplanationSource } from './explanation-source.ts'
import { Locale } from './locale.ts'

export const Explanation = builder.objectRef<WrittenExplanation>('Explanation').implement({
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
