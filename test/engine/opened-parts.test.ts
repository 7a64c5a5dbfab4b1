import { expect, test } from 'vitest'
import { OpenedParts } from '../../src/engine/opened-parts.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { atOnce } from '../../src/kernels/pieces.ts'
import { withCatalogueInPieces } from '../../src/model/extend-catalogue.ts'
import { fitted } from '../service/models.ts'

const kernels = await openKernels({ threads: 1 })

/** A part that is a new object each time that it is made. */
function* made() {
  yield
  return {}
}

/** Lists and neighbours of a recommender. */
async function answers(recommender: Recommender) {
  const lists = await recommender.recommend([0, 1, 2].map((customer) => ({ customer, first: 30 })))
  const similar = await recommender.similar(
    (['CONTENT', 'FACTORS', 'CO_PURCHASE'] as const).map((by) => ({ product: 0, by, first: 30 })),
  )
  return {
    similar,
    lists: lists.map(({ items }) => items.map(({ product, hybrid }) => [product, hybrid])),
  }
}

test('a part is taken over where it is made from the same objects, and made anew where one is another', () => {
  const [a, b, c] = [{}, {}, {}]
  const first = new OpenedParts()
  const part = atOnce(first.open('index', [a, b], made))
  expect(atOnce(first.open('index', [a, b], made))).toBe(part)
  const second = new OpenedParts(first)
  expect(atOnce(second.open('index', [a, b], made))).toBe(part)
  expect(atOnce(new OpenedParts(second).open('index', [a, b], made))).toBe(part)
  expect(atOnce(new OpenedParts(first).open('index', [a, c], made))).not.toBe(part)
  expect(atOnce(new OpenedParts(first).open('index', [a], made))).not.toBe(part)
  expect(atOnce(new OpenedParts(first).open('other', [a, b], made))).not.toBe(part)
})

test('what was not taken over by the time that the former is let go is made anew', () => {
  const a = {}
  const first = new OpenedParts()
  const part = atOnce(first.open('index', [a], made))
  const second = new OpenedParts(first)
  second.forgetFormer()
  expect(atOnce(second.open('index', [a], made))).not.toBe(part)
})

test('a recommender that is opened in pieces, over parts of a former one that is closed, answers as a new one', async () => {
  const [model] = await fitted(1)
  const stated = { name: null, category: null, seller: null, price: null, attributes: [], removed: false }
  const changes = [
    [{ ...stated, sku: model.products.at(0), name: 'Another name' }],
    [{ ...stated, sku: model.products.at(1), category: model.category.labels[0] }],
    [{ ...stated, sku: 'new', price: 3 }],
    [{ ...stated, sku: 'new', price: 4 }],
    [],
  ]
  let former = await Recommender.open(model, kernels)
  for (const products of changes) {
    const changed = atOnce(withCatalogueInPieces(model, products, former.model))
    const next = await Recommender.open(changed, kernels, {}, former)
    former.close()
    const whole = new Recommender(changed, kernels)
    expect(await answers(next)).toEqual(await answers(whole))
    whole.close()
    former = next
  }
  former.close()
})
