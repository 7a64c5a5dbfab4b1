import { expect, test } from 'vitest'
import { attackLongTail, isTooMuch } from './baskets.ts'

test('nobody’s history can be told from what goes with a product that they alone bought', async () => {
  const taken = await attackLongTail(150)
  expect(taken.length).toBeGreaterThan(7)
  for (const { customers, products } of taken) {
    expect(customers).toBeGreaterThan(50)
    expect(products).toBeGreaterThan(200)
  }
  expect(taken.filter(isTooMuch)).toEqual([])
})

test('the attack finds every history where single customers count', async () => {
  const taken = await attackLongTail(150, 1)
  const whole = new Map(taken.map(({ path, whole: found, customers }) => [path, found / customers]))
  expect(whole.get('basket ALSO_BOUGHT')).toBe(1)
  expect(whole.get('basket FOR_YOU by reasons')).toBe(1)
  expect(whole.get('neighbours CO_PURCHASE')).toBe(1)
})
