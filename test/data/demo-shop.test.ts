import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { generateShop, type ShopOptions } from '../../src/data/demo-shop.ts'
import { sessionsOf } from '../../src/data/browsing.ts'
import { readDataset } from '../../src/data/read.ts'
import { failureOf, folderOf } from './folders.ts'

const SMALL = { customers: 50, products: 40, seed: 1 }

async function generate(options: Partial<ShopOptions> = {}): Promise<string> {
  const directory = options.directory ?? join(await folderOf(), 'shop')
  await generateShop({ ...SMALL, directory, ...options })
  return directory
}

/** Every file of a folder, by name. */
async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort()
  const texts = await Promise.all(
    names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]),
  )
  return Object.fromEntries(texts)
}

const dayOf = (time: number) => Math.floor(time / 86_400_000)

function rows(text: string): number {
  return text.trimEnd().split('\n').length - 1
}

describe('A made-up shop', () => {
  test('is the same to the byte for a seed, and another for another seed', async () => {
    const [one, same, other] = await Promise.all(
      [1, 1, 2].map(async (seed) => contents(await generate({ seed, customers: 1500 }))),
    )
    expect(same).toEqual(one)
    expect(other['olist_order_items_dataset.csv']).not.toBe(one['olist_order_items_dataset.csv'])
  })

  test('reads as Olist’s data, row for row', async () => {
    const folder = await generate({ customers: 300 })
    const files = await contents(folder)
    const dataset = await readDataset(folder)
    expect(dataset.adapter).toBe('olist')
    expect(dataset.customers.size).toBe(300)
    expect(dataset.products.size).toBe(40)
    expect(dataset.interactions.count).toBe(rows(files['olist_order_items_dataset.csv']))
    expect(dataset.orders.count).toBe(rows(files['olist_orders_dataset.csv']))
    const scores = [...(dataset.orders.reviewScore ?? [])].filter((score) => !Number.isNaN(score))
    expect(scores.length).toBe(rows(files['olist_order_reviews_dataset.csv']))
    expect(dataset.productNames?.at(0)).toBe('Walnut desk lamp')
    expect(dataset.category.labels[0]).toBe('Lighting')
    expect(dataset.category.untranslated).toEqual([])
  })

  test('names every product differently, also when there are many', async () => {
    const { products, productNames } = await readDataset(await generate({ products: 10_000 }))
    const names = Array.from({ length: products.size }, (_, product) => productNames?.at(product))
    expect(new Set(names).size).toBe(10_000)
  })

  test('has visits that tell how they go on, and carts that hold what is ordered', async () => {
    const dataset = await readDataset(await generate({ customers: 300, products: 240 }))
    const { browsing, products, category, interactions, orders, customers } = dataset
    const codeOf = (product: number) => category.codes[products.indexOf(browsing!.products.at(product))]
    let [steps, alike] = [0, 0]
    const carts = new Set<string>()
    for (const { customer, events } of sessionsOf(browsing!)) {
      events.forEach(({ product, kind, at }, i) => {
        if (kind === 'CART') carts.add(`${customer} ${browsing!.products.at(product)} ${dayOf(at)}`)
        if (i === 0 || product === events[i - 1].product) return
        steps++
        if (codeOf(product) === codeOf(events[i - 1].product)) alike++
      })
    }
    // By chance one step in 24 would stay in its category.
    expect(alike / steps).toBeGreaterThan(0.3)
    const inCart = interactions.order.reduce((count, order, i) => {
      const who = customers.at(interactions.customer[i])
      const sku = products.at(interactions.product[i])
      return count + Number(carts.has(`${who} ${sku} ${dayOf(orders.timestamp[order])}`))
    }, 0)
    // Four visits of five before an order are recorded; few begin on the day before.
    expect(inCart / interactions.count).toBeGreaterThan(0.7)
  })

  test('may be as small as one customer and one product', async () => {
    const dataset = await readDataset(await generate({ customers: 1, products: 1 }))
    expect([dataset.customers.size, dataset.products.size]).toEqual([1, 1])
    expect(dataset.interactions.count).toBeGreaterThan(0)
  })

  test('takes the place of an earlier one, or of an empty folder', async () => {
    const directory = await folderOf()
    await generate({ directory })
    const first = await contents(directory)
    await generate({ directory, seed: 2 })
    expect(await contents(directory)).not.toEqual(first)
  })

  test('does not take the place of anything else', async () => {
    const files = { 'precious.txt': 'mine' }
    const directory = await folderOf(files)
    const error = await failureOf(generate({ directory }))
    expect(error).toMatchObject({ name: 'DataError', file: directory })
    expect(error.message).toContain('is not empty, and not a made-up shop')
    expect(await contents(directory)).toEqual(files)

    const file = join(directory, 'precious.txt')
    expect((await failureOf(generate({ directory: file }))).message).toContain('is a file, not a folder')
  })

  test('makes the folders that lead to it', async () => {
    const directory = join(await folderOf(), 'a', 'b', 'shop')
    expect(await readdir(await generate({ directory }))).toContain('olist_orders_dataset.csv')
  })

  test('leaves nothing behind when it is aborted half-way, and what was there before in its place', async () => {
    const parent = await folderOf()
    const directory = join(parent, 'shop')
    await generate({ directory })
    const before = await contents(directory)
    const abort = new AbortController()
    const reason = new Error('enough')
    const timer = setTimeout(() => abort.abort(reason), 200)
    onTestFinished(() => clearTimeout(timer))
    await expect(generate({ directory, customers: 10_000_000, signal: abort.signal })).rejects.toBe(reason)
    expect(await readdir(parent)).toEqual(['shop'])
    expect(await contents(directory)).toEqual(before)
  })

  test('leaves nothing behind when it cannot be written', async () => {
    const parent = await folderOf({ file: '' })
    await expect(generate({ directory: join(parent, 'file', 'shop') })).rejects.toThrow(
      'is a file, not a folder',
    )
    expect(await readdir(parent)).toEqual(['file'])
  })

  test.each([{ customers: 0 }, { products: 1.5 }, { seed: -1 }, { seed: 2 ** 32 }])(
    'refuses %o',
    async (numbers) => {
      const name = Object.keys(numbers)[0]
      await expect(generate(numbers)).rejects.toThrow(`${name} must be a whole number`)
    },
  )
})

describe('In a made-up shop there is to be found', () => {
  let shop: Dataset
  /** By interaction. */
  let categories: Int32Array

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rationale-shop-'))
    await generateShop({ directory, customers: 3000, products: 600, seed: 1 })
    shop = await readDataset(directory)
    await rm(directory, { recursive: true })
    categories = Int32Array.from(shop.interactions.product, (product) => shop.category.codes[product])
  })

  /** Of what is sold in a month, the share of one category. */
  function shareOf(label: string, month: number): number {
    const ofMonth = [...categories.keys()].filter(
      (i) => new Date(shop.orders.timestamp[shop.interactions.order[i]]).getUTCMonth() === month,
    )
    return ofMonth.filter((i) => shop.category.labels[categories[i]] === label).length / ofMonth.length
  }

  function meanScore(late: boolean): number {
    const { reviewScore = [], deliveryDelayDays = [] } = shop.orders
    const scores = [...reviewScore].filter(
      (score, i) => !Number.isNaN(score) && deliveryDelayDays[i] > 0 === late,
    )
    return scores.reduce((sum, score) => sum + score, 0) / scores.length
  }

  test('taste: what one customer buys twice running is of one category far more often than by chance', () => {
    const { customer, order } = shop.interactions
    const last = new Map<number, { order: number; category: number }>()
    const counts = new Float64Array(shop.category.labels.length)
    let pairs = 0
    let same = 0
    for (let i = 0; i < shop.interactions.count; i++) {
      counts[categories[i]]++
      const before = last.get(customer[i])
      if (before !== undefined && before.order !== order[i]) {
        pairs++
        if (before.category === categories[i]) same++
      }
      last.set(customer[i], { order: order[i], category: categories[i] })
    }
    const chance = counts.reduce((sum, count) => sum + (count / shop.interactions.count) ** 2, 0)
    expect(same / pairs).toBeGreaterThan(2.5 * chance)
  })

  test('companions: in one order, a bestseller goes with the bestseller of the next category', () => {
    const companions = new Map<string, Map<string, number>>()
    const baskets = Object.values(
      Object.groupBy(shop.interactions.product.keys(), (i) => shop.interactions.order[i]),
    ) as number[][]
    for (const basket of baskets) {
      const skus = [...new Set(basket.map((i) => shop.products.at(shop.interactions.product[i])))]
      for (const one of skus) {
        for (const other of skus) {
          if (one === other) continue
          const counts = companions.get(one) ?? new Map<string, number>()
          companions.set(one, counts.set(other, (counts.get(other) ?? 0) + 1))
        }
      }
    }
    const best = (sku: string) => [...(companions.get(sku) ?? [])].sort((a, b) => b[1] - a[1])[0][0]
    expect(['lighting-001', 'furniture-001', 'home-decor-001']).toContain(best('lighting-001'))
    expect(['dogs-001', 'cats-001', 'small-pets-001']).toContain(best('cats-001'))
    expect(['skin-care-002', 'hair-care-002', 'bath-002']).toContain(best('bath-002'))
  })

  test('repeat purchases: a customer of many orders often buys a product again', () => {
    const { customer, product, order, count } = shop.interactions
    const orderOf = new Map<string, number>()
    const again = new Set<number>()
    for (let i = 0; i < count; i++) {
      const key = `${customer[i]} ${product[i]}`
      if ((orderOf.get(key) ?? order[i]) !== order[i]) again.add(customer[i])
      orderOf.set(key, order[i])
    }
    const orders = new Uint32Array(shop.customers.size)
    for (const buyer of shop.orders.customer) orders[buyer]++
    const frequent = [...orders.keys()].filter((buyer) => orders[buyer] >= 6)
    expect(frequent.filter((buyer) => again.has(buyer)).length / frequent.length).toBeGreaterThan(0.8)
  })

  test('seasons: garden tools sell in May, toys in December', () => {
    expect(shareOf('Garden tools', 4)).toBeGreaterThan(2 * shareOf('Garden tools', 10))
    expect(shareOf('Toys', 11)).toBeGreaterThan(2 * shareOf('Toys', 4))
  })

  test('popularity: a tenth of the products makes more than a third of the sales', () => {
    const sales = new Uint32Array(shop.products.size)
    for (const product of shop.interactions.product) sales[product]++
    const top = sales.toSorted((a, b) => b - a).slice(0, sales.length / 10)
    expect(top.reduce((sum, count) => sum + count, 0) / shop.interactions.count).toBeGreaterThan(1 / 3)
  })

  test('disappointment: orders that came late are reviewed worse by two points', () => {
    expect(meanScore(false) - meanScore(true)).toBeGreaterThan(2)
  })

  test('most customers with one to three orders, some with many, a few with none', () => {
    const orders = new Uint32Array(shop.customers.size)
    for (const buyer of shop.orders.customer) orders[buyer]++
    const share = (from: number, to: number) =>
      orders.filter((count) => count >= from && count <= to).length / orders.length
    expect(share(1, 3)).toBeGreaterThan(0.6)
    expect(share(5, 12)).toBeGreaterThan(0.1)
    expect(share(0, 0)).toBeGreaterThan(0)
    expect(share(0, 0)).toBeLessThan(0.03)
  })
})
