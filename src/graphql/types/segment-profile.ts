import type { SegmentProfile as Profile } from '../../model/model.ts'
import { builder } from '../builder.ts'

export const SegmentProfile = builder.objectRef<Profile>('SegmentProfile').implement({
  description: 'A group of like customers.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What the group is called.' }),
    customers: t.exposeInt('customers', { description: 'How many customers belong to it.' }),
  }),
})
