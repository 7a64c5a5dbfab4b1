import type { CitedReason } from '../../explanations/evidence.ts'
import { builder } from '../builder.ts'
import { Reason } from './reason.ts'

export const Evidence = builder.objectRef<CitedReason>('Evidence').implement({
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
