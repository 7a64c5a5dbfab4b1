import type { ResemblanceReason, Sales } from '../../engine/reason.ts'
import { CLEARLY_SIMILAR } from '../evidence.ts'
import { type Called, type CalledPurchase, type InCommon, MANY_UNITS, type Statement } from '../statement.ts'
import { ENGLISH_LEXICON } from './english-lexicon.ts'
import type { Language } from './language.ts'

const DAY = 86_400_000
const months = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' })
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const lists = new Intl.ListFormat('en-GB')

export const ENGLISH: Language = {
  locale: 'en',
  name: 'English',
  sentence,
  nothing: (product) => `nothing in particular speaks for ${named(product)}`,
  month: (time) => months.format(time),
  day: (time) => days.format(time),
  lexicon: ENGLISH_LEXICON,
}

function sentence(statement: Statement): string {
  const { reason, product, purchase, sales } = statement
  const it = product ? named(product) : 'it'
  const thisOne = product ? named(product) : 'this one'
  if (statement.isOfSalesAlone) return `${it} ${sold(sales!)}`
  switch (reason.kind) {
    case 'TASTE':
      return purchase
        ? `customers who like ${known(purchase)} tend to like ${thisOne} too`
        : 'customers who like the one tend to like the other'
    case 'RESEMBLANCE':
      return `${purchase ? it : 'the products'} ${resemble(reason, purchase)}${sharing(statement.inCommon)}`
    case 'BOUGHT_TOGETHER': {
      const others =
        reason.customers === 1 ? 'another customer' : `${count(reason.customers)} other customers`
      return purchase
        ? `${others} who chose ${asYouDid(purchase)} chose ${thisOne} too`
        : `${others} chose both`
    }
    case 'SAME_ORDER': {
      const orders = reason.orders === 1 ? 'one order' : `${count(reason.orders)} orders`
      return `${purchase ? `${thisOne} and ${known(purchase)}` : 'they'} were bought together in ${orders}`
    }
    case 'POPULAR_IN_CATEGORY':
      return `${it} is from the same category${asIn(purchase)}${sales ? `, and ${sold(sales)}` : ''}`
    case 'POPULAR_WITH_SELLER':
      return `${it} is from the same seller${asIn(purchase)}${sales ? `, and ${sold(sales)}` : ''}`
    case 'POPULAR':
      if (reason.sales.units < MANY_UNITS) return `${it} ${sold(reason.sales)}`
      return `${it} ${product ? '' : 'also '}sold well: ${amountSold(reason.sales)}`
    case 'BOUGHT_BEFORE':
      return boughtBefore(thisOne, statement)
  }
}

function resemble({ similarity }: ResemblanceReason, purchase: CalledPurchase | null): string {
  const isMuch = similarity >= CLEARLY_SIMILAR
  if (purchase === null) return isMuch ? 'are much alike' : 'have something in common'
  return `${isMuch ? 'is much like' : 'has something in common with'} ${known(purchase)}`
}

function sharing({ same, label, similar }: InCommon): string {
  const parts = [
    ...(same.length > 0 ? [`the same ${lists.format(same)}`] : []),
    ...(label ? [`the same ${label.column} (${label.value})`] : []),
    ...(similar.length > 0 ? [`a similar ${lists.format(similar)}`] : []),
  ]
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}

const asIn = (purchase: CalledPurchase | null) => (purchase ? ` as ${known(purchase)}` : ', too')

function boughtBefore(it: string, { purchase }: Statement): string {
  const { deed = 'CHOSEN', quantity = 1, purchasedAt = null } = purchase ?? {}
  if (purchasedAt === null) return `you have ${deed === 'BOUGHT' ? 'bought' : 'chosen'} ${it} before`
  if (quantity === 1) return `you bought ${it} in ${months.format(purchasedAt)}`
  return `you bought ${count(quantity)} units of ${it}, the last in ${months.format(purchasedAt)}`
}

/** “Pine Desk”, or what can be said of a product that has no name. */
function named({ name, category }: Called): string {
  return name === null ? `this ${kind(category)}` : `“${name}”`
}

const kind = (category: string | null) => (category === null ? 'product' : `${category} product`)

/** A product of the history, and where the reader knows it from. */
function known({ name, category, deed, purchasedAt }: CalledPurchase): string {
  const what = name === null ? kind(category) : `“${name}”`
  const when = purchasedAt === null ? '' : ` in ${months.format(purchasedAt)}`
  return `the ${what} you ${DEEDS[deed]}${when}`
}

const DEEDS = { BOUGHT: 'bought', CHOSEN: 'chose', LOOKED_AT: 'are looking at' } as const

function asYouDid(purchase: CalledPurchase): string {
  const { name, category, deed, purchasedAt } = purchase
  if (deed === 'LOOKED_AT') return known(purchase)
  const when = purchasedAt === null ? '' : ` in ${months.format(purchasedAt)}`
  return name === null ? `the same ${kind(category)} as you did${when}` : `“${name}”, as you did${when},`
}

const count = (value: number) => numbers.format(value)

const sold = (sales: Sales) => `sold ${amountSold(sales)}`

/** With the dates of the count: the text may be read long after them, and is kept. */
function amountSold({ units, days: window, since, until }: Sales): string {
  const amount = `${count(units)} ${units === 1 ? 'unit' : 'units'}`
  if (until === null) return amount
  if (window === null || since === null) return `${amount} by ${days.format(until)}`
  if (until - since === window * DAY) return `${amount} in the ${count(window)} days to ${days.format(until)}`
  return `${amount} between ${days.format(since)} and ${days.format(until)}`
}
