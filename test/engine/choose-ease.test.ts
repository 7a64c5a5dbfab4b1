import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseEaseRegularization } from '../../src/engine/choose-ease.ts'
import { holdOut } from '../../src/engine/validation-split.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { smallShop } from '../model/small-shop.ts'

let core: Kernels
beforeAll(async () => {
  core = await openKernels({ threads: 1 })
})
afterAll(() => core?.close())

/** Customers who buy one product and, later, the one that goes with it. */
const pairs = (customers: number) =>
  smallShop(
    Array.from({ length: customers }, (_, c) => [
      { customer: `u${c}`, product: `a${c % 5}`, day: c },
      { customer: `u${c}`, product: `b${c % 5}`, day: c + 100 },
    ]).flat(),
  )

describe('the regularisation of EASE', () => {
  test('is the strongest of those that predict held-out orders best', async () => {
    // Half of the customers are held out; the others' pairs rank the right product first under any λ.
    const split = holdOut(pairs(60), 30)
    expect(await chooseEaseRegularization(split, core, 7)).toBe(800)
  })

  test('is the usual one where no held-out order says anything', async () => {
    const none = holdOut(smallShop([{ customer: 'ana', product: 'tea' }]), 10)
    expect(await chooseEaseRegularization(none, core, 7)).toBe(7)
    // Everybody's last order is held out: nobody is left who bought two products.
    expect(await chooseEaseRegularization(holdOut(pairs(60), 100), core, 7)).toBe(7)
  })

  test('stops when told to', async () => {
    const split = holdOut(pairs(60), 30)
    await expect(chooseEaseRegularization(split, core, 7, AbortSignal.abort())).rejects.toThrow('cancelled')
  })
})
