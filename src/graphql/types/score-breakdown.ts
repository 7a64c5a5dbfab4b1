import type { Recommendation, Source } from '../../engine/recommendation.ts'
import { builder } from '../builder.ts'
import { Placement } from './placement.ts'
import { SourceScore } from './source-score.ts'

export const ScoreBreakdown = builder
  .objectRef<Pick<Recommendation, 'hybrid' | 'sources' | 'arranged'>>('ScoreBreakdown')
  .implement({
    description: 'The score that a recommendation is ranked by, and its parts.',
    fields: (t) => {
      const sourceField = (source: Source, description: string) =>
        t.field({
          type: SourceScore,
          nullable: true,
          description: `${description} Null where the list's strategy does not ask this source.`,
          resolve: ({ sources }) => sources.find((score) => score.source === source) ?? null,
        })
      return {
        hybrid: t.exposeFloat('hybrid', {
          description:
            'The sum of what the sources contribute, and so of the amounts of all reasons: the score it is ranked by, ' +
            'unless the list was asked for with a ranking of its own.',
        }),
        boost: t.float({
          description: 'The product of the multipliers of all boosts that apply; 1 where none does.',
          resolve: ({ arranged }) => arranged.boost,
        }),
        final: t.float({
          description:
            'The score it is ranked by: hybrid times boost; where hybrid is below 0, divided by it.',
          resolve: ({ arranged }) => arranged.final,
        }),
        similarityAbove: t.float({
          nullable: true,
          description:
            'The greatest cosine of its content to a product above it in the list, -1 to 1: what diversity keeps low. ' +
            'Null for the first of a list, and where no diversity was asked for.',
          resolve: ({ arranged }) => arranged.similarityAbove,
        }),
        placement: t.field({
          type: Placement,
          description: 'How it came to its place.',
          resolve: ({ arranged }) => arranged.placement,
        }),
        collaborative: sourceField('collaborative', 'By what customers with similar histories bought.'),
        content: sourceField(
          'content',
          'By likeness to what was bought; in a list of its own, to the most similar product of the history.',
        ),
        nearest: sourceField(
          'nearest',
          'By likeness to the most similar of the latest products bought in its category: the cosine of features, ' +
            '-1 to 1.',
        ),
        coPurchase: sourceField(
          'coPurchase',
          'By what customers bought who also bought something that this one did: the cosines of both products, by ' +
            'their customers, summed over the history.',
        ),
        category: sourceField(
          'category',
          'By what sold in the categories of what was bought: the chance of drawing this product, 0 to 1, by ' +
            'drawing a product of the history, then a sale in its category.',
        ),
        seller: sourceField(
          'seller',
          'By what the sellers of what was bought sell: the chance of drawing this product, 0 to 1, by drawing a ' +
            'product of the history, then a sale of its seller.',
        ),
        popularity: sourceField(
          'popularity',
          'By how much of it was sold, in units; in a learnt blend and under TRENDING each unit counts half for every 30 ' +
            'days since.',
        ),
        sameOrder: sourceField(
          'sameOrder',
          'By being bought together: how many orders hold it and a product of the history, summed over the history.',
        ),
        repeat: sourceField(
          'repeat',
          'By having been bought before: how many times, halved for every 180 days since the latest.',
        ),
      }
    },
  })
