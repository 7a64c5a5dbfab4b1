import { expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import { idTableOf } from '../../src/data/ids.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { configure } from '../../src/model/configuration.ts'
import { fitModel } from '../../src/model/fit.ts'
import { openModel, writeModel } from '../../src/model/model-file.ts'
import { withoutCustomer } from '../../src/model/without-customer.ts'
import { readFileSync } from 'node:fs'
import { customerId, smallShop } from '../api/shop.ts'
import { temporaryFile } from '../explanations/writer.ts'

const kernels = referenceKernels()
const model = await fitModel(smallShop(), configure('default', { factors: 4, iterations: 2 }), kernels)

test.each([0, 3, model.customers.size - 1])(
  'customer %i is gone, and all others are as before',
  (customer) => {
    const left = withoutCustomer(model, customer)
    expect(left.customers.size).toBe(model.customers.size - 1)
    expect(left.customers.indexOf(model.customers.at(customer))).toBe(-1)
    const [before, after] = [new Recommender(model, kernels), new Recommender(left, kernels)]
    for (let other = 0; other < left.customers.size; other++) {
      const former = model.customers.indexOf(left.customers.at(other))
      expect(after.history(other)).toEqual(before.history(former))
      expect(left.segments.codes[other]).toBe(model.segments.codes[former])
      const { columns } = model.customerFeatures
      const features = ({ data }: { data: Float32Array | Float64Array }, row: number) =>
        data.subarray(row * columns, (row + 1) * columns)
      expect(features(left.customerFeatures, other)).toEqual(features(model.customerFeatures, former))
    }
  },
)

test('lists of others are the same to the last bit', async () => {
  const left = withoutCustomer(model, 3)
  const lists = async (of: typeof model) =>
    (
      await new Recommender(of, kernels).recommend([
        { customer: of.customers.indexOf(customerId(5)), first: 10 },
        { list: 'TRENDING', first: 10 },
      ])
    ).map(({ items }) => items.map(({ product, hybrid }) => [product, hybrid]))
  expect(await lists(left)).toEqual(await lists(model))
})

test('the file holds neither the id, nor what is found by it', async () => {
  const file = temporaryFile('left.model')
  const id = customerId(3)
  const named = {
    ...model,
    customers: idTableOf(
      Array.from({ length: model.customers.size }, (_, i) =>
        i === 3 ? 'somebody@example.com' : model.customers.at(i),
      ),
    ),
  }
  await writeModel(withoutCustomer(named, 3), file)
  expect(readFileSync(file).includes('somebody@example.com')).toBe(false)
  const opened = await openModel(file)
  expect(opened.customers.indexOf(id)).toBe(-1)
  expect(opened.version).not.toBe(model.version)
})

test('a model without its last customer still answers for baskets and the shop', async () => {
  let left = model
  while (left.customers.size > 0) left = withoutCustomer(left, 0)
  const file = temporaryFile('none.model')
  await writeModel(left, file)
  const [list] = await new Recommender(await openModel(file), kernels).recommend([
    { list: 'TRENDING', first: 3 },
  ])
  expect(list.items).toHaveLength(3)
})

test('a customer that there is not is refused', () => {
  expect(() => withoutCustomer(model, model.customers.size)).toThrow(RangeError)
  expect(() => withoutCustomer(model, -1)).toThrow(RangeError)
})
