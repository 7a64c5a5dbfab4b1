import fc from 'fast-check'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateShop } from '../../src/data/demo-shop.ts'
import { readDataset } from '../../src/data/read.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { atOnce } from '../../src/kernels/pieces.ts'
import { configure } from '../../src/model/configuration.ts'
import { measureOf } from '../../src/model/content-columns.ts'
import {
  type StatedProduct,
  statesMoreThan,
  withCatalogue,
  withCatalogueInPieces,
} from '../../src/model/extend-catalogue.ts'
import { fitModel } from '../../src/model/fit.ts'
import type { Model } from '../../src/model/model.ts'
import { importDataset } from '../../src/store/import-dataset.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { folderOf } from '../data/folders.ts'
import { temporaryFile } from '../explanations/writer.ts'
import { productsOf } from '../store/catalogue-contract.ts'

const NOTHING = { name: null, category: null, seller: null, price: null, attributes: [], removed: false }

let kernels: Kernels
let model: Model
/** The catalogue of the shop's files. */
let catalogue: readonly StatedProduct[]
beforeAll(async () => {
  const shop = join(dirname(temporaryFile('x')), 'shop')
  await generateShop({ directory: shop, customers: 150, products: 40, seed: 4 })
  const dataset = await readDataset(shop, { keepColumns: true })
  kernels = await openKernels({ threads: 1 })
  model = await fitModel(dataset, configure('default', { factors: 8, iterations: 3 }), kernels)
  const file = temporaryFile('store.sqlite')
  await importDataset(dataset, file)
  const store = openCatalogue(file)
  catalogue = await productsOf(store)
  await store.close()
})
afterAll(() => kernels.close())

/** All that the catalogue and the model say of a product, under another SKU. */
function twinOf(index: number, sku: string): StatedProduct {
  const { attributes, name, category } = catalogue[index]
  const seller = model.seller.labels[model.seller.codes[index]] ?? null
  const price = Number.isNaN(model.price[index]) ? null : model.price[index]
  return { sku, name, category, seller, price, attributes, removed: false }
}

/** At most 6 products of the model and new ones, with anything stated of them. */
function someProducts() {
  const text = fc.option(fc.constantFrom('Audio', 'x', ''), { nil: null })
  const stated = fc.record({
    sku: fc.oneof(
      fc.nat({ max: 39 }).map((i) => model.products.at(i)),
      fc.constantFrom('n1', 'n2'),
    ),
    name: text,
    category: text,
    seller: text,
    price: fc.option(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { nil: null }),
    attributes: fc.array(
      fc.record({
        name: fc.constantFrom('product_weight_g', 'z'),
        value: fc.constantFrom('7', 'x', '1e200'),
      }),
      { maxLength: 2 },
    ),
    removed: fc.boolean(),
  })
  return fc.uniqueArray(stated, { selector: ({ sku }) => sku, maxLength: 6 })
}

const contentOf = ({ content: { data, columns } }: Model, index: number) =>
  data.slice(index * columns, (index + 1) * columns)

const labelOf = ({ labels, codes }: Model['category'], index: number) => labels[codes[index]] ?? null

/** What a model holds of its first `size` products, but for those left out. */
function rowsOf(of: Model, size: number, without: ReadonlySet<number> = new Set()) {
  return Array.from({ length: size }, (_, index) => index)
    .filter((index) => !without.has(index))
    .map((index) => ({
      sku: of.products.at(index),
      name: of.productNames?.at(index),
      category: labelOf(of.category, index),
      seller: labelOf(of.seller, index),
      price: of.price[index],
      popularity: of.popularity[index],
      buyers: [of.sales.buyers[index], of.partners.users[index]],
      orders: of.baskets.orders[index],
      factors: of.itemFactors.data.slice(
        index * of.itemFactors.columns,
        (index + 1) * of.itemFactors.columns,
      ),
      content: contentOf(of, index),
      sold: of.sales.times.slice(of.sales.indptr[index], of.sales.indptr[index + 1]),
      partners: of.partners.indices.slice(of.partners.indptr[index], of.partners.indptr[index + 1]),
      together: of.baskets.together.indices.slice(
        of.baskets.together.indptr[index],
        of.baskets.together.indptr[index + 1],
      ),
    }))
}

/** A product that was sold, and whose category others have too. */
const sold = () => model.popularity.indexOf(Math.max(...model.popularity))

describe('a model with a catalogue', () => {
  test('is the model as it was where the catalogue is that of the training', () => {
    const same = withCatalogue(model, catalogue)
    expect(same).toEqual(model)
    expect(same.content).toBe(model.content)
  })

  test('holds a product that training never saw, which has the content of its twin, no factors and no sales', () => {
    const extended = withCatalogue(model, [...catalogue, twinOf(sold(), 'twin'), { sku: 'bare', ...NOTHING }])
    const size = model.products.size
    expect(rowsOf(extended, size)).toEqual(rowsOf(model, size))
    const [twin, bare] = rowsOf(extended, size + 2).slice(size)
    const [original] = rowsOf(model, sold() + 1).slice(sold())
    const unsold = {
      popularity: 0,
      buyers: [0, 0],
      orders: 0,
      factors: new Float32Array(8),
      sold: new Float64Array(0),
      partners: new Uint32Array(0),
      together: new Uint32Array(0),
    }
    expect(twin).toEqual({ ...original, sku: 'twin', ...unsold })
    const nothing = { name: '', category: null, seller: null, price: NaN }
    expect(bare).toEqual({
      sku: 'bare',
      ...nothing,
      content: new Float64Array(model.content.columns),
      ...unsold,
    })
    expect(extended.histories.columns).toBe(size + 2)
  })

  test('gives a product that changed the content of what it is now', () => {
    const other = sold() === 0 ? 1 : 0
    const changed = { ...twinOf(sold(), model.products.at(other)), name: 'Something else' }
    const extended = withCatalogue(model, [changed])
    const size = model.products.size
    expect(rowsOf(extended, size, new Set([other]))).toEqual(rowsOf(model, size, new Set([other])))
    expect(contentOf(extended, other)).toEqual(contentOf(model, sold()))
    expect(extended.price[other]).toBe(model.price[sold()])
    expect(extended.productNames!.at(other)).toBe('Something else')
    expect(extended.category.codes[other]).toBe(model.category.codes[sold()])
    // Its sales and factors stay its own.
    expect(extended.itemFactors).toBe(model.itemFactors)
    expect(extended.popularity).toBe(model.popularity)
  })

  test('takes prices by the scale of the training', () => {
    const { logScale } = model.contentColumns.numeric.find(({ name }) => name === 'price')!
    const extended = withCatalogue(model, [{ sku: 'new', ...NOTHING, price: 12.5 }])
    const price = extended.contentColumns.numeric.find(({ name }) => name === 'price')!
    expect(price.values.at(-1)).toBe((Math.log1p(12.5) - logScale!.mean) / logScale!.deviation)
    expect(measureOf(price, model.products.size)).toBe(12.5)
  })

  test('has categories and sellers that training never saw, of which content knows nothing', () => {
    const extended = withCatalogue(model, [
      { sku: 'new', ...NOTHING, category: 'moon rocks', seller: 'nasa' },
    ])
    const added = model.products.size
    expect(extended.category.labels[extended.category.codes[added]]).toBe('moon rocks')
    expect(extended.category.labels.slice(0, -1)).toEqual(model.category.labels)
    expect(extended.seller.labels[extended.seller.codes[added]]).toBe('nasa')
    expect(contentOf(extended, added)).toEqual(new Float64Array(model.content.columns))
  })

  test('does not add products that were removed, and marks those that it knows', () => {
    const extended = withCatalogue(model, [
      { sku: 'gone', ...NOTHING, removed: true },
      { ...catalogue[3], removed: true },
    ])
    expect(extended.products.size).toBe(model.products.size)
    expect(extended.removed).toEqual(new Set([3]))
    expect(withCatalogue(extended, catalogue).removed).toBeUndefined()
  })

  test('needs only the products of which more is stated than the model knows', () => {
    const states = statesMoreThan(model)
    expect(catalogue.filter(states)).toEqual([])
    fc.assert(
      fc.property(someProducts(), (changes) => {
        const changed = new Map(changes.map((product) => [product.sku, product]))
        const products = [
          ...catalogue.map((product) => changed.get(product.sku) ?? product),
          ...changes.filter(({ sku }) => model.products.indexOf(sku) < 0),
        ]
        const needed = products.filter(states)
        expect(withCatalogue(model, needed)).toEqual(withCatalogue(model, products))
        for (const product of products)
          if (!states(product)) expect(withCatalogue(model, [product])).toEqual(model)
      }),
      { numRuns: 60 },
    )
  })

  test('is the same whatever catalogue was before it, and takes over what has not changed', () => {
    fc.assert(
      fc.property(someProducts(), someProducts(), (before, after) => {
        const former = withCatalogue(model, before)
        const next = atOnce(withCatalogueInPieces(model, after, former))
        expect(next).toEqual(withCatalogue(model, after))
        const again = atOnce(withCatalogueInPieces(model, after, next))
        expect(again.itemFactors).toBe(next.itemFactors)
        expect(again.content).toBe(next.content)
      }),
      { numRuns: 60 },
    )
  })

  test('leaves everything that is not about a changed product as it is, to the bit', () => {
    fc.assert(
      fc.property(someProducts(), (products) => {
        const extended = withCatalogue(model, products)
        const changed = new Set(products.map(({ sku }) => model.products.indexOf(sku)))
        const size = model.products.size
        expect(rowsOf(extended, size, changed)).toEqual(rowsOf(model, size, changed))
        const known = products.filter(({ sku, removed }) => !removed || model.products.indexOf(sku) >= 0)
        for (const { sku, price } of known) {
          const index = extended.products.indexOf(sku)
          if (price !== null) expect(extended.price[index]).toBe(price)
          expect(extended.content.data.every(Number.isFinite)).toBe(true)
        }
        const skus = products
          .filter((product) => product.removed)
          .map(({ sku }) => model.products.indexOf(sku))
        expect(extended.removed ?? new Set()).toEqual(new Set(skus.filter((index) => index >= 0)))
      }),
      { numRuns: 60 },
    )
  })
})

/** Uses a recommender of the model with a catalogue. */
const opened = async (
  products: readonly StatedProduct[],
  work: (recommender: Recommender) => Promise<void>,
) => {
  const recommender = new Recommender(withCatalogue(model, products), kernels)
  try {
    await work(recommender)
  } finally {
    recommender.close()
  }
}

describe('a recommender opened on it', () => {
  const everything = { first: 1000 }

  test('recommends a product that training never saw, and finds it beside its twin and by its name', async () => {
    const twin = { ...twinOf(sold(), 'twin'), name: 'Unheard novelty' }
    await opened([...catalogue, twin], async (recommender) => {
      const product = recommender.productIndex('twin')
      const history = [{ product: sold(), quantity: 1, purchasedAt: null }]
      const [{ items }] = await recommender.recommend([{ history, ...everything }])
      const found = items.find((item) => item.product === product)!
      expect(found.sources.find(({ source }) => source === 'content')!.contribution).toBeGreaterThan(0)
      expect(found.reasons().length).toBeGreaterThan(0)
      const [near] = await recommender.similar([{ product: sold(), ...everything }])
      const best = near.items.find((item) => item.product === product)!
      expect(best.similarity).toBeCloseTo(1, 6)
      const { items: named } = await recommender.search.products('unheard nov', { first: 1 })
      expect(named).toMatchObject([{ product }])
      const filter = { include: ['twin'] }
      for (const by of ['CONTENT', 'CO_PURCHASE', 'FACTORS'] as const)
        await recommender.similar([{ product, by, ...everything }])
      const [only] = await recommender.recommend([{ history, filter, ...everything }])
      expect(only.items.map((item) => item.product)).toEqual([product])
    })
  })

  test('gives every list, also for a history of new products alone', async () => {
    await opened([twinOf(sold(), 'twin'), { sku: 'bare', ...NOTHING }], async (recommender) => {
      const history = ['twin', 'bare'].map((sku) => ({
        product: recommender.productIndex(sku),
        quantity: 1,
        purchasedAt: null,
      }))
      for (const list of [
        'FOR_YOU',
        'RELATED',
        'COMPLEMENTARY',
        'ALSO_BOUGHT',
        'BUY_AGAIN',
        'TRENDING',
        'POPULAR',
      ] as const) {
        const [{ items }] = await recommender.recommend([{ list, history, ...everything }])
        expect(items.every(({ hybrid }) => Number.isFinite(hybrid))).toBe(true)
      }
    })
  })

  test('has no list with a removed product', async () => {
    const gone = sold()
    await opened([{ ...catalogue[gone], removed: true }], async (recommender) => {
      const history = [{ product: (gone + 1) % 40, quantity: 1, purchasedAt: null }]
      for (const list of ['FOR_YOU', 'RELATED', 'ALSO_BOUGHT', 'TRENDING', 'POPULAR'] as const) {
        const [{ items }] = await recommender.recommend([{ list, history, ...everything }])
        expect(items.map(({ product }) => product)).not.toContain(gone)
      }
      const [near] = await recommender.similar([{ product: history[0].product, ...everything }])
      expect(near.items.map(({ product }) => product)).not.toContain(gone)
      const filter = { include: [model.products.at(gone)] }
      expect(recommender.eligible(filter)!.count).toBe(0)
    })
  })

  test('gives the same lists where the catalogue is that of the training, to the bit', async () => {
    const plain = new Recommender(model, kernels)
    await opened(catalogue, async (recommender) => {
      const requests = Array.from({ length: 20 }, (_, customer) => ({ customer, first: 10 }))
      const listsOf = async (one: Recommender) =>
        (await one.recommend(requests)).map(({ items }) =>
          items.map(({ product, hybrid }) => [product, hybrid]),
        )
      expect(await listsOf(recommender)).toEqual(await listsOf(plain))
    })
    plain.close()
  })
})

test('columns that a products file has beside those of Rationale take their values from attributes', async () => {
  const folder = await folderOf({
    'interactions.csv': ['customer_id,product_id', 'ana,mug', 'ana,cup', 'ben,cup', 'ben,pot', ''].join('\n'),
    'products.csv':
      'product_id,category,colour,weight\nmug,a,red,1\ncup,a,red,4\npot,b,blue,9\nlid,b,blue,2\n',
  })
  const trained = await fitModel(await readDataset(folder), configure('default', { factors: 2 }), kernels)
  const attributes = [
    { name: 'colour', value: 'blue' },
    { name: 'weight', value: '9' },
    { name: 'unknown', value: 'x' },
  ]
  const extended = withCatalogue(trained, [{ sku: 'new', ...NOTHING, category: 'b', attributes }])
  expect(contentOf(extended, 4)).toEqual(contentOf(trained, 2))
})
