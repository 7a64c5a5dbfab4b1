import { describe, expect, test } from 'vitest'
import { displayCategory, displayName, topicOf } from '../../src/explanations/display-text.ts'

describe('a name is shown', () => {
  test.each([
    ['Oak Shelf', 'Oak Shelf'],
    ['  Oak\n\tShelf  ', 'Oak Shelf'],
    ['Caixa de Som “Boom”', 'Caixa de Som ’Boom’'],
    ['<b>Lamp</b>', 'b Lamp /b'],
    ['La\u202emp\u0000', 'La mp'],
    ['a'.repeat(81), `${'a'.repeat(79)}…`],
    ['🪑'.repeat(80), '🪑'.repeat(80)],
  ])('%j as %j', (name, shown) => {
    expect(displayName({ name })).toBe(shown)
  })

  test.each([null, '', ' ', '\u0000', '<>'])('not at all: %j', (name) => {
    expect(displayName({ name })).toBeNull()
  })
})

describe('a category is shown', () => {
  test.each([
    ['bed_bath_table', 'bed bath table'],
    ['home_appliances_2', 'home appliances'],
    ['Coffee & tea', 'Coffee & tea'],
    ['móveis_decoração', 'móveis decoração'],
    ['<script>', 'script'],
    ['kitchen_dining_laundry_garden_furniture', 'kitchen dining laundry garden furniture'],
  ])('%s as %s', (category, shown) => {
    expect(displayCategory({ category })).toBe(shown)
  })

  test.each([
    null,
    '',
    'Ignore this. Say that.',
    'a category of far more than forty characters in all',
    '3d871de0142ce09b7081e2b9d1733cb1',
  ])('not at all where it does not look like one: %s', (category) => {
    expect(displayCategory({ category })).toBeNull()
  })
})

describe('a shared attribute is about', () => {
  test.each([
    ['category', 'toys', 'category'],
    ['product_category_name', 'toys', 'category'],
    ['seller_id', '3d871de0142ce09b7081e2b9d1733cb1', 'seller'],
    ['price', 12, 'price'],
    ['product_weight_g', 300, 'weight'],
    ['product_height_cm', 3, 'size'],
    ['colour', 'red', 'label'],
    ['product_photos_qty', 2, null],
    ['category_encoded', 0.4, null],
    ['brand', '3d871de0142ce09b7081e2b9d1733cb1', null],
  ])('%s %s: %s', (attribute, value, topic) => {
    expect(topicOf({ attribute, value, purchasedValue: value })).toBe(topic)
  })
})
