import type { MeasuredMean as Mean } from '../../model/evaluation-summary.ts'
import { builder } from '../builder.ts'

export const MeasuredMean = builder.objectRef<Mean>('MeasuredMean').implement({
  description: 'A mean over all lists of an evaluation, and how sure it is; each from 0 to 1.',
  fields: (t) => ({
    value: t.exposeFloat('value', { description: 'The mean.' }),
    low: t.exposeFloat('low', { description: 'The lower end of its interval.' }),
    high: t.exposeFloat('high', { description: 'The upper end of its interval.' }),
  }),
})
