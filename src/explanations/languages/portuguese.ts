import type { ResemblanceReason } from '../../engine/reason.ts'
import { CLEARLY_SIMILAR } from '../evidence.ts'
import type { NamedProduct, NamedPurchase, Count, InCommon, Statement, SalesStatement } from '../statement.ts'
import type { Language } from './language.ts'
import { DAY } from '../../data/ranges.ts'

const months = new Intl.DateTimeFormat('pt-BR', { month: 'long', year: 'numeric', timeZone: 'UTC' })
const days = new Intl.DateTimeFormat('pt-BR', { dateStyle: 'long', timeZone: 'UTC' })
const numbers = new Intl.NumberFormat('pt-BR', { maximumFractionDigits: 2 })
const plurals = new Intl.PluralRules('pt-BR', { maximumFractionDigits: 2 })
const lists = new Intl.ListFormat('pt-BR')

/**
 * The gender of a name is not known: articles, participles and pronouns agree with “o produto …” instead. The categories
 * of a shop may be in another language, so they are in quotes.
 */
export const PORTUGUESE: Language = {
  locale: 'pt-BR',
  name: 'Brazilian Portuguese',
  clauses,
  opening: (tone, product) => {
    if (tone === 'warm') return `${named(product)} pode ser uma boa opção para você: `
    return tone === 'direct' ? `Por que ${named(product)}? ` : ''
  },
  links: { stop: '. ', and: ', e ', semicolon: '; ', besides: '. Além disso, ' },
  condition: /\bse você gosta\b/i,
  nothing: (product, isBlank) =>
    isBlank
      ? `ainda não se conhece nada a favor nem contra ${named(product)}`
      : `nenhum motivo em particular se destaca para ${named(product)}`,
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
      return popularIn('da mesma categoria', statement)
    case 'POPULAR_WITH_SELLER':
      return popularIn('do mesmo vendedor', statement)
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
      'clientes que gostam de um costumam gostar também do outro',
      'quem gosta de um costuma gostar do outro também',
      'se você gosta de um, pode gostar também do outro',
    ]
  }
  const [ofThat, ofIt] = [`d${purchasePhrase(purchase)}`, of(it(statement))]
  return [
    `clientes que gostam ${ofThat} costumam gostar também ${ofIt}`,
    `quem gosta ${ofThat} costuma gostar ${ofIt} também`,
    `se você gosta d${purchasePhrase(purchase, '')}, pode gostar também ${ofIt}`,
  ]
}

function resemblance({ similarity }: ResemblanceReason, statement: Statement): string[] {
  const { purchase, inCommon } = statement
  const isMuch = similarity >= CLEARLY_SIMILAR
  const how = isMuch ? positions(inCommon) : properties(inCommon, purchase === null)
  const shared = how === '' ? '' : `, ${how}`
  if (purchase === null) {
    const alike = isMuch ? 'se parecem muito' : 'têm algo em comum'
    return [`os dois ${alike}${shared}`, `ambos ${alike}${shared}`, `os dois produtos ${alike}${shared}`]
  }
  const product = it(statement)
  const alike = isMuch ? 'se parece muito com' : 'tem algo em comum com'
  return [
    `${product} ${alike} ${purchasePhrase(purchase)}${shared}`,
    how === ''
      ? `${product} ${alike} ${purchasePhrase(purchase)}`
      : `${how}, ${product} ${alike} ${purchasePhrase(purchase)}`,
    `${purchaseClause(purchase)}, e ${product} ${alike} ele${shared}`,
  ]
}

const SAME = { category: 'da mesma categoria', seller: 'do mesmo vendedor' } as const
const SIMILAR = { price: 'preço', weight: 'peso', size: 'tamanho' } as const

/** For example “…, da mesma categoria e com preço e peso parecidos”. */
function positions({ same, label, similar }: InCommon): string {
  const had = propertiesOf(label, similar)
  return lists.format([
    ...same.map((topic) => SAME[topic]),
    ...(had.length > 0 ? [`com ${lists.format(had)}`] : []),
  ])
}

/** For example “…, por ser da mesma categoria e ter preço parecido”. */
function properties({ same, label, similar }: InCommon, isPlural: boolean): string {
  const had = propertiesOf(label, similar)
  const [be, have] = isPlural ? ['serem', 'terem'] : ['ser', 'ter']
  const parts = [
    ...(same.length > 0 ? [`${be} ${lists.format(same.map((topic) => SAME[topic]))}`] : []),
    ...(had.length > 0 ? [`${have} ${lists.format(had)}`] : []),
  ]
  return parts.length === 0 ? '' : `por ${lists.format(parts)}`
}

function propertiesOf(label: InCommon['label'], similar: InCommon['similar']): string[] {
  return [...(label ? [equal(label)] : []), ...(similar.length > 0 ? [alikeIn(similar)] : [])]
}

/** The gender of a column's name is not known: “igual” agrees with both. */
const equal = ({ column, value }: NonNullable<InCommon['label']>) => `${column} igual (${value})`

const alikeIn = (similar: InCommon['similar']) =>
  `${lists.format(similar.map((topic) => SIMILAR[topic]))} ${similar.length > 1 ? 'parecidos' : 'parecido'}`

function boughtTogether(statement: Statement): string[] {
  const { purchase, count } = statement
  const isSingle = count === 1
  const others = isSingle ? 'outro cliente' : counted(count, 'outros clientes')
  const [chose, bought] = isSingle ? ['escolheu', 'comprou'] : ['escolheram', 'compraram']
  if (purchase === null) {
    return [
      `${others} ${chose} os dois`,
      `${others} ${bought} os dois`,
      `os dois foram escolhidos por ${others}`,
    ]
  }
  const these = `${others} que${whoChose(purchase, chose)}`
  return [
    `${these} também ${chose} ${it(statement)}`,
    `${others} ${bought} tanto ${purchasePhrase(purchase)} quanto ${it(statement)}`,
    `${thing(statement)} também foi escolhido por ${these}`,
  ]
}

/** For example “…, como você em março de 2018, escolheram o produto “Lamp””. */
function whoChose(purchase: NamedPurchase, chose: string): string {
  if (purchase.action === 'LOOKED_AT') return ` ${chose} ${purchasePhrase(purchase)}`
  const same = purchase.name === null ? 'mesmo ' : ''
  return `, como você${inMonth(purchase.purchasedAt)}, ${chose} o ${same}produto${which(purchase)}`
}

function sameOrder(statement: Statement): string[] {
  const { purchase, count } = statement
  const isSingle = count === 1
  const orders = isSingle ? 'um pedido' : counted(count, 'pedidos')
  const included = isSingle ? 'incluiu' : 'incluíram'
  if (purchase === null) {
    return [
      `os dois foram comprados juntos em ${orders}`,
      `${orders} ${included} os dois`,
      `em ${orders}, os dois foram comprados juntos`,
    ]
  }
  return [
    `${it(statement)} e ${purchasePhrase(purchase)} foram comprados juntos em ${orders}`,
    `${orders} ${included} ${it(statement)} e ${purchasePhrase(purchase)}`,
    `em ${orders}, ${thing(statement)} foi comprado com ${purchasePhrase(purchase)}`,
  ]
}

function popularIn(there: string, statement: Statement): string[] {
  const { purchase, sales, isSalesOnly } = statement
  const product = it(statement)
  if (sales !== null && isSalesOnly) return wereSold(sales, statement)
  const andSold = sales ? `, e ${sold(sales)}` : ''
  if (purchase === null) {
    return [
      `${product} também é ${there}${andSold}`,
      `${product} é igualmente ${there}${andSold}`,
      `os dois são ${there}${sales ? `, e ${product} ${sold(sales)}` : ''}`,
    ]
  }
  return [
    `${product} é ${there} que ${purchasePhrase(purchase)}${andSold}`,
    `${purchaseClause(purchase)}, e ${product}${sales ? `, que ${sold(sales)},` : ''} é ${there}`,
    sales
      ? `${there} que ${purchasePhrase(purchase)}, ${product} ${sold(sales)}`
      : `${product} e ${purchasePhrase(purchase)} são ${there}`,
  ]
}

function popular(statement: Statement): string[] {
  const { sales } = statement
  if (sales === null) throw new Error('a reason of kind POPULAR has no sales')
  const [first, ...rest] = wereSold(sales, statement)
  if (!sales.isMuch) return [first, ...rest]
  const also = statement.isFirst ? '' : 'também '
  return [`${it(statement)} ${also}vendeu bem, com ${units(sales.units)}${window(sales)}`, ...rest]
}

function wereSold(sales: SalesStatement, statement: Statement): string[] {
  const product = it(statement)
  const when = window(sales).trimStart()
  const were = isOne(sales.units) ? 'foi vendida' : 'foram vendidas'
  return [
    `${product} ${sold(sales)}`,
    `${were} ${units(sales.units)} ${of(product)}${window(sales)}`,
    when === '' ? `${product} ${sold(sales)}` : `${when}, ${product} vendeu ${units(sales.units)}`,
  ]
}

function boughtBefore(statement: Statement): string[] {
  const { action = 'CHOSEN', quantity = 1, purchasedAt = null } = statement.purchase ?? {}
  const product = it(statement)
  if (purchasedAt === null) {
    const [did] = ACTIONS[action]
    return [`você já ${did} ${product}`, `você ${did} ${product} antes`, `você já ${did} ${product} antes`]
  }
  const month = months.format(purchasedAt)
  const last = `você comprou ${product} pela última vez em ${month}`
  return numbers.format(quantity) === '1'
    ? [`você comprou ${product} em ${month}`, `você já comprou ${product} antes, em ${month}`, last]
    : [
        `você já comprou ${units(quantity)} ${of(product)}, a última em ${month}`,
        `você comprou ${units(quantity)} ${of(product)}, pela última vez em ${month}`,
        last,
      ]
}

/** What was viewed or put into the cart. It was not bought. */
function ofInterest(statement: Statement): string[] {
  const { purchase, isItself } = statement
  if (purchase === null) throw new Error('a reason of interest has no product')
  const product = it(statement)
  if (!isItself) {
    return [
      `${product} tem relação com ${purchasePhrase(purchase)}`,
      `${purchaseClause(purchase)}, e ${product} tem relação com ele`,
      `${purchasePhrase(purchase)} e ${product} têm relação`,
    ]
  }
  const [verb, ...place] = ACTIONS[purchase.action]
  const did = `você ${[verb, product, ...place].join(' ')}`
  const done = purchase.action === 'VIEWED' ? 'visto' : 'colocado no carrinho'
  const when = onDay(purchase)
  return [`${did}${when}`, `${when.trimStart()}, ${did}`, `${thing(statement)} foi ${done} por você${when}`]
}

/** “Pine Desk”, or a phrase for a product without a name. */
function named({ name, category }: NamedProduct): string {
  if (name !== null) return `“${name}”`
  return category === null ? 'este produto' : `este produto da categoria “${category}”`
}

/** The recommended product. */
const it = ({ product }: Statement) => (product ? named(product) : 'este produto')

/** The recommended product if another word agrees with it: “produto” is masculine, whatever the gender of its name. */
function thing({ product }: Statement): string {
  return product?.name == null ? it({ product } as Statement) : `o produto “${product.name}”`
}

/** A product of the history: “o produto “Pine Desk” que você comprou em março de 2018”. */
function purchasePhrase(purchase: NamedPurchase, who = 'você '): string {
  return `o produto${which(purchase)} que ${who}${ACTIONS[purchase.action].join(' ')}${whenOf(purchase)}`
}

/** The same as a clause: “você comprou o produto “Pine Desk” em março de 2018”. */
function purchaseClause(purchase: NamedPurchase): string {
  const article = purchase.name === null ? 'um' : 'o'
  const [verb, ...place] = ACTIONS[purchase.action]
  const what = `${article} produto${which(purchase)}`
  return `você ${[verb, what, ...place].join(' ')}${whenOf(purchase)}`
}

function which({ name, category }: NamedProduct): string {
  if (name !== null) return ` “${name}”`
  return category === null ? '' : ` da categoria “${category}”`
}

/** A verb, and what follows its object. */
const ACTIONS = {
  BOUGHT: ['comprou'],
  CHOSEN: ['escolheu'],
  LOOKED_AT: ['está vendo'],
  VIEWED: ['viu'],
  PUT_INTO_CART: ['colocou', 'no carrinho'],
} as const

const of = (product: string) => (product.startsWith('este') ? `d${product}` : `de ${product}`)

const whenOf = (purchase: NamedPurchase) => inMonth(purchase.purchasedAt) + onDay(purchase)

const onDay = ({ interestAt }: NamedPurchase) => (interestAt === undefined ? '' : ` em ${day(interestAt)}`)

const inMonth = (time: number | null) => (time === null ? '' : ` em ${months.format(time)}`)

/** The first of a month is an ordinal: “1º de março de 2018”. */
const day = (time: number) => days.format(time).replace(/^1 /, '1º ')

/** In Portuguese 1.5 is singular, too. */
const isOne = (count: Count) => count !== 'few' && plurals.select(count) === 'one'

function counted(count: Count, things: string): string {
  return count === 'few' ? `alguns ${things}` : `${numbers.format(count)} ${things}`
}

function units(count: Count): string {
  if (count === 'few') return 'algumas unidades'
  return counted(count, isOne(count) ? 'unidade' : 'unidades')
}

const sold = (sales: SalesStatement) => `vendeu ${units(sales.units)}${window(sales)}`

/** The dates of a count: the text may be stored, and read much later. */
function window({ days: most, since, until }: SalesStatement): string {
  if (until === null) return ''
  if (most === null || since === null) return ` até ${day(until)}`
  if (until - since === most * DAY) {
    return ` nos ${counted(most, most === 1 ? 'dia' : 'dias')} até ${day(until)}`
  }
  return ` entre ${day(since)} e ${day(until)}`
}
