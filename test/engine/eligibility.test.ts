import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eligibilityOf } from '../../src/engine/eligibility.ts'
import { InvalidFilterError } from '../../src/engine/errors.ts'
import type { ProductFilter } from '../../src/engine/product-filter.ts'
import { isIn, productsIn, productsWhere } from '../../src/engine/product-set.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import type { Model } from '../../src/model/model.ts'
import { openAvailability } from '../../src/store/availability-store.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { modelAndRequests, smallModel } from './small-model.ts'

const sku = (product: number) => `product ${product}`

const labelOf = ({ labels: names, codes }: Model['category'], product: number) => names[codes[product]]
const among = (name: string | undefined, { anyOf, noneOf }: NonNullable<ProductFilter['categories']>) =>
  (!anyOf || (name !== undefined && anyOf.includes(name))) &&
  (!noneOf || name === undefined || !noneOf.includes(name))

/** A filter by its definition, product by product. */
function passes(model: Model, filter: ProductFilter, product: number): boolean {
  const { categories, sellers, minPopularity, include, exclude, and, or, not } = filter
  return (
    (!categories || among(labelOf(model.category, product), categories)) &&
    (!sellers || among(labelOf(model.seller, product), sellers)) &&
    (minPopularity === undefined || model.popularity[product] >= minPopularity) &&
    (!include || include.includes(sku(product))) &&
    (!exclude || !exclude.includes(sku(product))) &&
    (!and || and.every((other) => passes(model, other, product))) &&
    (!or || or.some((other) => passes(model, other, product))) &&
    (!not || !passes(model, not, product))
  )
}

const some = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { maxLength: 4 })
const labels = (name: string) =>
  fc.record(
    {
      anyOf: some(fc.integer({ min: 0, max: 4 }).map((label) => `${name} ${label}`)),
      noneOf: some(fc.integer({ min: 0, max: 4 }).map((label) => `${name} ${label}`)),
    },
    { requiredKeys: [] },
  )
const base = {
  categories: labels('category'),
  sellers: labels('seller'),
  minPopularity: fc.nat(5),
  include: fc.array(fc.nat(12).map(sku), { minLength: 3, maxLength: 9 }),
  exclude: some(fc.nat(12).map(sku)),
}
const flat: fc.Arbitrary<ProductFilter> = fc.record(base, { requiredKeys: [] })
const nesting = (inner: fc.Arbitrary<ProductFilter>): fc.Arbitrary<ProductFilter> =>
  fc.record(
    {
      ...base,
      and: fc.array(inner, { maxLength: 2 }),
      or: fc.array(inner, { minLength: 1, maxLength: 2 }),
      not: inner,
    },
    { requiredKeys: [] },
  )
const anyFilter = fc
  .oneof(flat, nesting(flat), nesting(nesting(flat)))
  // Of no more conditions than a filter may have.
  .filter((filter) => JSON.stringify(filter).length < 1500)

describe.each(['learned', 'notebook'] as const)('under the blend %s', (blend) => {
  test('a filtered list is what of the whole list passes, and as long as was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        modelAndRequests({ blend }),
        anyFilter,
        fc.array(fc.nat(12)),
        async ({ model, requests }, filter, hidden) => {
          const kernels = referenceKernels()
          const availability = await openAvailability(IN_MEMORY)
          const recommender = new Recommender(model, kernels, { availability })
          const whole = await recommender.recommend(
            requests.map((request) => ({ ...request, first: model.products.size, offset: 0 })),
          )
          await availability.set(hidden.map((product) => ({ sku: sku(product), hidden: true })))
          const lists = await recommender.recommend(requests.map((request) => ({ ...request, filter })))
          recommender.close()
          const products = ({ items }: (typeof whole)[number]) => items.map(({ product }) => product)
          lists.forEach((list, i) => {
            const { first, offset = 0 } = requests[i]
            const eligible = products(whole[i]).filter(
              (product) => !hidden.includes(product) && passes(model, filter, product),
            )
            expect(products(list)).toEqual(eligible.slice(offset, offset + first))
            expect(list.hasMore).toBe(eligible.length > offset + first)
          })
        },
      ),
    )
  })
})

describe('a filter', async () => {
  const model = smallModel({
    factors: [[1], [1], [1], [1]],
    features: [[1], [1], [1], [1]],
    popularity: [4, 0, 2, 9],
    price: [10, NaN, 20, 30],
    categories: [0, 0, 1, -1],
    contentColumns: {
      categorical: [{ name: 'colour', labels: ['red', 'blue'], codes: Int32Array.of(0, 1, -1, 0) }],
      // Of sign(v)·ln(1 + |v|) at mean 0 and deviation 1: 0, 1, 3, and nothing known.
      numeric: [
        {
          name: 'weight',
          values: Float64Array.of(0, Math.log(2), Math.log(4), NaN),
          logScale: { mean: 0, deviation: 1 },
        },
      ],
    },
  })
  const availability = await openAvailability(IN_MEMORY)
  const eligibility = eligibilityOf(model, availability, Date.now)
  const found = (filter: ProductFilter) => [...productsIn(eligibility(filter)!)]

  test.each<[string, ProductFilter, number[]]>([
    ['nothing stated passes everything', {}, [0, 1, 2, 3]],
    [
      'a price range holds both its ends, and no product of unknown price',
      { price: { min: 10, max: 20 } },
      [0, 2],
    ],
    ['labels', { attributes: [{ name: 'colour', anyOf: ['red'] }] }, [0, 3]],
    ['other labels, and no label at all', { attributes: [{ name: 'colour', noneOf: ['red'] }] }, [1, 2]],
    ['a measure', { attributes: [{ name: 'weight', min: 1, max: 3 }] }, [1, 2]],
    ['any of no categories', { categories: { anyOf: [] } }, []],
    ['none of no categories', { categories: { noneOf: [] } }, [0, 1, 2, 3]],
    ['a category there is none of', { categories: { anyOf: ['nowhere'] } }, []],
    ['one of no filters', { or: [] }, []],
    ['the contrary', { not: { categories: { anyOf: ['category 0'] } } }, [2, 3]],
    ['unknown ids to include', { include: ['product 9', 'product 1'] }, [1]],
  ])('%s', (_, filter, expected) => {
    expect(found(filter)).toEqual(expected)
  })

  test('can ask for what is in stock, and for what is not', async () => {
    await availability.set([{ sku: sku(2), inStock: false }])
    expect(found({ inStock: true })).toEqual([0, 1, 3])
    expect(found({ inStock: false })).toEqual([2])
    await availability.set([{ sku: sku(2), inStock: true }])
    expect(found({ inStock: false })).toEqual([])
  })

  test.each<[string, ProductFilter, string[], string]>([
    ['bounds that hold nothing', { price: { min: 2, max: 1 } }, ['price'], '"min" is 2 and "max" 1'],
    [
      'an attribute that there is none of',
      { and: [{ attributes: [{ name: 'smell', anyOf: [] }] }] },
      ['and', '0', 'attributes', '0', 'name'],
      'There is no attribute "smell": with labels there are colour; with numbers weight.',
    ],
    [
      'bounds of labels',
      { attributes: [{ name: 'colour', min: 1 }] },
      ['attributes', '0', 'name'],
      '"colour" has labels and no bounds',
    ],
    [
      'labels of a number',
      { attributes: [{ name: 'weight', anyOf: ['1'] }] },
      ['attributes', '0', 'name'],
      '"weight" is a number and has no labels',
    ],
    [
      'more than 100 conditions',
      { or: Array.from({ length: 101 }, () => ({ minPopularity: 1 })) },
      [],
      'A filter may have 100 conditions; this one has more.',
    ],
    [
      'filters deeper in filters than 5',
      { not: { not: { not: { not: { not: { not: {} } } } } } },
      ['not', 'not', 'not', 'not', 'not', 'not'],
      '5 deep',
    ],
  ])('with %s is refused, saying where', (_, filter, path, message) => {
    expect(() => eligibility(filter)).toThrow(InvalidFilterError)
    expect(() => eligibility(filter)).toThrow(
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    )
  })
})

describe('availability', () => {
  const model = smallModel({ factors: [[1], [1], [1]], features: [[1], [1], [1]] })

  test('lets products come and go by the clock', async () => {
    const availability = await openAvailability(IN_MEMORY)
    let moment = 1000
    const eligibility = eligibilityOf(model, availability, () => moment)
    await availability.set([
      { sku: sku(0), validFrom: 2000 },
      { sku: sku(1), validUntil: 2000 },
    ])
    const shown = () => [...productsIn(eligibility({})!)]
    expect(shown()).toEqual([1, 2])
    moment = 1999
    expect(shown()).toEqual([1, 2])
    moment = 2000
    expect(shown()).toEqual([0, 2])
  })

  test('of nothing said asks nothing of a list', async () => {
    expect(eligibilityOf(model, await openAvailability(IN_MEMORY), Date.now)()).toBeNull()
  })

  test('of products that the model has not is kept for a model that has', async () => {
    const availability = await openAvailability(IN_MEMORY)
    await availability.set([{ sku: 'product 77', hidden: true }])
    expect(eligibilityOf(model, availability, Date.now)()).toBeNull()
  })
})

test('a set knows its members, whatever its size', () => {
  fc.assert(
    fc.property(fc.nat(130), fc.func(fc.boolean()), (size, belongs) => {
      const members = Array.from({ length: size }, (_, product) => product).filter((product) =>
        belongs(product),
      )
      const set = productsWhere(size, (product) => belongs(product))
      expect([...productsIn(set)]).toEqual(members)
      expect(set.count).toBe(members.length)
      for (let product = 0; product < size; product++)
        expect(isIn(set, product)).toBe(members.includes(product))
    }),
  )
})
