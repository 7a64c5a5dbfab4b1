import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BROWSING } from '../browsing.ts'
import { csvLine } from '../csv-line.ts'
import { OLIST } from '../olist-schema.ts'
import { CLOSING, type Order } from './customer.ts'
import type { Dice } from './dice.ts'
import type { Stock } from './stock.ts'
import { DAY } from '../ranges.ts'

const SELLERS = 'olist_sellers_dataset.csv'
const PLACES = [
  ['01310', 'sao paulo', 'SP'],
  ['20040', 'rio de janeiro', 'RJ'],
  ['30130', 'belo horizonte', 'MG'],
  ['80010', 'curitiba', 'PR'],
  ['40020', 'salvador', 'BA'],
  ['50030', 'recife', 'PE'],
] as const

/** Olist's headers, its spelling of length included; and that of views and cart entries. */
const HEADERS: Readonly<Record<string, string>> = {
  [OLIST.customers.file]:
    'customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state',
  [OLIST.orders.file]:
    'order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,' +
    'order_delivered_customer_date,order_estimated_delivery_date',
  [OLIST.items.file]: 'order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value',
  [OLIST.reviews.file]: 'review_id,order_id,review_score,review_creation_date',
  [OLIST.translation.file]: 'product_category_name,product_category_name_english',
  [OLIST.products.file]:
    'product_id,product_category_name,product_name_lenght,product_description_lenght,product_photos_qty,' +
    'product_weight_g,product_length_cm,product_height_cm,product_width_cm,product_name',
  [BROWSING.file]: 'session_id,customer_id,visitor_id,product_id,kind,timestamp',
  [SELLERS]: 'seller_id,seller_zip_code_prefix,seller_city,seller_state',
}

/** The names of all files. */
export const SHOP_FILES: readonly string[] = Object.keys(HEADERS)

/** The header of every file. */
export function addHeaders(folder: CsvFolder): void {
  for (const [file, header] of Object.entries(HEADERS)) folder.add(file, header.split(','))
}

/** The products, their categories, and who sells them. */
export function addStock(folder: CsvFolder, stock: Stock, dice: Dice): void {
  const categories = new Set(stock.products.map(({ category }) => category))
  for (const { portuguese, english } of categories) folder.add(OLIST.translation.file, [portuguese, english])
  for (let seller = 0; seller < stock.sellers; seller++)
    folder.add(SELLERS, [sellerId(seller), ...dice.pick(PLACES)])
  for (const product of stock.products) {
    folder.add(OLIST.products.file, [
      product.sku,
      product.category.portuguese,
      product.name.length,
      dice.between(100, 2000),
      product.photos,
      product.grams,
      product.lengthCm,
      product.heightCm,
      product.widthCm,
      product.name,
    ])
  }
}

/** The files' rows of customers and their orders, numbered as they come. */
export class Sales {
  readonly #folder: CsvFolder
  readonly #stock: Stock
  readonly #dice: Dice
  #customers = 0
  #orders = 0

  constructor(folder: CsvFolder, stock: Stock, dice: Dice) {
    this.#folder = folder
    this.#stock = stock
    this.#dice = dice
  }

  /** Olist's customer_id is one for each order; who never ordered has one all the same. */
  addCustomer(orders: readonly Order[]): void {
    const person = `customer-${++this.#customers}`
    const place = this.#dice.pick(PLACES)
    for (let visit = 1; visit <= Math.max(1, orders.length); visit++) {
      this.#folder.add(OLIST.customers.file, [`${person}-${visit}`, person, ...place])
    }
    for (const [i, order] of orders.entries()) this.#addOrder(`${person}-${i + 1}`, order)
  }

  #addOrder(customer: string, { purchased, delivered, promised, products, score }: Order): void {
    const id = `order-${++this.#orders}`
    const arrived = delivered < CLOSING
    this.#folder.add(OLIST.orders.file, [
      id,
      customer,
      arrived ? 'delivered' : 'shipped',
      dateTime(purchased),
      dateTime(purchased + 600_000),
      dateTime(purchased + DAY),
      arrived ? dateTime(delivered) : undefined,
      dateTime(promised),
    ])
    for (const [i, product] of products.entries()) {
      const { sku, seller, price, grams } = this.#stock.products[product]
      const freight = (5 + grams / 1000).toFixed(2)
      const limit = dateTime(purchased + 4 * DAY)
      this.#folder.add(OLIST.items.file, [id, i + 1, sku, sellerId(seller), limit, price.toFixed(2), freight])
    }
    if (arrived && score !== undefined) {
      this.#folder.add(OLIST.reviews.file, [`review-${this.#orders}`, id, score, dateTime(delivered + DAY)])
    }
  }
}

function sellerId(seller: number): string {
  return `seller-${seller + 1}`
}

/** A time in Olist's format: 2018-02-28 23:59:59. */
export function dateTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ')
}

type Fields = readonly (string | number | undefined)[]

/** CSV files that grow together: lines wait in memory until they are flushed. */
export class CsvFolder {
  readonly #folder: string
  readonly #pending = new Map<string, string>()

  constructor(folder: string) {
    this.#folder = folder
  }

  add(file: string, fields: Fields): void {
    this.#pending.set(file, `${this.#pending.get(file) ?? ''}${csvLine(fields)}\n`)
  }

  async flush(): Promise<void> {
    for (const [file, lines] of this.#pending) await appendFile(join(this.#folder, file), lines)
    this.#pending.clear()
  }
}
