import { expect, test } from 'vitest'
import { attackCustomers } from '../attack/customers.ts'
import { attackThroughProxies } from '../attack/proxy.ts'

test('a proxy on this machine opens nothing about customers, and products', async () => {
  const found = Object.values(await attackThroughProxies())
  expect(found).toHaveLength(3)
  for (const one of found) expect(one).toEqual({ leaked: [], products: true })
})

test('forged ids give customers only to servers that may read all of them', async () => {
  const found = await attackCustomers(0.5)
  expect(found.map(({ customers }) => customers > 0)).toEqual([false, false, false, true])
  for (const { requests } of found) expect(requests).toBeGreaterThan(0)
})
