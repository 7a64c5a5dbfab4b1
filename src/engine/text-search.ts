import type { StringColumn } from '../data/ids.ts'
import { Work } from '../kernels/work.ts'
import type { CustomerSide, ItemSide, Model } from '../model/model.ts'
import type { TextDocument, TextMatch } from '../store/text-index.ts'
import { TextIndex } from '../store/text-index.ts'
import type { Page } from './page.ts'
import { limitOf, pageOf } from './page.ts'
import type { ProductSet } from './product-set.ts'
import { isIn } from './product-set.ts'

export interface ProductSearch extends Page {
  /** Only these; null, and the default: all. */
  readonly eligible?: ProductSet | null
}

export interface FoundProduct {
  /** 1 for the best of all, whatever page it stands on. */
  readonly rank: number
  readonly product: number
  /** By which it is ranked (BM25, above 0); null of the product whose SKU was asked for: it leads. */
  readonly score: number | null
}

export interface FoundCustomer {
  /** As of a product. */
  readonly rank: number
  readonly customer: number
}

/** A page of what was found, and whether more would follow. */
export interface Found<Item> {
  readonly items: readonly Item[]
  readonly hasMore: boolean
}

/** What a word counts in a product's name, its category, its SKU, and its other labels. */
const WEIGHTS = [10, 4, 1, 1]

/**
 * Finds products and customers by text. Whatever index that takes is made at the first search, in slices of some
 * milliseconds that let other requests through.
 */
export class TextSearch {
  readonly #model: Model
  #products: Promise<ProductIndex> | undefined
  #segments: Promise<TextIndex> | undefined
  #customerIds: ReturnType<typeof idSearch> | undefined

  constructor(model: Model) {
    this.#model = model
  }

  /**
   * The products that hold all words of a text in name, category, SKU and other labels taken together; the last word
   * may be a beginning. First the product whose SKU the text is, then by BM25, ties to those that sell more.
   * @throws {RangeError} unless `first` and `offset` are whole numbers of at least 0
   */
  async products(
    text: string,
    { eligible = null, ...page }: ProductSearch,
    work: Work = new Work(),
  ): Promise<Found<FoundProduct>> {
    const limit = limitOf(page, this.#model.products.size)
    const { index, bestSold } = await (this.#products ??= productIndex(this.#model).catch(
      forget(() => (this.#products = undefined)),
    ))
    const named = this.#model.products.indexOf(text.trim())
    const isNamed = named >= 0 && limit > 0 && isIn(eligible, named)
    const isOther = (id: number) => bestSold[id] !== named && isIn(eligible, bestSold[id])
    const others = await index.search(text, limit, isOther, work)
    const ranking = [
      ...(isNamed ? [{ rank: 1, product: named, score: null }] : []),
      ...others.map(({ id, score }, place) => ({
        rank: place + 1 + Number(isNamed),
        product: bestSold[id],
        score,
      })),
    ]
    return found(ranking, page)
  }

  /**
   * The customers whose id is, begins with, or (from three characters on) holds a text, in this order; then those of
   * the segments whose name holds all its words. The order is otherwise the model's.
   * @throws {RangeError} as `products`
   */
  async customers(text: string, page: Page, work: Work = new Work()): Promise<Found<FoundCustomer>> {
    const limit = limitOf(page, this.#model.customers.size)
    const segments = await (this.#segments ??= segmentIndex(this.#model).catch(
      forget(() => (this.#segments = undefined)),
    ))
    const customers = new Set<number>()
    const named = await segments.search(text, this.#model.segments.labels.length, undefined, work)
    const matching = this.#matching(text.trim(), named)
    for (let hasMore = true; hasMore; ) {
      const turn = work.pause()
      if (turn) await turn
      hasMore = work.time(() => {
        while (customers.size < limit) {
          const { done, value } = matching.next()
          if (done) return false
          if (value === PIECE_DONE) return true
          customers.add(value)
        }
        return false
      })
    }
    const ranking = Array.from(customers, (customer, place) => ({ rank: place + 1, customer }))
    return found(ranking, page)
  }

  /** Gives back the memory; no search may be under way or follow. */
  async close(): Promise<void> {
    const [products, segments] = await Promise.allSettled([this.#products, this.#segments])
    if (products.status === 'fulfilled') products.value?.index.close()
    if (segments.status === 'fulfilled') segments.value?.close()
  }

  /** Customers, some of them more than once, and PIECE_DONE now and then. */
  *#matching(text: string, named: readonly TextMatch[]): Generator<number> {
    const { customers, segments } = this.#model
    const itself = customers.indexOf(text)
    if (itself >= 0) yield itself
    this.#customerIds ??= idSearch(customers)
    yield* this.#customerIds(text)
    for (const { id: segment } of named) {
      for (let i = 0; i < customers.size; i++) {
        if (segments.codes[i] === segment) yield i
        if (i % PIECE === 0) yield PIECE_DONE
      }
    }
  }
}

/** An index that could not be made is tried again at the next search. */
function forget(clear: () => void): (cause: unknown) => never {
  return (cause) => {
    clear()
    throw cause
  }
}

interface ProductIndex {
  readonly index: TextIndex
  /** The product of each document: that which sells most is document 0, so that it wins ties. */
  readonly bestSold: Uint32Array
}

async function productIndex(model: ItemSide): Promise<ProductIndex> {
  const { products, baskets } = model
  const bestSold = Uint32Array.from({ length: products.size }, (_, product) => product)
  bestSold.sort((a, b) => baskets.orders[b] - baskets.orders[a] || a - b)
  return { index: await TextIndex.of(WEIGHTS, documents(model, bestSold)), bestSold }
}

function* documents(
  { products, productNames, category, contentColumns }: ItemSide,
  bestSold: Uint32Array,
): Generator<TextDocument> {
  const others = contentColumns.categorical.filter(({ name }) => name !== category.name)
  for (const [id, product] of bestSold.entries()) {
    const labels = others.map((column) => column.labels[column.codes[product]] ?? '')
    const name = productNames?.at(product) ?? ''
    const shelf = category.labels[category.codes[product]] ?? ''
    yield [id, name, shelf, products.at(product), labels.join(' ')]
  }
}

function segmentIndex({ segments }: CustomerSide): Promise<TextIndex> {
  return TextIndex.of(
    [1],
    segments.labels.map((name, segment) => [segment, name] as const),
  )
}

function found<Item>(ranking: readonly Item[], page: Page): Found<Item> {
  const { page: items, hasMore } = pageOf(ranking, page)
  return { items, hasMore }
}

/** Ids that are looked at in one piece: some 25 ns each. */
export const PIECE = 20_000

/** What a search yields when a piece is done: no id. */
export const PIECE_DONE = -1

/** Shorter texts are found at the beginning of ids alone: further in they say too little. */
const LEAST_WITHIN = 3

/**
 * Ids by a part of them: those that begin with a text, then those that hold it further in, each in the order of the
 * table. Letters a to z are found in either case. Nothing is indexed: a look at all ids takes some 25 ns each, and
 * `ids` are held once more, in lower case.
 */
export function idSearch(ids: StringColumn): (text: string) => Generator<number> {
  const { offsets, size } = ids
  const bytes = lowerCase(ids.bytes)

  function* beginning(part: Buffer): Generator<number> {
    for (let id = 0; id < size; id++) {
      const start = offsets[id]
      let same = 0
      while (same < part.length && bytes[start + same] === part[same]) same++
      if (same === part.length && start + same <= offsets[id + 1]) yield id
      if (id % PIECE === 0) yield PIECE_DONE
    }
  }

  function* further(part: Buffer): Generator<number> {
    let id = 0
    let at = bytes.indexOf(part)
    while (at >= 0) {
      while (offsets[id + 1] <= at) id++
      const next = offsets[id + 1]
      if (at > offsets[id] && at + part.length <= next) yield id
      at = bytes.indexOf(part, next)
    }
  }

  return function* matching(text) {
    const part = lowerCase(Buffer.from(text))
    if (part.length === 0) return
    yield* beginning(part)
    if (part.length >= LEAST_WITHIN) yield* further(part)
  }
}

function lowerCase(text: Uint8Array): Buffer {
  const copy = Buffer.from(text)
  for (let at = 0; at < copy.length; at++) if (copy[at] >= 65 && copy[at] <= 90) copy[at] += 32
  return copy
}
