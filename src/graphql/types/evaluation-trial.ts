import type { EvaluatedTrial } from '../../model/evaluation-summary.ts'
import { builder } from '../builder.ts'

export const EvaluationTrial = builder.objectRef<EvaluatedTrial>('EvaluationTrial').implement({
  description: 'One division of the data into what to learn from and what to find.',
  fields: (t) => ({
    name: t.exposeString('name', {
      description: 'What it is called: under TEMPORAL the moment of the cut, in UTC.',
    }),
    cases: t.exposeInt('cases', { description: 'Lists asked for.' }),
    customers: t.exposeInt('customers', {
      description: 'Different customers asked about; unknown ones count one a list.',
    }),
  }),
})
