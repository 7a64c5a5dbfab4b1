import type { Evidence as EvidenceOfText } from '../../explanations/evidence.ts'
import { builder } from '../builder.ts'
import { Reason } from './reason.ts'
import { SharedSource } from './shared-source.ts'

export const Evidence = builder.objectRef<EvidenceOfText>('Evidence').implement({
  description: 'All that an explanation may speak of, besides the product and the strategy.',
  fields: (t) => ({
    supporting: t.field({
      type: [Reason],
      description: 'The purchases that speak most for the product, the weightiest first.',
      resolve: ({ supporting }) => supporting,
    }),
    similar: t.field({
      type: [Reason],
      description: 'Purchases of clearly similar products, the most similar first.',
      resolve: ({ similar }) => similar,
    }),
    shared: t.field({
      type: [SharedSource],
      description: 'What else it has in common with the history, what counts most first.',
      resolve: ({ shared }) => shared,
    }),
    historySize: t.exposeInt('historySize', {
      description:
        'How many different products were bought before; 0 under POPULARITY, which asks no history.',
    }),
    popularity: t.exposeFloat('popularity', { description: 'How many units of the product were sold.' }),
  }),
})
