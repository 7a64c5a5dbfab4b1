import type { Sales as EngineSales } from '../../engine/reason.ts'
import { builder } from '../builder.ts'
import { FEW_DESCRIPTION, isFew, shownCount } from '../small-counts.ts'

export const Sales = builder.objectRef<EngineSales>('Sales').implement({
  description: 'How much of a product was sold, and in how long: a plain count for people.',
  fields: (t) => ({
    units: t.float({
      description:
        'Units sold to all customers together. All that a customer bought of the product counts at the time of the ' +
        `latest purchase. ${FEW_DESCRIPTION}`,
      resolve: ({ units }, _args, context) => shownCount(units, context),
    }),
    areFew: t.boolean({
      description: 'Whether to write "a few" in place of the number: the caller is told no more.',
      resolve: ({ units }, _args, context) => isFew(units, context),
    }),
    days: t.exposeInt('days', {
      nullable: true,
      description:
        'In so many days, up to the moment that the list is for. Null: in all the time that the model knows.',
    }),
    since: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Where the count begins. Null: it is of all the time that the model knows.',
      resolve: ({ since }) => (since === null ? null : new Date(since)),
    }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'Where the count ends: at the moment that the list is for, or at the latest purchase that the model knows, ' +
        'where that came before it. Show it with the units: a model may be older than "the last 30 days". Null: the ' +
        'model knows no times.',
      resolve: ({ until }) => (until === null ? null : new Date(until)),
    }),
  }),
})
