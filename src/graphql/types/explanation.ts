import type { Explanation as WrittenExplanation } from '../../explanations/explanation.ts'
import { builder } from '../builder.ts'
import { Evidence } from './evidence.ts'
import { ExplanationSource } from './explanation-source.ts'

export const Explanation = builder.objectRef<WrittenExplanation>('Explanation').implement({
  description: 'Why a product is recommended, in words that state only evidence.',
  fields: (t) => ({
    text: t.exposeString('text', { description: 'One or two English sentences.' }),
    source: t.expose('source', { type: ExplanationSource, description: 'Who wrote the text.' }),
    model: t.exposeString('model', {
      nullable: true,
      description: 'The language model that wrote it. Null for a template.',
    }),
    promptVersion: t.exposeString('promptVersion', {
      description: 'Which prompt or template it was written by.',
    }),
    generatedAt: t.expose('generatedAt', { type: 'DateTime', description: 'When it was written.' }),
    evidence: t.field({
      type: Evidence,
      description: 'What the text rests on.',
      resolve: ({ evidence }) => evidence,
    }),
  }),
})
