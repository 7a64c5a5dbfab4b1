import type { ResemblanceReason, Sales } from '../../engine/reason.ts'
import { CLEARLY_SIMILAR } from '../evidence.ts'
import { type Called, type CalledPurchase, type InCommon, MANY_UNITS, type Statement } from '../statement.ts'
import type { Language } from './language.ts'
import { PORTUGUESE_LEXICON } from './portuguese-lexicon.ts'

const DAY = 86_400_000
const months = new Intl.DateTimeFormat('pt-BR', { month: 'long', year: 'numeric', timeZone: 'UTC' })
const days = new Intl.DateTimeFormat('pt-BR', { dateStyle: 'long', timeZone: 'UTC' })
const numbers = new Intl.NumberFormat('pt-BR', { maximumFractionDigits: 2 })
const lists = new Intl.ListFormat('pt-BR')

/**
 * The gender of a name is not known: “o produto …” spares the choice of an article. The categories of a shop may be in
 * another language, and stand between quotes.
 */
export const PORTUGUESE: Language = {
  locale: 'pt-BR',
  name: 'Brazilian Portuguese',
  sentence,
  nothing: (product) => `nenhum motivo em particular se destaca para ${named(product)}`,
  month: (time) => months.format(time),
  day: (time) => days.format(time),
  lexicon: PORTUGUESE_LEXICON,
}

function sentence(statement: Statement): string {
  const { reason, product, purchase, sales } = statement
  const it = product ? named(product) : 'este produto'
  if (statement.isOfSalesAlone) return `${it} ${sold(sales!)}`
  switch (reason.kind) {
    case 'TASTE':
      return purchase
        ? `clientes que gostam d${known(purchase)} costumam gostar também ${of(it)}`
        : 'clientes que gostam de um costumam gostar também do outro'
    case 'RESEMBLANCE':
      return `${purchase ? it : 'os produtos'} ${resemble(reason, purchase)}${sharing(statement.inCommon)}`
    case 'BOUGHT_TOGETHER':
      return boughtTogether(reason.customers, it, purchase)
    case 'SAME_ORDER':
      return inOneOrder(reason.orders, it, purchase)
    case 'POPULAR_IN_CATEGORY':
      return `${it} é ${purchase ? '' : 'também '}da mesma categoria${asIn(purchase)}${sales ? `, e ${sold(sales)}` : ''}`
    case 'POPULAR_WITH_SELLER':
      return `${it} é ${purchase ? '' : 'também '}do mesmo vendedor${asIn(purchase)}${sales ? `, e ${sold(sales)}` : ''}`
    case 'POPULAR':
      if (reason.sales.units < MANY_UNITS) return `${it} ${sold(reason.sales)}`
      return `${it} ${product ? '' : 'também '}vendeu bem: ${amountSold(reason.sales)}`
    case 'BOUGHT_BEFORE':
      return boughtBefore(it, statement)
  }
}

function resemble({ similarity }: ResemblanceReason, purchase: CalledPurchase | null): string {
  const isMuch = similarity >= CLEARLY_SIMILAR
  if (purchase === null) return isMuch ? 'se parecem muito' : 'têm algo em comum'
  return `${isMuch ? 'se parece muito com' : 'tem algo em comum com'} ${known(purchase)}`
}

const SAME = { category: 'mesma categoria', seller: 'mesmo vendedor' } as const
const SIMILAR = { price: 'preço', weight: 'peso', size: 'tamanho' } as const

function sharing({ same, label, similar }: InCommon): string {
  const parts = [
    ...same.map((topic) => SAME[topic]),
    ...(label ? [`mesmo ${label.column} (${label.value})`] : []),
    ...(similar.length > 0
      ? [
          `${lists.format(similar.map((topic) => SIMILAR[topic]))} ${similar.length > 1 ? 'parecidos' : 'parecido'}`,
        ]
      : []),
  ]
  return parts.length > 0 ? `: ${parts.join(', ')}` : ''
}

function boughtTogether(customers: number, it: string, purchase: CalledPurchase | null): string {
  const others = customers === 1 ? 'outro cliente' : `${count(customers)} outros clientes`
  const chose = customers === 1 ? 'escolheu' : 'escolheram'
  return purchase
    ? `${others} que ${chose} ${known(purchase)} ${chose} também ${it}`
    : `${others} ${chose} ambos`
}

function inOneOrder(orders: number, it: string, purchase: CalledPurchase | null): string {
  const those = orders === 1 ? 'um pedido' : `${count(orders)} pedidos`
  return `${purchase ? `${it} e ${known(purchase)}` : 'ambos'} foram comprados juntos em ${those}`
}

const asIn = (purchase: CalledPurchase | null) => (purchase ? ` que ${known(purchase)}` : '')

function boughtBefore(it: string, { purchase }: Statement): string {
  const { deed = 'CHOSEN', quantity = 1, purchasedAt = null } = purchase ?? {}
  if (purchasedAt === null) return `você já ${DEEDS[deed]} ${it}`
  const month = months.format(purchasedAt)
  if (quantity === 1) return `você comprou ${it} em ${month}`
  return `você já comprou ${count(quantity)} unidades ${of(it)}, a última vez em ${month}`
}

/** “Pine Desk”, or what can be said of a product that has no name. */
function named({ name, category }: Called): string {
  if (name !== null) return `“${name}”`
  return category === null ? 'este produto' : `este produto da categoria “${category}”`
}

/** A product of the history, and where the reader knows it from. */
function known({ name, category, deed, purchasedAt }: CalledPurchase): string {
  const which = name !== null ? ` “${name}”` : category !== null ? ` da categoria “${category}”` : ''
  const when = purchasedAt === null ? '' : ` em ${months.format(purchasedAt)}`
  return `o produto${which} que você ${DEEDS[deed]}${when}`
}

const DEEDS = { BOUGHT: 'comprou', CHOSEN: 'escolheu', LOOKED_AT: 'está vendo' } as const

const of = (it: string) => (it.startsWith('este') ? `d${it}` : `de ${it}`)

const count = (value: number) => numbers.format(value)

const sold = (sales: Sales) => `vendeu ${amountSold(sales)}`

/** With the dates of the count: the text may be read long after them, and is kept. */
function amountSold({ units, days: window, since, until }: Sales): string {
  const amount = `${count(units)} ${units === 1 ? 'unidade' : 'unidades'}`
  if (until === null) return amount
  if (window === null || since === null) return `${amount} até ${days.format(until)}`
  if (until - since === window * DAY) return `${amount} nos ${count(window)} dias até ${days.format(until)}`
  return `${amount} entre ${days.format(since)} e ${days.format(until)}`
}
