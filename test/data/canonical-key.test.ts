import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalKey } from '../../src/data/canonical-key.ts'

/** What keys could be mistaken for. */
const KEY_LIKE = [
  'null',
  'undefined',
  'NaN',
  '-0',
  '0',
  '1n',
  '@0',
  '[]',
  '[,]',
  '{}',
  '{"a":1,}',
  '"',
  '\\',
  '\ud800',
  '\\ud800',
  ',',
  '',
]

const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    false,
    NaN,
    Infinity,
    -Infinity,
    0,
    -0,
    1,
    1n,
    new Date(0),
    new Date(NaN),
  ),
  fc.constantFrom(...KEY_LIKE),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
)
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, tie('list'), tie('object')),
  list: fc.oneof(fc.array(tie('value'), { maxLength: 4 }), fc.sparseArray(tie('value'), { maxLength: 4 })),
  object: fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', ...KEY_LIKE), fc.string()), tie('value'), {
    maxKeys: 4,
  }),
}))

/** One value changed a little: what is most easily taken for the same. */
const closeTo = (value: unknown): fc.Arbitrary<unknown> => {
  if (Array.isArray(value) && value.length > 0)
    return fc
      .tuple(fc.nat(value.length - 1), anything)
      .map(([place, other]) => value.map((entry, i) => (i === place ? other : entry)))
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    return fc
      .tuple(fc.constantFrom(...Object.keys(value)), fc.oneof(fc.constant(undefined), anything), fc.boolean())
      .map(([name, other, drop]) => {
        const fields = Object.entries(value).filter(([field]) => !drop || field !== name)
        return Object.fromEntries(fields.map(([field, one]) => [field, field === name ? other : one]))
      })
  }
  return anything
}

const withoutPrototypes = (value: unknown): unknown =>
  value === null || typeof value !== 'object' || value instanceof Date
    ? value
    : Array.isArray(value)
      ? value.map(withoutPrototypes)
      : Object.assign(
          Object.create(null),
          Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutPrototypes(one)])),
        )

const agrees = (a: unknown, b: unknown): void => {
  const same = isDeepStrictEqual(withoutPrototypes(a), withoutPrototypes(b))
  expect(canonicalKey(a) === canonicalKey(b)).toBe(same)
}

describe('a canonical key', () => {
  test('is the same for the same, and another for anything else', () => {
    fc.assert(fc.property(anything, anything, agrees), { numRuns: 2000 })
    fc.assert(
      fc.property(
        anything.chain((value) => fc.tuple(fc.constant(value), closeTo(value))),
        ([a, b]) => agrees(a, b),
      ),
      { numRuns: 2000 },
    )
    fc.assert(fc.property(anything, (value) => agrees(value, structuredClone(value))))
  })

  test.each<[string, unknown, unknown]>([
    ['two infinities', Infinity, -Infinity],
    ['infinity and null', { min: Infinity }, { min: null }],
    ['NaN and null', [NaN], [null]],
    ['0 and −0', 0, -0],
    ['undefined and missing', { a: undefined }, {}],
    ['undefined and null', [undefined], [null]],
    ['a hole and undefined', Array(1), [undefined]],
    ['a hole and nothing', Array(1), []],
    ['a Date and its text', new Date(0), new Date(0).toISOString()],
    ['a Date and its number', new Date(0), 0],
    ['two Dates that are none, and another', new Date(NaN), new Date(0)],
    ['a number and its text', 1, '1'],
    ['a number and a bigint', 1, 1n],
    ['lists, nested otherwise', [[1], 2], [[1, 2]]],
    ['a list and one in it', [1], [[1]]],
    ['a list and an object', ['a'], { 0: 'a' }],
    ['strings that look like keys', { a: '1,"b":2' }, { a: 1, b: 2 }],
    ['a lone surrogate and its escape', '\ud800', '\\ud800'],
  ])('tells apart %s', (_what, a, b) => {
    expect(canonicalKey(a)).not.toBe(canonicalKey(b))
  })

  test('does not depend on the order of fields', () => {
    expect(canonicalKey({ a: 1, b: { c: 2, d: 3 } })).toBe(canonicalKey({ b: { d: 3, c: 2 }, a: 1 }))
  })

  test.each([
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a Map', new Map([[1, 2]])],
    ['typed numbers', { a: Float64Array.of(1) }],
    [
      'a class',
      new (class Price {
        amount = 1
      })(),
    ],
  ])('is refused to %s', (_what, value) => {
    expect(() => canonicalKey(value)).toThrow('has no canonical key')
  })
})
