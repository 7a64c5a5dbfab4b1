import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Scoreboard, scoredLists } from '../../../src/evaluation/baselines/scored-lists.ts'
import { Work } from '../../../src/kernels/work.ts'
import { caseOf } from './corner-shop.ts'

const PRODUCTS = 12
const others = Uint32Array.from({ length: PRODUCTS }, (_, i) => PRODUCTS - 1 - i)

test('A scoreboard lists as sorting everything would, and the others after it', () => {
  const product = fc.nat(PRODUCTS - 1)
  const amounts = fc.array(fc.tuple(product, fc.integer({ min: -3, max: 3 })), { maxLength: 40 })
  const rounds = fc.array(fc.tuple(fc.array(product, { maxLength: 5 }), amounts), {
    minLength: 1,
    maxLength: 4,
  })
  const board = new Scoreboard(PRODUCTS)
  fc.assert(
    fc.property(rounds, fc.nat(PRODUCTS + 3), (all, first) => {
      for (const [excluded, added] of all) {
        board.clear()
        for (const one of excluded) board.exclude(one)
        for (const [one, amount] of added) board.add(one, amount)

        const sums = new Map<number, number>()
        for (const [one, amount] of added)
          if (!excluded.includes(one)) sums.set(one, (sums.get(one) ?? 0) + amount)
        const sorted = [...sums].sort(([a, x], [b, y]) => y - x || a - b).map(([one]) => one)
        const rest = [...others].filter((one) => !sums.has(one) && !excluded.includes(one))
        expect([...board.best(first)]).toEqual(sorted.slice(0, first))
        expect([...board.listOf(first, others)]).toEqual([...sorted, ...rest].slice(0, first))
        for (const [one, sum] of sums) expect(board.scoreOf(one)).toBe(sum)
        for (const one of excluded) expect(board.scoreOf(one)).toBe(0)
      }
    }),
  )
})

test('Scored lists are given up in the middle when that is asked for', async () => {
  const abort = new AbortController()
  let asked = 0
  const lists = scoredLists(PRODUCTS, others, () => {
    // As long as a few lists of a large shop.
    const begun = process.cpuUsage().user
    while (process.cpuUsage().user - begun < 3000);
    if (++asked === 5) setImmediate(() => abort.abort(new Error('enough')))
  })
  const cases = Array.from({ length: 1000 }, () => caseOf([['a']]))
  const made = lists.recommend(cases, 'discovery', 3, new Work({ signal: abort.signal }))
  await expect(made).rejects.toThrow('enough')
  expect(asked).toBeLessThan(100)
})
