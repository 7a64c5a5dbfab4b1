import { MAX_CONDITIONS, MAX_NESTING } from '../../engine/product-filter.ts'
import { builder } from '../builder.ts'

export interface Labels {
  readonly anyOf?: readonly string[] | null | undefined
  readonly noneOf?: readonly string[] | null | undefined
}

export interface Range {
  readonly min?: number | null | undefined
  readonly max?: number | null | undefined
}

/** As the client states it: what is null is not stated. */
export interface ProductFilterShape {
  readonly categories?: Labels | null | undefined
  readonly sellers?: Labels | null | undefined
  readonly price?: Range | null | undefined
  readonly inStock?: boolean | null | undefined
  readonly minPopularity?: number | null | undefined
  readonly include?: readonly string[] | null | undefined
  readonly exclude?: readonly string[] | null | undefined
  readonly attributes?: readonly (Labels & Range & { readonly name: string })[] | null | undefined
  readonly and?: readonly ProductFilterShape[] | null | undefined
  readonly or?: readonly ProductFilterShape[] | null | undefined
  readonly not?: ProductFilterShape | null | undefined
}

const ANY_OF = 'Among these; of an empty list nothing is. What has no label is among none.'
const NONE_OF = 'Not among these.'

const LabelFilter = builder.inputType('LabelFilter', {
  description: 'Which labels are wanted: of categories, of sellers.',
  fields: (t) => ({
    anyOf: t.stringList({ required: false, description: ANY_OF }),
    noneOf: t.stringList({ required: false, description: NONE_OF }),
  }),
})

const RangeFilter = builder.inputType('RangeFilter', {
  description: 'Bounds, both of them included. What is not known is within none.',
  fields: (t) => ({
    min: t.float({ required: false, description: 'At least this.' }),
    max: t.float({ required: false, description: 'At most this.' }),
  }),
})

const AttributeFilter = builder.inputType('AttributeFilter', {
  description:
    "A condition on an attribute of the shop's own: labels (anyOf, noneOf) or a number (min, max). Those there are: " +
    '`productAttributes`.',
  fields: (t) => ({
    name: t.string({ description: "The attribute's name, as the shop's data has it." }),
    anyOf: t.stringList({ required: false, description: ANY_OF }),
    noneOf: t.stringList({ required: false, description: NONE_OF }),
    min: t.float({ required: false, description: 'At least this.' }),
    max: t.float({ required: false, description: 'At most this.' }),
  }),
})

/** By itself, so that it can name its own type. */
export const ProductFilter = builder.inputRef<ProductFilterShape>('ProductFilter')

ProductFilter.implement({
  description:
    'Which products a list may hold. Everything stated must hold; nothing stated, everything passes. Filters act before ' +
    'a list is ranked: exactly as many products come back as were asked for, wherever so many pass. At most ' +
    `${MAX_CONDITIONS} conditions in all, filters within filters ${MAX_NESTING} deep. Hidden products never come back.`,
  fields: (t) => ({
    categories: t.field({
      type: LabelFilter,
      required: false,
      description: 'By category, as `Product.category` spells it.',
    }),
    sellers: t.field({
      type: LabelFilter,
      required: false,
      description: "By seller, by the shop's own ids.",
    }),
    price: t.field({
      type: RangeFilter,
      required: false,
      description: "By the mean price paid, in the shop's currency.",
    }),
    inStock: t.boolean({
      required: false,
      description: 'True: what is in stock alone; false: what is out of stock alone.',
    }),
    minPopularity: t.float({ required: false, description: 'Sold at least so many units.' }),
    include: t.stringList({ required: false, description: 'These SKUs alone; unknown ones pass nothing.' }),
    exclude: t.stringList({ required: false, description: 'All but these SKUs.' }),
    attributes: t.field({
      type: [AttributeFilter],
      required: false,
      description: "By attributes of the shop's own; all of these must hold.",
    }),
    and: t.field({ type: [ProductFilter], required: false, description: 'All of these must hold as well.' }),
    or: t.field({
      type: [ProductFilter],
      required: false,
      description: 'At least one of these must hold as well: of an empty list none does.',
    }),
    not: t.field({ type: ProductFilter, required: false, description: 'This must not hold.' }),
  }),
})
