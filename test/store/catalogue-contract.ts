/** What every engine of the catalogue does, whatever it keeps the products in. */
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import {
  type CatalogueProduct,
  type CatalogueStore,
  InvalidProductsError,
  NOTHING_SAID,
  type ProductChange,
} from '../../src/store/catalogue.ts'

/** All products of a catalogue, page after page. */
export async function productsOf(store: CatalogueStore): Promise<CatalogueProduct[]> {
  const products: CatalogueProduct[] = []
  for await (const page of store.all()) products.push(...page)
  return products
}

/** What has changed after a revision. */
async function changesSince(store: CatalogueStore, revision: number) {
  const found: [sku: string, place: number, revision: number, removed: boolean][] = []
  for await (const page of store.changedSince(revision))
    for (const { sku, place, removed, ...product } of page)
      found.push([sku, place, product.revision, removed])
  return found
}

const MUG = {
  name: 'Mug',
  category: 'kitchen',
  seller: 's1',
  price: 4.5,
  currency: 'EUR',
  imageUrl: 'https://shop.example/mug.svg',
  url: '/mug',
  attributes: [
    { name: 'colour', value: 'blue' },
    { name: 'height', value: '9.5' },
  ],
}

/**
 * @param open  a new, empty catalogue
 * @param numRuns  how many random sequences of changes are made, each on a catalogue of its own
 */
export function catalogueContract(open: () => CatalogueStore, numRuns = 40): void {
  const opened: CatalogueStore[] = []
  const empty = () => {
    const store = open()
    opened.push(store)
    return store
  }
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()))
  })

  describe('upsert', () => {
    test('adds a product, which the next read gives back whole', async () => {
      const store = empty()
      expect(await store.upsert([{ sku: 'mug', ...MUG }])).toEqual({ changed: 1, revision: 1 })
      expect(await store.get(['cup', 'mug'])).toEqual([
        undefined,
        { sku: 'mug', ...MUG, removed: false, revision: 1 },
      ])
    })

    test('changes the fields that are given, clears those that are null, and keeps the others', async () => {
      const store = empty()
      await store.upsert([{ sku: 'mug', ...MUG }])
      expect(await store.upsert([{ sku: 'mug', price: 5, url: null, name: undefined }])).toEqual({
        changed: 1,
        revision: 2,
      })
      expect(await store.get(['mug'])).toEqual([
        { sku: 'mug', ...MUG, price: 5, url: null, removed: false, revision: 2 },
      ])
      await store.upsert([{ sku: 'mug', attributes: [{ name: 'lid', value: 'yes' }] }])
      expect(await store.get(['mug'])).toMatchObject([{ attributes: [{ name: 'lid', value: 'yes' }] }])
      await store.upsert([{ sku: 'mug', attributes: null }])
      expect(await store.get(['mug'])).toMatchObject([{ attributes: [] }])
    })

    test('makes changes of one product in their order', async () => {
      const store = empty()
      const changes = [
        { sku: 'mug', price: 1, name: 'Mug' },
        { sku: 'mug', price: 2 },
      ]
      expect(await store.upsert(changes)).toEqual({ changed: 1, revision: 1 })
      expect(await store.get(['mug'])).toMatchObject([{ name: 'Mug', price: 2 }])
    })

    test('does not raise the revision where nothing changes', async () => {
      const store = empty()
      await store.upsert([{ sku: 'mug', ...MUG }])
      expect(await store.upsert([{ sku: 'mug', ...MUG }])).toEqual({ changed: 0, revision: 1 })
      expect(await store.upsert([])).toEqual({ changed: 0, revision: 1 })
      expect(await store.revision()).toBe(1)
    })

    test('changes nothing if one product is invalid, and names each that is', async () => {
      const store = empty()
      const products = [{ sku: 'mug' }, { sku: '' }, { sku: 'cup', price: -1 }, { sku: 'jug', name: 'Jug' }]
      const error: unknown = await store.upsert(products).catch((cause: unknown) => cause)
      expect(error).toBeInstanceOf(InvalidProductsError)
      expect(error).toMatchObject({
        message:
          '2 products are invalid, so nothing was changed. Product 1: "sku" cannot be an id: it is empty.',
        problems: [
          { place: 1, path: ['sku'] },
          {
            place: 2,
            path: ['price'],
            message: '"price" is -1: it must be 0, or 0.000001 to 1000000000000000.',
          },
        ],
      })
      expect(await productsOf(store)).toEqual([])
      expect(await store.revision()).toBe(0)
    })

    test.each<[string[], Omit<ProductChange, 'sku'>]>([
      [['name'], { name: 'a\0b' }],
      [['name'], { name: 'x'.repeat(2001) }],
      [['category'], { category: 'x'.repeat(501) }],
      [['price'], { price: NaN }],
      [['price'], { price: 1e16 }],
      [['currency'], { currency: 'euro' }],
      [['imageUrl'], { imageUrl: 'javascript:alert(1)' }],
      [['url'], { url: 'data:text/html,x' }],
      [['url'], { url: 'https://' }],
      [['attributes'], { attributes: Array.from({ length: 201 }, (_, i) => ({ name: `${i}`, value: '' })) }],
      [['attributes', '0', 'name'], { attributes: [{ name: ' ', value: 'x' }] }],
      [['attributes', '0', 'value'], { attributes: [{ name: 'a', value: 'x'.repeat(20_001) }] }],
      [
        ['attributes', '1', 'name'],
        {
          attributes: [
            { name: 'a', value: 'x' },
            { name: 'a', value: 'y' },
          ],
        },
      ],
    ])('refuses %s of %j', async (path, fields) => {
      const error: unknown = await empty()
        .upsert([{ sku: 'mug', ...fields }])
        .catch((cause: unknown) => cause)
      expect(error).toMatchObject({ problems: [{ place: 0, path }] })
    })

    test('keeps any text as it is', async () => {
      const store = empty()
      const name = 'Tasse „Größe“ 🫖 \n"x", \\u0000 \'; DROP TABLE products --'
      await store.upsert([{ sku: name.slice(0, 20), name, attributes: [{ name, value: name }] }])
      expect(await productsOf(store)).toMatchObject([{ name, attributes: [{ name, value: name }] }])
    })
  })

  describe('remove', () => {
    test('marks products, and keeps what is said of them', async () => {
      const store = empty()
      await store.upsert([{ sku: 'mug', ...MUG }, { sku: 'cup' }])
      expect(await store.remove(['mug'])).toEqual({ changed: 1, revision: 2 })
      expect(await store.get(['mug', 'cup'])).toMatchObject([
        { ...MUG, removed: true, revision: 2 },
        { removed: false, revision: 1 },
      ])
      expect(await store.remove(['mug'])).toEqual({ changed: 0, revision: 2 })
    })

    test('holds for a product that only a model knows', async () => {
      const store = empty()
      await store.remove(['jug'])
      expect(await productsOf(store)).toEqual([{ sku: 'jug', ...NOTHING_SAID, removed: true, revision: 1 }])
    })

    test('is taken back by the next upsert, unless that keeps removed products removed', async () => {
      const store = empty()
      await store.upsert([{ sku: 'mug', ...MUG }])
      await store.remove(['mug'])
      await store.upsert([{ sku: 'mug', price: 5 }], { keepRemoved: true })
      expect(await store.get(['mug'])).toMatchObject([{ price: 5, removed: true }])
      await store.upsert([{ sku: 'mug' }])
      expect(await store.get(['mug'])).toMatchObject([{ price: 5, removed: false }])
    })

    test('removes none if one cannot be a SKU', async () => {
      const store = empty()
      await store.upsert([{ sku: 'mug' }])
      await expect(store.remove(['mug', ''])).rejects.toThrow('Product 1: It cannot be a SKU: it is empty.')
      expect(await store.get(['mug'])).toMatchObject([{ removed: false }])
    })
  })

  describe('changedSince', () => {
    test('gives what has changed after a revision, in the order of the changes, with the places of products', async () => {
      const store = empty()
      await store.upsert([{ sku: 'mug' }, { sku: 'cup' }])
      await store.upsert([{ sku: 'jug' }])
      await store.upsert([{ sku: 'cup', price: 3 }])
      await store.remove(['mug'])
      expect(await changesSince(store, 0)).toEqual([
        ['jug', 2, 2, false],
        ['cup', 1, 3, false],
        ['mug', 0, 4, true],
      ])
      expect(await changesSince(store, 3)).toEqual([['mug', 0, 4, true]])
      expect(await changesSince(store, 4)).toEqual([])
    })

    test('gives more than a page of them, each once', async () => {
      const store = empty()
      const skus = Array.from({ length: 2500 }, (_, i) => `p${i}`)
      await store.upsert(skus.map((sku) => ({ sku })))
      expect((await changesSince(store, 0)).map(([sku]) => sku).toSorted()).toEqual(skus.toSorted())
    })

    test('gives nothing of an empty catalogue', async () => {
      expect(await changesSince(empty(), 0)).toEqual([])
    })
  })

  describe('all', () => {
    test('gives products in the order in which they came, in pages that miss none', async () => {
      const store = empty()
      const skus = Array.from({ length: 2500 }, (_, i) => `p${(i * 7919) % 2500}`)
      await store.upsert(skus.map((sku) => ({ sku })))
      await store.upsert([{ sku: skus[17], name: 'changed' }])
      expect((await productsOf(store)).map(({ sku }) => sku)).toEqual(skus)
    })

    test('gives products with places in the order of these, whenever they came', async () => {
      const store = empty()
      await store.upsert([{ sku: 'c' }, { sku: 'b' }], { firstPlace: 5 })
      await store.upsert([{ sku: 'new' }])
      await store.upsert([{ sku: 'd' }, { sku: 'a' }], { firstPlace: 1 })
      await store.upsert([{ sku: 'c' }, { sku: 'b' }], { firstPlace: 3 })
      expect((await productsOf(store)).map(({ sku }) => sku)).toEqual(['d', 'a', 'c', 'b', 'new'])
    })
  })

  test('calls at the same time are made one after the other', async () => {
    const store = empty()
    const calls = Array.from({ length: 20 }, (_, i) => store.upsert([{ sku: 'mug', price: i + 1 }]))
    const revisions = (await Promise.all(calls)).map(({ revision }) => revision)
    expect(revisions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    expect((await productsOf(store))[0]).toMatchObject({ revision: 20 })
  })

  test('is what the changes make, one by one, of a table in memory', async () => {
    const field = fc.option(fc.constantFrom('x', 'y'), { nil: null })
    const change = fc.record(
      { sku: fc.constantFrom('a', 'b', 'c'), name: field, category: field },
      { requiredKeys: ['sku'] },
    )
    const call = fc.oneof(
      fc.record({ upsert: fc.array(change, { maxLength: 4 }) }),
      fc.record({ remove: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (calls) => {
        const store = empty()
        const table = new Map<string, Pick<CatalogueProduct, 'name' | 'category' | 'removed'>>()
        let revision = 0
        for (const one of calls) {
          const before = JSON.stringify([...table])
          if ('remove' in one) {
            for (const sku of one.remove) {
              table.set(sku, { ...(table.get(sku) ?? { name: null, category: null }), removed: true })
            }
            await store.remove(one.remove)
          } else {
            for (const { sku, ...fields } of one.upsert) {
              table.set(sku, { name: null, category: null, ...table.get(sku), ...fields, removed: false })
            }
            await store.upsert(one.upsert)
          }
          const after = await store.revision()
          expect(after).toBeGreaterThanOrEqual(revision)
          if (JSON.stringify([...table]) !== before) expect(after).toBe(revision + 1)
          revision = after
        }
        const found = (await productsOf(store)).map(({ sku, name, category, removed }) => [
          sku,
          { name, category, removed },
        ])
        expect(new Map(found as [])).toEqual(table)
      }),
      { numRuns },
    )
  })
}
