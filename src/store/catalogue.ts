/** The shop's catalogue as it is now: what a product is called, costs and looks like, and which were removed. */
import { LEAST_PRICE, MOST_PRICE } from '../data/ranges.ts'
import { idProblem } from './event.ts'

/** Something that the shop says of a product, in its own words. */
export interface ProductAttribute {
  readonly name: string
  readonly value: string
}

/** What the shop says of a product; null: nothing. */
export interface ProductStatement {
  readonly name: string | null
  readonly category: string | null
  /** The shop's own id of the seller. */
  readonly seller: string | null
  /** Of one unit, in `currency`. */
  readonly price: number | null
  /** ISO 4217, such as EUR. */
  readonly currency: string | null
  readonly imageUrl: string | null
  readonly url: string | null
  /** In the shop's order, each name once. */
  readonly attributes: readonly ProductAttribute[]
}

/** A product of the catalogue. */
export interface CatalogueProduct extends ProductStatement {
  readonly sku: string
  /** Whether it was removed: no list may hold it. What is said of it is kept. */
  readonly removed: boolean
  /** The revision of the catalogue in which it last changed. */
  readonly revision: number
}

/** A product with its place among all, by which training numbers them. */
export interface PlacedProduct extends CatalogueProduct {
  readonly place: number
}

/** A new product, or a change of one. Fields left out, or undefined, stay as they are; null clears one. */
export type ProductChange = { readonly sku: string } & {
  readonly [Field in keyof ProductStatement]?: ProductStatement[Field] | null | undefined
}

/** How products are written. */
export interface UpsertOptions {
  /** Whether products that were removed stay removed. Default: false, they are sold again. */
  readonly keepRemoved?: boolean
  /**
   * The place of the first product among all, the others following; training numbers products in this order. Default: new
   * products come last, and others stay where they are.
   */
  readonly firstPlace?: number
  /** Who writes them, for the audit log. Default: it is not recorded. */
  readonly by?: string
}

/** What became of a change. */
export interface CatalogueChange {
  /** How many products changed, or were new. */
  readonly changed: number
  /** The revision of the catalogue after it. */
  readonly revision: number
}

/**
 * The catalogue, by the shop's own ids. It has a revision, a whole number that only grows, by each call that changes
 * anything; 0: nothing was ever written.
 *
 * All methods throw StoreError if the store cannot be read or written; a write has then changed nothing.
 */
export interface CatalogueStore {
  /**
   * Adds products, or changes them: all or none; changes of the same product in their order. When it resolves they are on
   * the disk, and the next read sees them.
   * @throws {InvalidProductsError} naming every invalid product
   */
  upsert(products: readonly ProductChange[], options?: UpsertOptions): Promise<CatalogueChange>
  /**
   * Marks products as removed, all or none; one that the catalogue does not hold is added as removed, since a model may
   * know it.
   * @param by  who removes them, for the audit log. Default: it is not recorded
   * @throws {InvalidProductsError} naming every SKU that cannot be one
   */
  remove(skus: readonly string[], by?: string): Promise<CatalogueChange>
  /** What the catalogue says of each of a batch of products; undefined of those that it does not hold. */
  get(skus: readonly string[]): Promise<readonly (CatalogueProduct | undefined)[]>
  /** All products, the removed ones too, in pages: in the order of their places, then by SKU. */
  all(): AsyncIterable<readonly CatalogueProduct[]>
  /**
   * The products that have changed after a revision, the removed ones too, in pages: in the order of their changes. A
   * product that changes meanwhile may come twice, the latest last.
   */
  changedSince(revision: number): AsyncIterable<readonly PlacedProduct[]>
  /** The latest revision. */
  revision(): Promise<number>
  /** Waits for writes that have begun, and closes the store. */
  close(): Promise<void>
}

/** One thing that is wrong with a product. */
export interface ProductProblem {
  /** The place of the product among those given, from 0. */
  readonly place: number
  /** The field, and within `attributes` the index and field. */
  readonly path: readonly string[]
  /** What is wrong, and what to do: a sentence. */
  readonly message: string
}

/** Products of which some are invalid; nothing was changed. */
export class InvalidProductsError extends Error {
  override readonly name = 'InvalidProductsError'
  /** The first problem of each invalid product, in their order. */
  readonly problems: readonly ProductProblem[]

  constructor(problems: readonly ProductProblem[]) {
    const [{ place, message }] = problems
    super(
      `${problems.length === 1 ? 'One product is' : `${problems.length} products are`} invalid, so nothing was changed. ` +
        `Product ${place}: ${message}`,
    )
    this.problems = problems
  }
}

/** What is said of a product of which nothing is said. */
export const NOTHING_SAID: ProductStatement = Object.freeze({
  name: null,
  category: null,
  seller: null,
  price: null,
  currency: null,
  imageUrl: null,
  url: null,
  attributes: [],
})

/**
 * The most attributes of a product, what they come to at most, and the longest texts, in characters: an operation may ask
 * for all of many products.
 */
const MOST_ATTRIBUTES = 200
const MOST_TEXT = 20_000
const LONGEST = { name: 2000, category: 500, seller: 500, imageUrl: 2000, url: 2000 }
const LONGEST_ATTRIBUTE = { name: 500, value: MOST_TEXT }

type Problem = readonly [path: readonly string[], message: string]

/** @throws {InvalidProductsError} with a problem of each invalid product */
export function checkProducts(products: readonly ProductChange[]): void {
  const problems = products.flatMap((product, place) => {
    const found = problemOf(product)
    return found === undefined ? [] : [{ place, path: found[0], message: found[1] }]
  })
  if (problems.length > 0) throw new InvalidProductsError(problems)
}

function problemOf(product: ProductChange): Problem | undefined {
  const { sku, price, currency, attributes } = product
  const ofSku = idProblem(sku)
  if (ofSku !== undefined) return [['sku'], `"sku" cannot be an id: ${ofSku}.`]
  for (const [field, longest] of Object.entries(LONGEST)) {
    const problem = textProblem(product[field as keyof typeof LONGEST], longest)
    if (problem !== undefined) return [[field], `"${field}" cannot be stored: ${problem}.`]
  }
  if (price != null && price !== 0 && !(price >= LEAST_PRICE && price <= MOST_PRICE))
    return [['price'], `"price" is ${price}: it must be 0, or ${LEAST_PRICE} to ${MOST_PRICE}.`]
  if (currency != null && !/^[A-Z]{3}$/.test(currency))
    return [['currency'], `"currency" is ${JSON.stringify(currency)}: write its ISO 4217 code, such as EUR.`]
  for (const field of ['imageUrl', 'url'] as const) {
    const address = product[field]
    if (address != null && !isPageAddress(address))
      return [[field], `"${field}" is ${quoted(address)}: it must be an address of http or https, or a path.`]
  }
  return attributes == null ? undefined : attributesProblem(attributes)
}

function attributesProblem(attributes: readonly ProductAttribute[]): Problem | undefined {
  if (attributes.length > MOST_ATTRIBUTES) {
    const found = `"attributes" holds ${attributes.length}: at most ${MOST_ATTRIBUTES} are allowed.`
    return [['attributes'], found]
  }
  const names = new Set<string>()
  for (const [i, attribute] of attributes.entries()) {
    const at = (field: string) => ['attributes', String(i), field]
    for (const field of ['name', 'value'] as const) {
      const problem = textProblem(attribute[field], LONGEST_ATTRIBUTE[field])
      if (problem !== undefined)
        return [at(field), `"${field}" of an attribute cannot be stored: ${problem}.`]
    }
    const { name } = attribute
    if (name.trim() === '') return [at('name'), '"name" of an attribute is blank: give it one.']
    if (names.has(name)) return [at('name'), `Two attributes are named ${quoted(name)}: leave one out.`]
    names.add(name)
  }
  const length = attributes.reduce((sum, { name, value }) => sum + name.length + value.length, 0)
  if (length > MOST_TEXT)
    return [['attributes'], `"attributes" come to ${length} characters: at most ${MOST_TEXT} are allowed.`]
  return undefined
}

function textProblem(text: string | null | undefined, longest: number): string | undefined {
  if (text == null) return undefined
  if (typeof text !== 'string') return `it is a ${typeof text}, not a text`
  if (text.length > longest) return `it has ${text.length} characters; at most ${longest} are allowed`
  if (text.includes('\0')) return 'it holds a NUL character'
  return undefined
}

/** Whether a page may link to an address: `javascript:` and the like would run in it. */
function isPageAddress(address: string): boolean {
  const url = URL.parse(address, 'https://shop.invalid/')
  return url !== null && ['http:', 'https:'].includes(url.protocol)
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}

function or<Value>(value: Value | undefined, former: Value): Value {
  return value === undefined ? former : value
}

/** What is said of a product after a change. */
export function statementAfter(before: ProductStatement, change: ProductChange): ProductStatement {
  const { name, category, seller, price, currency, imageUrl, url, attributes } = change
  return {
    name: or(name, before.name),
    category: or(category, before.category),
    seller: or(seller, before.seller),
    price: or(price, before.price),
    currency: or(currency, before.currency),
    imageUrl: or(imageUrl, before.imageUrl),
    url: or(url, before.url),
    attributes: attributes === null ? [] : or(attributes, before.attributes),
  }
}
