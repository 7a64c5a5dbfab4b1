import type { Sentence } from '../../explanations/explanation.ts'
import { builder } from '../builder.ts'

export const ExplanationSentence = builder.objectRef<Sentence>('ExplanationSentence').implement({
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
