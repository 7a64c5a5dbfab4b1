import type * as engine from '../engine/reason.ts'
import { builder } from './builder.ts'
import { FEW_DESCRIPTION, isFew, shownCount } from './small-counts.ts'
import { Purchase } from './customer.ts'

const TYPES: Readonly<Record<engine.ReasonKind, string>> = {
  TASTE: 'TasteReason',
  RESEMBLANCE: 'ResemblanceReason',
  BOUGHT_TOGETHER: 'BoughtTogetherReason',
  SAME_ORDER: 'SameOrderReason',
  POPULAR_IN_CATEGORY: 'PopularInCategoryReason',
  POPULAR_WITH_SELLER: 'PopularWithSellerReason',
  POPULAR: 'PopularReason',
  BOUGHT_BEFORE: 'BoughtBeforeReason',
}

/** Each kind has a type and a file of its own. */
export const Reason = builder.interfaceRef<engine.Reason>('Reason').implement({
  description:
    'A purchase or a fact that a recommendation comes from, and how much of the hybrid score it is: the amounts of all ' +
    'reasons sum to that score, and nothing else enters it.',
  resolveType: ({ kind }) => TYPES[kind],
  fields: (t) => ({
    amount: t.exposeFloat('amount', {
      description: 'What it adds to the hybrid score; below 0 it speaks against the product.',
    }),
    share: t.exposeFloat('share', {
      description:
        'Its part of all that speaks for or against the product, 0 to 1: its amount, sign dropped, over the sum of ' +
        'all amounts, signs dropped.',
    }),
  }),
})

const Sales = builder.objectRef<engine.Sales>('Sales').implement({
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

const SharedAttribute = builder.objectRef<engine.SharedAttribute>('SharedAttribute').implement({
  description:
    'Something that two products have in common: the same label, or measures no further apart than half a standard ' +
    "deviation of the catalogue's, on a logarithmic scale.",
  fields: (t) => ({
    attribute: t.exposeString('attribute', {
      description: 'The name of the column, as the shop\'s data has it; the mean price paid is "price".',
    }),
    value: t.string({
      description: "The recommended product's label, or measure in the shop's own unit.",
      resolve: ({ value }) => String(value),
    }),
    purchasedValue: t.string({
      description: 'That of the product bought: the same label, or a measure that is near.',
      resolve: ({ purchasedValue }) => String(purchasedValue),
    }),
  }),
})

builder.objectRef<engine.TasteReason>('TasteReason').implement({
  description:
    'A past purchase that speaks through taste: what customers with similar histories bought. Its amount is its exact ' +
    'term of the collaborative score, measured against the average product.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', { type: Purchase, description: 'The purchase.' }),
  }),
})

builder.objectRef<engine.ResemblanceReason>('ResemblanceReason').implement({
  description:
    'A past purchase that the product resembles, or differs from. Its amount is its exact term of the likeness to all ' +
    'that was bought and, where it is the most similar of the latest purchases in its category, all of the likeness to ' +
    'that one.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', { type: Purchase, description: 'The purchase.' }),
    similarity: t.exposeFloat('similarity', {
      description: "The cosine of the two products' content features, -1 to 1.",
    }),
    sharedAttributes: t.expose('sharedAttributes', {
      type: [SharedAttribute],
      description:
        'What both have in common of what they are compared by: the same labels, the category first, then measures ' +
        'that are near, the nearest first.',
    }),
  }),
})

builder.objectRef<engine.BoughtTogetherReason>('BoughtTogetherReason').implement({
  description:
    'A past purchase whose customers bought the product too. Under CO_PURCHASE its amount is the cosine of both products ' +
    'by their customers; a blend counts by the logarithm of the sum over the purchases, divided in proportion to these.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', { type: Purchase, description: 'The purchase.' }),
    customers: t.int({
      description: `How many customers bought both, at any time and in any order; at least 1. ${FEW_DESCRIPTION}`,
      resolve: ({ customers }, _args, context) => shownCount(customers, context),
    }),
    areFew: t.boolean({
      description: 'Whether to write "a few" in place of the number: the caller is told no more.',
      resolve: ({ customers }, _args, context) => isFew(customers, context),
    }),
  }),
})

builder.objectRef<engine.SameOrderReason>('SameOrderReason').implement({
  description:
    'A product of the history that was bought in the same orders as this one. Its amount is the number of those orders.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', {
      type: Purchase,
      description: 'The product of the history: bought, in the basket, or looked at.',
    }),
    orders: t.int({
      description: `How many orders hold both; at least 1. ${FEW_DESCRIPTION}`,
      resolve: ({ orders }, _args, context) => shownCount(orders, context),
    }),
    areFew: t.boolean({
      description: 'Whether to write "a few" in place of the number: the caller is told no more.',
      resolve: ({ orders }, _args, context) => isFew(orders, context),
    }),
  }),
})

builder.objectRef<engine.PopularInCategoryReason>('PopularInCategoryReason').implement({
  description:
    'The product sold in a category that was bought from. Its amount is all that the source "category" contributes.',
  interfaces: [Reason],
  fields: (t) => ({
    category: t.exposeString('category', { description: 'The category.' }),
    sales: t.expose('sales', { type: Sales, description: 'What was sold of the product.' }),
    purchases: t.expose('purchases', {
      type: [Purchase],
      description: 'What was bought from the category, the latest purchase first.',
    }),
  }),
})

builder.objectRef<engine.PopularWithSellerReason>('PopularWithSellerReason').implement({
  description:
    'The product sold with a seller that was bought from. Its amount is all that the source "seller" contributes.',
  interfaces: [Reason],
  fields: (t) => ({
    seller: t.exposeString('seller', { description: "The seller's id, as the shop's data has it." }),
    sales: t.expose('sales', { type: Sales, description: 'What was sold of the product.' }),
    purchases: t.expose('purchases', {
      type: [Purchase],
      description: 'What was bought from the seller, the latest purchase first.',
    }),
  }),
})

builder.objectRef<engine.PopularReason>('PopularReason').implement({
  description:
    'The product sold, to anybody. Its amount is all that the source "popularity" contributes; in a learnt ' +
    'blend and under TRENDING that goes by units which each count half for every 30 days since. In a list by sales alone ' +
    'it is the whole score.',
  interfaces: [Reason],
  fields: (t) => ({
    sales: t.expose('sales', { type: Sales, description: 'What was sold of it.' }),
  }),
})

builder.objectRef<engine.BoughtBeforeReason>('BoughtBeforeReason').implement({
  description:
    'The product itself was bought before. Its amount is all that the source "repeat" contributes: more for what was ' +
    'bought often, and shortly before the moment that the list is for.',
  interfaces: [Reason],
  fields: (t) => ({
    purchase: t.expose('purchase', {
      type: Purchase,
      description: 'How much of it was bought, and when last.',
    }),
  }),
})
