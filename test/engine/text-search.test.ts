import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { idTableOf, stringColumnOf } from '../../src/data/ids.ts'
import { productsWhere } from '../../src/engine/product-set.ts'
import type { ProductSearch } from '../../src/engine/text-search.ts'
import { TextSearch } from '../../src/engine/text-search.ts'
import type { Model } from '../../src/model/model.ts'
import { smallModel } from './small-model.ts'

interface Product {
  readonly sku: string
  readonly name?: string
  readonly category?: string
  readonly colour?: string
  readonly sold?: number
}

const opened: TextSearch[] = []
afterAll(() => Promise.all(opened.map((search) => search.close())))

function searchOf(model: Model): TextSearch {
  const search = new TextSearch(model)
  opened.push(search)
  return search
}

function column(name: string, values: readonly (string | undefined)[]) {
  const labels = [...new Set(values.filter((value) => value !== undefined))]
  return { name, labels, codes: Int32Array.from(values, (value) => labels.indexOf(value!)) }
}

function shop(...products: readonly Product[]): Model {
  const category = column(
    'category',
    products.map((product) => product.category),
  )
  const colour = column(
    'colour',
    products.map((product) => product.colour),
  )
  return {
    ...smallModel({
      factors: products.map(() => [1]),
      features: products.map(() => [1]),
      popularity: products.map(({ sold = 0 }) => sold),
      contentColumns: { categorical: [category, colour], numeric: [] },
    }),
    products: idTableOf(products.map(({ sku }) => sku)),
    productNames: stringColumnOf(products.map(({ name = '' }) => name)),
    category,
  }
}

async function skus(search: TextSearch, model: Model, text: string, page: ProductSearch = { first: 10 }) {
  const { items } = await search.products(text, page)
  return items.map(({ product }) => model.products.at(product))
}

describe('products are found', () => {
  const model = shop(
    { sku: 'A-17', name: 'Red teapot', category: 'kitchen_ware', colour: 'red' },
    { sku: 'B-18', name: 'Towel', category: 'bed_bath_table', colour: 'sea green' },
    { sku: 'C-19' },
  )
  const search = searchOf(model)

  test.each([
    ['name', 'teap', ['A-17']],
    ['category, as it is written or in words', 'bed_bath_table', ['B-18']],
    ['category in words', 'bath table', ['B-18']],
    ['SKU', 'c-19', ['C-19']],
    ['the beginning of the SKU', 'B', ['B-18']],
    ['labels of other columns', 'sea green', ['B-18']],
    ['all of them together', 'kitchen A-17 red teapot', ['A-17']],
    ['nothing that none has', 'kitchen towel', []],
    ['nothing', '', []],
  ])('by %s', async (_what, text, expected) => {
    expect(await skus(search, model, text)).toEqual(expected)
  })

  test('in a shop that names neither products nor categories, by SKU', async () => {
    const { productNames: _, ...nameless } = shop({ sku: 'x1' }, { sku: 'x2' })
    expect(await skus(searchOf(nameless), nameless, 'x')).toEqual(['x1', 'x2'])
  })

  test('in an empty shop, none', async () => {
    expect(await searchOf(shop()).products('mug', { first: 10 })).toEqual({ items: [], hasMore: false })
  })
})

describe('products are ranked', () => {
  const others = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'].map((sku) => ({ sku, name: 'spoon of steel' }))

  test('by where the word stands: in the name, then the category, then another label', async () => {
    const model = shop(
      { sku: 'label', name: 'one', category: 'two', colour: 'tea' },
      { sku: 'category', name: 'one', category: 'tea', colour: 'two' },
      { sku: 'name', name: 'tea', category: 'one', colour: 'two' },
      ...others,
    )
    expect(await skus(searchOf(model), model, 'tea')).toEqual(['name', 'category', 'label'])
  })

  test('by how much of the product the word is', async () => {
    const model = shop({ sku: 'long', name: 'tea for two of us' }, { sku: 'short', name: 'tea' }, ...others)
    expect(await skus(searchOf(model), model, 'tea')).toEqual(['short', 'long'])
  })

  test('where that is even by what sells, and then in the order of the model', async () => {
    const model = shop(
      { sku: 'a', name: 'tea', sold: 1 },
      { sku: 'b', name: 'tea', sold: 5 },
      { sku: 'c', name: 'tea', sold: 5 },
      ...others,
    )
    expect(await skus(searchOf(model), model, 'tea')).toEqual(['b', 'c', 'a'])
  })

  test('for which its category counts once, as any other label does', async () => {
    const model = shop(
      { sku: 'a', name: 'tea', colour: 'black', sold: 1 },
      { sku: 'b', name: 'tea', category: 'black', sold: 5 },
      ...others,
    )
    expect(await skus(searchOf(model), model, 'tea')).toEqual(['b', 'a'])
  })

  test('but the product whose SKU the text is leads, and has no score', async () => {
    const model = shop({ sku: 'x', name: 'tea tea', sold: 9 }, { sku: 'tea', name: 'a cup' }, ...others)
    const { items } = await searchOf(model).products(' tea ', { first: 10 })
    expect(items).toEqual([
      { rank: 1, product: 1, score: null },
      { rank: 2, product: 0, score: expect.any(Number) },
    ])
  })

  test('and the product whose SKU has no word is found by it', async () => {
    const model = shop({ sku: '--' }, { sku: '-' })
    expect(await skus(searchOf(model), model, '-')).toEqual(['-'])
  })
})

describe('a page of products', () => {
  test('is a stretch of the whole list, whichever products are eligible, and says whether more follow', async () => {
    const words = ['tea', 'teapot', 'mug', 'set']
    const product = fc.record({
      name: fc.array(fc.constantFrom(...words), { maxLength: 4 }),
      sold: fc.nat(3),
      isEligible: fc.boolean(),
    })
    const ask = fc.record({
      text: fc.constantFrom('t', 'tea', 'mug t', 's3', 's'),
      first: fc.nat(5),
      offset: fc.nat(5),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(product, { maxLength: 10 }),
        ask,
        async (products, { text, first, offset }) => {
          const model = shop(
            ...products.map(({ name, sold }, i) => ({ sku: `s${i}`, name: name.join(' '), sold })),
          )
          const search = new TextSearch(model)
          const eligible = productsWhere(products.length, (i) => products[i].isEligible)
          const whole = await search.products(text, { first: 100 })
          const { items, hasMore } = await search.products(text, { first, offset, eligible })
          await search.close()
          const left = whole.items.filter((found) => products[found.product].isEligible)
          expect(items.map((item) => [item.product, item.score])).toEqual(
            left.slice(offset, offset + first).map((item) => [item.product, item.score]),
          )
          expect(items.map(({ rank }) => rank)).toEqual(items.map((_, place) => offset + place + 1))
          expect(hasMore).toBe(left.length > offset + first)
        },
      ),
      { numRuns: 100 },
    )
  })

  test('of a number that is no count is refused', async () => {
    const search = searchOf(shop({ sku: 'x' }))
    await expect(search.products('x', { first: -1 })).rejects.toThrow(
      'first must be a whole number of at least 0, not -1',
    )
    await expect(search.customers('x', { first: 1, offset: 0.5 })).rejects.toThrow('offset must be')
  })
})

describe('customers are found', () => {
  const ids = ['x861e', '861eff', '861e', 'b861', 'ana']
  const model: Model = {
    ...smallModel({ factors: [[1]], features: [[1]], purchases: ids.map(() => ({})) }),
    customers: idTableOf(ids),
    segments: column('segment', ['At Risk', 'Élite 861', undefined, 'Repeat Loyalists', 'Repeat Loyalists']),
  }
  const search = searchOf(model)
  const found = async (text: string) =>
    (await search.customers(text, { first: 10 })).items.map(({ customer }) => ids[customer])

  test.each([
    [
      'id: the very one first, then those that begin with it, then those that hold it',
      '861e',
      ['861e', '861eff', 'x861e'],
    ],
    ['an id that is a segment too, each of them once', '861', ['861eff', '861e', 'x861e', 'b861']],
    ['the name of their segment', 'Repeat Loyalists', ['b861', 'ana']],
    ['any of its words, and the beginning of the last', 'loyal', ['b861', 'ana']],
    ['a word with another diacritic', 'elite', ['861eff']],
    ['nothing that none has', 'loyal risk', []],
    ['nothing', ' ', []],
  ])('by %s', async (_what, text, expected) => {
    expect(await found(text)).toEqual(expected)
  })

  test('a page at a time, and it says whether more follow', async () => {
    expect(await search.customers('861', { first: 2, offset: 1 })).toEqual({
      items: [
        { rank: 2, customer: 2 },
        { rank: 3, customer: 0 },
      ],
      hasMore: true,
    })
    expect((await search.customers('861', { first: 2, offset: 2 })).hasMore).toBe(false)
  })

  test('in a shop without segments by id alone', async () => {
    const { customers } = model
    const segments = { name: 'segment', labels: [], codes: new Int32Array(ids.length).fill(-1) }
    const { items } = await searchOf({ ...model, customers, segments }).customers('ana', { first: 1 })
    expect(items).toEqual([{ rank: 1, customer: 4 }])
  })
})

test('searches that begin at the same time share one index', async () => {
  const model = shop({ sku: 'x', name: 'tea' })
  const search = searchOf(model)
  const both = await Promise.all([skus(search, model, 'tea'), skus(search, model, 'tea')])
  expect(both).toEqual([['x'], ['x']])
})
