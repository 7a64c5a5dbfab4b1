import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Budget, today } from '../../src/explanations/budget.ts'
import { ExplanationStore } from '../../src/store/explanation-store.ts'
import { keptLog } from './writer.ts'

const store = () => new ExplanationStore(null, keptLog())
const call = { inputTokens: 900, outputTokens: 100 }
const price = { input: 0.15, output: 0.6 }

describe('a budget', () => {
  test('counts a million tokens at their prices', () => {
    const budget = new Budget(store(), { tokens: Infinity, money: Infinity }, price)
    expect(budget.costOf({ inputTokens: 2_000_000, outputTokens: 500_000 })).toEqual({
      tokens: 2_500_000,
      money: 0.6,
    })
  })

  test('in tokens refuses the call that would exceed it', async () => {
    const budget = new Budget(store(), { tokens: 2500, money: Infinity }, price)
    expect(await budget.reserve(call)).not.toBeNull()
    expect(await budget.reserve(call)).not.toBeNull()
    expect(await budget.reserve(call)).toBeNull()
  })

  test('in money does too', async () => {
    // A call costs (900 × 0.15 + 100 × 0.6) / 10⁶ = 0.000195.
    const budget = new Budget(store(), { tokens: Infinity, money: 0.0002 }, price)
    expect(await budget.reserve(call)).not.toBeNull()
    expect(await budget.reserve(call)).toBeNull()
  })

  test('counts what a call really took, once it is known', async () => {
    const kept = store()
    const budget = new Budget(kept, { tokens: 1000, money: Infinity }, price)
    await (await budget.reserve(call))?.({ inputTokens: 300, outputTokens: 50 })
    expect((await kept.spent(today())).tokens).toBe(350)
    expect(await budget.reserve(call)).toBeNull()
    expect(await budget.reserve({ inputTokens: 600, outputTokens: 50 })).not.toBeNull()
  })

  test('takes what a call did not need back', async () => {
    const budget = new Budget(store(), { tokens: 1000, money: Infinity }, price)
    const settle = await budget.reserve(call)
    expect(await budget.reserve(call)).toBeNull()
    await settle?.({ inputTokens: 0, outputTokens: 0 })
    expect(await budget.reserve(call)).not.toBeNull()
  })

  test('is never exceeded if calls take no more than reserved, in any order of their ends', async () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(share, fc.nat(5)), { maxLength: 40 }), async (calls) => {
        const kept = store()
        const budget = new Budget(kept, { tokens: 5000, money: Infinity }, price)
        const open: (() => Promise<void>)[] = []
        for (const [part, ending] of calls) {
          const settle = await budget.reserve(call)
          if (settle !== null)
            open.push(() => settle({ inputTokens: Math.floor(900 * part), outputTokens: 100 }))
          for (const end of open.splice(ending, 1)) await end()
        }
        for (const end of open) await end()
        expect((await kept.spent(today())).tokens).toBeLessThanOrEqual(5000)
      }),
    )
  })

  test('that no number can exceed is refused what costs no number', async () => {
    const odd = fc.constantFrom(NaN, Infinity, -Infinity)
    await fc.assert(
      fc.asyncProperty(odd, odd, fc.double({ min: 0 }), async (input, output, daily) => {
        const prices = { input, output }
        for (const limits of [
          { tokens: daily, money: NaN },
          { tokens: NaN, money: daily },
        ]) {
          expect(await new Budget(store(), limits, price).reserve(call)).toBeNull()
        }
        if (Number.isNaN(input + output)) {
          expect(await new Budget(store(), { tokens: daily, money: daily }, prices).reserve(call)).toBeNull()
        }
      }),
    )
  })
})
