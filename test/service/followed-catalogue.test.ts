import { expect, onTestFinished, test } from 'vitest'
import { FollowedCatalogue } from '../../src/service/followed-catalogue.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { IN_MEMORY } from '../../src/store/sqlite/database-file.ts'
import { openCatalogue } from '../../src/store/catalogue-store.ts'
import { fitted } from './models.ts'

const [model, other] = await fitted(2)
const [known] = [model.products.at(0)]

function opened() {
  const store = openCatalogue(IN_MEMORY)
  onTestFinished(() => store.close())
  return { store, followed: new FollowedCatalogue(store) }
}

const skus = ({ products }: FollowedCatalogue) => products.map(({ sku }) => sku)

test('of a catalogue it keeps what the model does not know, in the order of the catalogue', async () => {
  const { store, followed } = opened()
  await store.upsert([{ sku: 'z' }, { sku: known, imageUrl: '/mug.svg' }, { sku: 'a' }])
  expect(await followed.follow(model)).toBe(true)
  expect(skus(followed)).toEqual(['z', 'a'])
  expect(followed.revision).toBe(1)
})

test('it says whether anything has changed that a model is made of', async () => {
  const { store, followed } = opened()
  await followed.follow(model)
  expect(await followed.follow(model)).toBe(false)
  await store.upsert([{ sku: known, imageUrl: '/mug.svg' }])
  expect(await followed.follow(model)).toBe(false)
  await store.upsert([{ sku: known, name: 'Another name' }])
  expect(await followed.follow(model)).toBe(true)
  expect(skus(followed)).toEqual([known])
  await store.upsert([{ sku: known, name: null }])
  expect(await followed.follow(model)).toBe(true)
  expect(skus(followed)).toEqual([])
  expect(await followed.follow(model)).toBe(false)
  expect(followed.revision).toBe(3)
})

test('for another model everything is read again', async () => {
  const { store, followed } = opened()
  await store.upsert([{ sku: 'new' }])
  await followed.follow(model)
  expect(await followed.follow(other)).toBe(true)
  expect(skus(followed)).toEqual(['new'])
})

test('after a catalogue that cannot be read, everything is read', async () => {
  const { store } = opened()
  await store.upsert([{ sku: 'new' }])
  let fails = false
  const followed = new FollowedCatalogue({
    ...store,
    async *changedSince(revision) {
      if (fails) throw new StoreError('The catalogue cannot be read.', new Error('no disk'))
      yield* store.changedSince(revision)
    },
  })
  await followed.follow(model)
  fails = true
  await expect(followed.follow(model)).rejects.toThrow(StoreError)
  fails = false
  expect(await followed.follow(model)).toBe(true)
  expect(skus(followed)).toEqual(['new'])
})
