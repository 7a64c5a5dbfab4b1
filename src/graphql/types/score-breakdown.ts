import type { Recommendation, Source } from '../../engine/recommendation.ts'
import { builder } from '../builder.ts'
import { SourceScore } from './source-score.ts'

export const ScoreBreakdown = builder
  .objectRef<Pick<Recommendation, 'hybrid' | 'sources'>>('ScoreBreakdown')
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
          description: 'The score it is ranked by: the sum of what the sources contribute.',
        }),
        collaborative: sourceField('collaborative', 'By what customers with similar histories bought.'),
        content: sourceField('content', 'By likeness to what was bought.'),
        popularity: sourceField('popularity', 'By how much of it was sold.'),
      }
    },
  })
