import type { ContentColumns, MeasureColumn } from '../../model/model.ts'
import { measureOf } from '../../model/content-columns.ts'
import { builder } from '../builder.ts'

interface Attribute {
  readonly name: string
  readonly labels: readonly string[] | null
  readonly range: { readonly min: number; readonly max: number } | null
}

const NumberRange = builder.objectRef<{ min: number; max: number }>('NumberRange').implement({
  description: 'From the least to the greatest.',
  fields: (t) => ({
    min: t.exposeFloat('min', { description: 'The least.' }),
    max: t.exposeFloat('max', { description: 'The greatest.' }),
  }),
})

const ProductAttribute = builder.objectRef<Attribute>('ProductAttribute').implement({
  description: "An attribute of the shop's own that products can be filtered by.",
  fields: (t) => ({
    name: t.exposeString('name', { description: "Its name, as the shop's data has it." }),
    labels: t.field({
      type: ['String'],
      nullable: true,
      description: 'Its labels, the first 1,000. Null for an attribute that is a number.',
      resolve: ({ labels }) => labels?.slice(0, 1000) ?? null,
    }),
    range: t.expose('range', {
      type: NumberRange,
      nullable: true,
      description: 'The numbers there are. Null for an attribute of labels, and where no number is known.',
    }),
  }),
})

builder.queryField('productAttributes', (t) =>
  t.field({
    type: [ProductAttribute],
    description: 'What the field `attributes` of a filter can name.',
    resolve: (_root, _args, { recommender }) => [...attributesOf(recommender.model.contentColumns)],
  }),
)

const known = new WeakMap<ContentColumns, readonly Attribute[]>()

/** Found out once a model: it takes a look at every product. */
function attributesOf(columns: ContentColumns): readonly Attribute[] {
  const attributes = known.get(columns) ?? [
    ...columns.categorical.map(({ name, labels }) => ({ name, labels, range: null })),
    ...columns.numeric.map((column) => ({ name: column.name, labels: null, range: rangeOf(column) })),
  ]
  known.set(columns, attributes)
  return attributes
}

function rangeOf(column: MeasureColumn): Attribute['range'] {
  let range: Attribute['range'] = null
  column.values.forEach((_, product) => {
    const value = measureOf(column, product)
    if (value === null) return
    range = { min: Math.min(range?.min ?? value, value), max: Math.max(range?.max ?? value, value) }
  })
  return range
}
