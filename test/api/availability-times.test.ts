import { expect, test } from 'vitest'
import { patience } from '../patience.ts'
import { GOODS, LATEST } from './grocery.ts'
import { servingGrocery } from './serving.ts'
import { AVAILABLE, iso, SET, setting } from './setting-availability.ts'

const serving = await servingGrocery()
const { ask } = serving
const { set, availabilityOf, skus } = setting(serving)

test('a time of validity begins and ends by the clock, and not by the moment that a list is for', async () => {
  const [past, future] = [iso(Date.now() - 60_000), iso(Date.now() + 60_000)]
  const answer = await set(
    { sku: 'bread', validFrom: future },
    { sku: 'butter', validUntil: past },
    { sku: 'milk', validFrom: past, validUntil: future },
  )
  expect(answer.products).toEqual([
    { sku: 'bread', availability: { ...AVAILABLE, isShown: false, validFrom: future } },
    { sku: 'butter', availability: { ...AVAILABLE, isShown: false, validUntil: past } },
    { sku: 'milk', availability: { ...AVAILABLE, validFrom: past, validUntil: future } },
  ])
  const { data } = await ask(`{ trending(at: "${iso(LATEST)}") { edges { node { product { sku } } } } }`)
  const trending = data.trending.edges.map(({ node }: any) => node.product.sku)
  expect(trending).toContain('milk')
  expect(trending).not.toContain('bread')
  expect(trending).not.toContain('butter')
  await set(
    { sku: 'bread', validFrom: null },
    { sku: 'butter', validUntil: null },
    { sku: 'milk', validFrom: null, validUntil: null },
  )
  expect(await skus()).toEqual(GOODS.map(({ sku }) => sku))
})

test('a time of validity passes while nobody asks: what is valid for a second more is gone then, without another change', async () => {
  await set({ sku: 'honey', validUntil: iso(Date.now() + patience(1000)) })
  expect(await skus()).toContain('honey')
  await expect.poll(() => skus(), { timeout: patience(20_000), interval: 20 }).not.toContain('honey')
  await set({ sku: 'honey', validFrom: iso(Date.now() + patience(1000)), validUntil: null })
  expect(await skus()).not.toContain('honey')
  await expect.poll(() => skus(), { timeout: patience(20_000), interval: 20 }).toContain('honey')
  await set({ sku: 'honey', validFrom: null })
})

test('a time of validity may be stated in any zone', async () => {
  const answer = await set({ sku: 'tea', validFrom: '2024-05-01T09:30:00+02:00' })
  expect(answer.products[0].availability.validFrom).toBe('2024-05-01T07:30:00.000Z')
  await set({ sku: 'tea', validFrom: null })
})

test.each([
  '2024-05-01T09:30:00',
  '2024-05-01',
  '2024-02-30T00:00:00Z',
  '2024-13-01T00:00:00Z',
  'tomorrow',
  1714554000000,
])('a time of validity is refused where it is no moment: %s', async (validUntil) => {
  const { data, errors } = await ask(SET, { products: [{ sku: 'tea', validUntil }] })
  expect(data).toBeUndefined()
  expect(errors?.[0].message).toContain(
    `DateTime cannot represent ${JSON.stringify(validUntil)}: write date, time and time zone, such as 2018-08-29T14:52:00.000Z.`,
  )
  expect(await availabilityOf('tea')).toEqual(AVAILABLE)
})
