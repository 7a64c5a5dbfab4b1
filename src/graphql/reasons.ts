import type * as engine from '../engine/reason.ts'
import { builder } from './builder.ts'
import { FEW_DESCRIPTION, isFew, visibleCount } from './small-counts.ts'
import { Purchase } from './customer.ts'
import { Product } from './product.ts'

const TYPES: Readonly<Record<engine.ReasonKind, string>> = {
  TASTE: 'TasteReason',
  RESEMBLANCE: 'ResemblanceReason',
  BOUGHT_TOGETHER: 'BoughtTogetherReason',
  SAME_ORDER: 'SameOrderReason',
  POPULAR_IN_CATEGORY: 'PopularInCategoryReason',
  POPULAR_WITH_SELLER: 'PopularWithSellerReason',
  POPULAR: 'PopularReason',
  BOUGHT_BEFORE: 'BoughtBeforeReason',
  VIEWED: 'ViewedReason',
  IN_CART: 'InCartReason',
}

/** The interface of all reasons; each kind is a type. */
export const Reason = builder.interfaceRef<engine.Reason>('Reason').implement({
  description:
    'A purchase or a fact that a recommendation comes from, and its part of the hybrid score. The amounts ' +
    'of all reasons sum to that score; nothing else enters it.',
  resolveType: ({ kind }) => TYPES[kind],
  fields: (t) => ({
    amount: t.exposeFloat('amount', {
      description: 'What it adds to the hybrid score. Below 0 it counts against the product.',
    }),
    share: t.exposeFloat('share', {
      description: 'Its part of the sum of the absolute amounts of all reasons, 0 to 1.',
    }),
  }),
})

const Sales = builder.objectRef<engine.Sales>('Sales').implement({
  description: 'The units of a product sold in a period: a count to show to people.',
  fields: (t) => ({
    units: t.float({
      description: `Units sold to all customers. ${FEW_DESCRIPTION}`,
      resolve: ({ units }, _args, context) => visibleCount(units, context),
    }),
    areFew: t.boolean({
      description: 'True if the exact number is withheld: write "a few" instead of it.',
      resolve: ({ units }, _args, context) => isFew(units, context),
    }),
    days: t.exposeInt('days', {
      nullable: true,
      description:
        "The length of the period in days, up to the moment of the list. Null: all time in the model's data.",
    }),
    since: t.field({
      type: 'DateTime',
      nullable: true,
      description: "The start of the period. Null: all time in the model's data.",
      resolve: ({ since }) => (since === null ? null : new Date(since)),
    }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'The end of the period: the moment of the list, or the latest purchase that the model knows if that ' +
        "is earlier. Show it with the units: the model's data may be old. Null if the model's data has no " +
        'times.',
      resolve: ({ until }) => (until === null ? null : new Date(until)),
    }),
  }),
})

const SharedAttribute = builder.objectRef<engine.SharedAttribute>('SharedAttribute').implement({
  description:
    'Something that two products have in common: the same label, or measures at most half a standard ' +
    'deviation of the catalogue apart, on a logarithmic scale.',
  fields: (t) => ({
    attribute: t.exposeString('attribute', {
      description: `The name of the column in the shop's data; "price" is the mean price paid.`,
    }),
    value: t.string({
      description: "The recommended product's label, or its measure in the shop's unit.",
      resolve: ({ value }) => String(value),
    }),
    purchasedValue: t.string({
      description: 'The same of the purchased product: an equal label, or a measure near it.',
      resolve: ({ purchasedValue }) => String(purchasedValue),
    }),
  }),
})

builder.objectRef<engine.TasteReason>('TasteReason').implement({
  description:
    'A past purchase that points to what customers with similar histories bought. Its amount is its exact ' +
    'term of the collaborative score, relative to the average product.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', { type: Purchase, description: 'The purchase.' }),
  }),
})

builder.objectRef<engine.ResemblanceReason>('ResemblanceReason').implement({
  description:
    'A past purchase that the product is similar to, or differs from. Its amount is its exact term of the ' +
    'similarity to the whole history. If it is the most similar of the latest purchases in its category, the ' +
    'amount includes the whole contribution of the source "nearest".',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', { type: Purchase, description: 'The purchase.' }),
    similarity: t.exposeFloat('similarity', {
      description: "The cosine of the two products' content features, -1 to 1.",
    }),
    sharedAttributes: t.field({
      type: [SharedAttribute],
      description:
        'What the two products have in common: first equal labels, the category before others; then near ' +
        'measures, the nearest first.',
      resolve: (reason) => [...reason.sharedAttributes()],
    }),
  }),
})

builder.objectRef<engine.BoughtTogetherReason>('BoughtTogetherReason').implement({
  description:
    'A past purchase: other customers who made it bought the product, too. Under CO_PURCHASE its amount is ' +
    'the cosine between the customers of the two products. A blend takes the logarithm of the sum of these ' +
    'cosines over the history, and divides it in proportion to them.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', { type: Purchase, description: 'The purchase.' }),
    customers: t.int({
      description: `Customers who bought both, at any time and in either order; at least 1. ${FEW_DESCRIPTION}`,
      resolve: ({ customers }, _args, context) => visibleCount(customers, context),
    }),
    areFew: t.boolean({
      description: 'True if the exact number is withheld: write "a few" instead of it.',
      resolve: ({ customers }, _args, context) => isFew(customers, context),
    }),
  }),
})

builder.objectRef<engine.SameOrderReason>('SameOrderReason').implement({
  description:
    'A product of the history that was bought in the same orders as the recommended one. Its amount is ' +
    'the number of those orders.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', {
      type: Purchase,
      description: 'The product of the history: bought, in the basket or viewed.',
    }),
    orders: t.int({
      description: `Orders that hold both; at least 1. ${FEW_DESCRIPTION}`,
      resolve: ({ orders }, _args, context) => visibleCount(orders, context),
    }),
    areFew: t.boolean({
      description: 'True if the exact number is withheld: write "a few" instead of it.',
      resolve: ({ orders }, _args, context) => isFew(orders, context),
    }),
  }),
})

builder.objectRef<engine.PopularInCategoryReason>('PopularInCategoryReason').implement({
  description:
    'The sales of the product in a category of the history. Its amount is the whole contribution of the ' +
    'source "category".',
  interfaces: [Reason],
  fields: (t) => ({
    category: t.exposeString('category', { description: 'The category.' }),
    sales: t.expose('sales', { type: Sales, description: 'The sales of the product.' }),
    purchases: t.expose('purchases', {
      type: [Purchase],
      description: 'The purchases from the category, latest first.',
    }),
  }),
})

builder.objectRef<engine.PopularWithSellerReason>('PopularWithSellerReason').implement({
  description:
    'The sales of the product by a seller of the history. Its amount is the whole contribution of the source ' +
    '"seller".',
  interfaces: [Reason],
  fields: (t) => ({
    seller: t.exposeString('seller', { description: "The seller's id in the shop's data." }),
    sales: t.expose('sales', { type: Sales, description: 'The sales of the product.' }),
    purchases: t.expose('purchases', {
      type: [Purchase],
      description: 'The purchases from the seller, latest first.',
    }),
  }),
})

builder.objectRef<engine.PopularReason>('PopularReason').implement({
  description:
    'The sales of the product to all customers. Its amount is the whole contribution of the source ' +
    '"popularity". In a learned blend and under TRENDING a unit counts half for every 30 days of age. In a ' +
    'list by sales alone the amount is the whole score.',
  interfaces: [Reason],
  fields: (t) => ({
    sales: t.expose('sales', { type: Sales, description: 'The sales of the product.' }),
  }),
})

builder.objectRef<engine.BoughtBeforeReason>('BoughtBeforeReason').implement({
  description:
    'The product itself was bought before. Its amount is the whole contribution of the source "repeat": more ' +
    'for a product bought often and recently.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', {
      type: Purchase,
      description: 'The earlier purchases of it.',
    }),
  }),
})

builder.objectRef<engine.ViewedReason>('ViewedReason').implement({
  description:
    'A product that was viewed in the last 30 days and not bought since, or that is viewed now (`page` of `recommend`). ' +
    'It is the recommended product, or goes with it: bought by the same customers, or similar. Its amount is its exact ' +
    'part of the source "viewed", which halves every three days.',
  interfaces: [Reason],
  fields: (t) => ({
    product: t.field({
      type: Product,
      description: 'The product that was viewed. It was not bought since.',
      resolve: ({ interest }) => ({ index: interest.product }),
    }),
    viewedAt: t.field({
      type: 'DateTime',
      description: 'When it was last viewed; of the product of `page` the moment of the list.',
      resolve: ({ interest }) => new Date(interest.at),
    }),
  }),
})

builder.objectRef<engine.InCartReason>('InCartReason').implement({
  description:
    'A product that was put into the cart in the last 30 days and not bought since: as `ViewedReason`, with the exact ' +
    'part of the source "cart".',
  interfaces: [Reason],
  fields: (t) => ({
    product: t.field({
      type: Product,
      description: 'The product that was put into the cart. It was not bought since.',
      resolve: ({ interest }) => ({ index: interest.product }),
    }),
    addedAt: t.field({
      type: 'DateTime',
      description: 'When it was last put into the cart.',
      resolve: ({ interest }) => new Date(interest.at),
    }),
  }),
})
