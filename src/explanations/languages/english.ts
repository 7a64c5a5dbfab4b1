import type { ResemblanceReason } from '../../engine/reason.ts'
import { CLEARLY_SIMILAR } from '../evidence.ts'
import type { NamedProduct, NamedPurchase, Count, InCommon, Statement, SalesStatement } from '../statement.ts'
import type { Language } from './language.ts'
import { DAY } from '../../data/ranges.ts'

const months = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' })
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const plurals = new Intl.PluralRules('en', { maximumFractionDigits: 2 })
const lists = new Intl.ListFormat('en-GB')

export const ENGLISH: Language = {
  locale: 'en',
  name: 'English',
  clauses,
  opening: (tone, product) => {
    if (tone === 'warm') return `${named(product)} could be for you: `
    return tone === 'direct' ? `Why ${named(product)}? ` : ''
  },
  links: { stop: '. ', and: ', and ', semicolon: '; ', besides: '. Besides, ' },
  condition: /\bif you like\b/i,
  nothing: (product, isBlank) =>
    isBlank
      ? `nothing is known yet that speaks for or against ${named(product)}`
      : `nothing in particular speaks for ${named(product)}`,
}

function clauses(statement: Statement): readonly string[] {
  const { reason } = statement
  switch (reason.kind) {
    case 'TASTE':
      return taste(statement)
    case 'RESEMBLANCE':
      return resemblance(reason, statement)
    case 'BOUGHT_TOGETHER':
      return boughtTogether(statement)
    case 'SAME_ORDER':
      return sameOrder(statement)
    case 'POPULAR_IN_CATEGORY':
      return popularIn('in the same category', 'shares its category with', statement)
    case 'POPULAR_WITH_SELLER':
      return popularIn('from the same seller', 'shares its seller with', statement)
    case 'POPULAR':
      return popular(statement)
    case 'BOUGHT_BEFORE':
      return boughtBefore(statement)
    case 'VIEWED':
    case 'IN_CART':
      return ofInterest(statement)
  }
}

function taste(statement: Statement): string[] {
  const { purchase } = statement
  if (purchase === null) {
    return [
      'customers who like the one tend to like the other',
      'people who like the one often like the other as well',
      'if you like the one, you may like the other too',
    ]
  }
  const that = purchasePhrase(purchase)
  return [
    `customers who like ${that} tend to like ${object(statement)} too`,
    `people who like ${that} often like ${object(statement)} as well`,
    `if you like ${that}, you may like ${object(statement)} too`,
  ]
}

function resemblance({ similarity }: ResemblanceReason, statement: Statement): string[] {
  const { purchase, inCommon } = statement
  const isMuch = similarity >= CLEARLY_SIMILAR
  const how = isMuch ? positions(inCommon) : properties(inCommon)
  const shared = how === '' ? '' : isMuch ? `, ${how}` : `, namely ${how}`
  if (purchase === null) {
    return isMuch
      ? [
          `the two are much alike${shared}`,
          `they are much alike${shared}`,
          `the two products are much alike${shared}`,
        ]
      : [
          `the two have something in common${shared}`,
          `they have something in common${shared}`,
          `the two products have something in common${shared}`,
        ]
  }
  const it = subject(statement)
  const alike = isMuch ? 'is much like' : 'has something in common with'
  const inFront = how === '' || !isMuch ? `${it} ${alike} ${purchasePhrase(purchase)}${shared}` : null
  return [
    `${it} ${alike} ${purchasePhrase(purchase)}${shared}`,
    inFront ?? `${how}, ${it} ${alike} ${purchasePhrase(purchase)}`,
    `${purchaseClause(purchase)}, and ${object(statement)} ${alike} it${shared}`,
  ]
}

const SAME = { category: 'in the same category', seller: 'from the same seller' } as const

/** For example “…, in the same category and with a similar price and size”. */
function positions({ same, label, similar }: InCommon): string {
  const had = propertiesOf(label, similar)
  return lists.format([
    ...same.map((topic) => SAME[topic]),
    ...(had.length > 0 ? [`with ${lists.format(had)}`] : []),
  ])
}

/** For example “…, namely the same category and a similar price”. */
function properties({ same, label, similar }: InCommon): string {
  const shared = same.length > 0 ? [`the same ${lists.format(same)}`] : []
  return lists.format([...shared, ...propertiesOf(label, similar)])
}

function propertiesOf(label: InCommon['label'], similar: InCommon['similar']): string[] {
  return [
    ...(label ? [`the same ${label.column} (${label.value})`] : []),
    ...(similar.length > 0 ? [`a similar ${lists.format(similar)}`] : []),
  ]
}

function boughtTogether(statement: Statement): string[] {
  const { purchase, count } = statement
  const others = count === 1 ? 'another customer' : counted(count, 'other customers')
  if (purchase === null) {
    return [`${others} chose both`, `${others} bought both`, `both were chosen by ${others}`]
  }
  const it = object(statement)
  return [
    `${others} who chose ${asYouDid(purchase)}${purchase.name === null || purchase.action === 'LOOKED_AT' ? '' : ','} chose ${it} too`,
    `${others} bought both ${purchasePhrase(purchase)} and ${it}`,
    `${subject(statement)} was also chosen by ${others} who chose ${asYouDid(purchase)}`,
  ]
}

function sameOrder(statement: Statement): string[] {
  const { purchase, count } = statement
  const orders = count === 1 ? 'one order' : counted(count, 'orders')
  if (purchase === null) {
    return [
      `the two were bought together in ${orders}`,
      `${orders} included both`,
      `in ${orders}, the two were bought together`,
    ]
  }
  const it = object(statement)
  return [
    `${it} and ${purchasePhrase(purchase)} were bought together in ${orders}`,
    `${orders} included both ${it} and ${purchasePhrase(purchase)}`,
    `in ${orders}, ${it} was bought along with ${purchasePhrase(purchase)}`,
  ]
}

function popularIn(there: string, sharing: string, statement: Statement): string[] {
  const { purchase, sales, isSalesOnly } = statement
  const it = subject(statement)
  if (sales !== null && isSalesOnly) return wereSold(sales, statement)
  const andSold = sales ? `, and ${sold(sales)}` : ''
  if (purchase === null) {
    return [
      `${it} is ${there}, too${andSold}`,
      `${it} is also ${there}${andSold}`,
      `both are ${there}${sales ? `, and ${object(statement)} ${sold(sales)}` : ''}`,
    ]
  }
  return [
    `${it} is ${there} as ${purchasePhrase(purchase)}${andSold}`,
    `${purchaseClause(purchase)}, and ${object(statement)}${sales ? `, which ${sold(sales)},` : ''} is ${there}`,
    sales
      ? `${there} as ${purchasePhrase(purchase)}, ${it} ${sold(sales)}`
      : `${it} ${sharing} ${purchasePhrase(purchase)}`,
  ]
}

function popular(statement: Statement): string[] {
  const { sales } = statement
  if (sales === null) throw new Error('a reason of kind POPULAR has no sales')
  const [first, ...rest] = wereSold(sales, statement)
  if (!sales.isMuch) return [first, ...rest]
  const also = statement.isFirst ? '' : 'also '
  return [`${subject(statement)} ${also}sold well, with ${units(sales.units)}${window(sales)}`, ...rest]
}

function wereSold(sales: SalesStatement, statement: Statement): string[] {
  const it = subject(statement)
  const when = window(sales).trimStart()
  const ofIt = it === 'it' ? it : named(statement.recommended)
  return [
    `${it} ${sold(sales)}`,
    `${units(sales.units)} of ${ofIt} ${isOne(sales.units) ? 'was' : 'were'} sold${window(sales)}`,
    when === ''
      ? `${it} ${sold(sales)}`
      : `${when}, ${it} ${sales.days === null ? 'had ' : ''}sold ${units(sales.units)}`,
  ]
}

function boughtBefore(statement: Statement): string[] {
  const { action = 'CHOSEN', quantity = 1, purchasedAt = null } = statement.purchase ?? {}
  const it = subject(statement)
  if (purchasedAt === null) {
    const [did, done] = action === 'BOUGHT' ? ['bought', 'bought'] : ['chose', 'chosen']
    return [
      `you have ${done} ${it} before`,
      `you ${did} ${it} before`,
      `${it} is one you have ${done} before`,
    ]
  }
  const month = months.format(purchasedAt)
  return isOne(quantity)
    ? [
        `you bought ${it} in ${month}`,
        `you have bought ${it} before, in ${month}`,
        `you last bought ${it} in ${month}`,
      ]
    : [
        `you bought ${units(quantity)} of ${it}, the last in ${month}`,
        `you have bought ${units(quantity)} of ${it} before, the last in ${month}`,
        `you last bought ${it} in ${month}`,
      ]
}

/** What was viewed or put into the cart. It was not bought. */
function ofInterest(statement: Statement): string[] {
  const { purchase, isItself } = statement
  if (purchase === null) throw new Error('a reason of interest has no product')
  const it = subject(statement)
  if (!isItself) {
    return [
      `${it} is related to ${purchasePhrase(purchase)}`,
      `${purchaseClause(purchase)}, and ${object(statement)} is related to it`,
      `${purchasePhrase(purchase)} and ${object(statement)} are related`,
    ]
  }
  const did = purchase.action === 'VIEWED' ? `you looked at ${it}` : `you put ${it} into your cart`
  const done = purchase.action === 'VIEWED' ? 'looked at' : 'put into your cart'
  const when = onDay(purchase)
  return [`${did}${when}`, `${when.trimStart()}, ${did}`, `${it} is one you ${done}${when}`]
}

/** “Pine Desk”, or a phrase for a product without a name. */
function named({ name, category }: NamedProduct): string {
  return name === null ? `this ${kind(category)}` : `“${name}”`
}

/** Categories are the shop's own words, in any language, so they are in quotes like names. */
const kind = (category: string | null) => (category === null ? 'product' : `“${category}” product`)

/** The recommended product in a clause without another product: otherwise “it” would not be clear. */
function subject({ product, isFirst }: Statement): string {
  if (product) return named(product)
  return isFirst ? 'it' : 'this one'
}

/** The recommended product in a clause with another product. */
function object({ product, isFirst }: Statement): string {
  if (product) return named(product)
  return isFirst ? 'this product' : 'this one'
}

/** A product of the history: “the “Pine Desk” you bought in March 2018”. */
function purchasePhrase(purchase: NamedPurchase): string {
  const { name, category, action } = purchase
  const what = name === null ? kind(category) : `“${name}”`
  return `the ${what} you ${ACTIONS[action].join(' ')}${whenOf(purchase)}`
}

/** The same as a clause: “you bought the “Pine Desk” in March 2018”. */
function purchaseClause(purchase: NamedPurchase): string {
  const { name, category, action } = purchase
  const what =
    name !== null ? `the “${name}”` : category !== null ? `a product from “${category}”` : 'a product'
  const [verb, ...place] = ACTIONS[action]
  return `you ${[verb, what, ...place].join(' ')}${whenOf(purchase)}`
}

/** A verb, and what follows its object. */
const ACTIONS = {
  BOUGHT: ['bought'],
  CHOSEN: ['chose'],
  LOOKED_AT: ['are looking at'],
  VIEWED: ['looked at'],
  PUT_INTO_CART: ['put', 'into your cart'],
} as const

function asYouDid(purchase: NamedPurchase): string {
  const { name, category, action, purchasedAt } = purchase
  if (action === 'LOOKED_AT') return purchasePhrase(purchase)
  const when = inMonth(purchasedAt)
  return name === null ? `the same ${kind(category)} as you did${when}` : `“${name}”, as you did${when}`
}

const whenOf = (purchase: NamedPurchase) => inMonth(purchase.purchasedAt) + onDay(purchase)

const onDay = ({ interestAt }: NamedPurchase) =>
  interestAt === undefined ? '' : ` on ${days.format(interestAt)}`

const inMonth = (time: number | null) => (time === null ? '' : ` in ${months.format(time)}`)

const isOne = (count: Count) => count !== 'few' && plurals.select(count) === 'one'

function counted(count: Count, things: string): string {
  return count === 'few' ? `a few ${things}` : `${numbers.format(count)} ${things}`
}

const units = (count: Count) => counted(count, isOne(count) ? 'unit' : 'units')

const sold = (sales: SalesStatement) => `sold ${units(sales.units)}${window(sales)}`

/** The dates of a count: the text may be stored, and read much later. */
function window({ days: most, since, until }: SalesStatement): string {
  if (until === null) return ''
  if (most === null || since === null) return ` by ${days.format(until)}`
  if (until - since === most * DAY) {
    return ` in the ${counted(most, most === 1 ? 'day' : 'days')} to ${days.format(until)}`
  }
  return ` between ${days.format(since)} and ${days.format(until)}`
}
