import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { armOf, assignArms, drawOf, strataOf } from '../../src/experiments/assignment.ts'

const ids = Array.from({ length: 10_000 }, (_, i) => `customer-${i}`)
const drawsOf = (salt: string) => Uint32Array.from(ids, (id) => drawOf(salt, id))
const countsOf = (arms: Iterable<number>, size: number) => {
  const counts = Array.from({ length: size }, () => 0)
  for (const arm of arms) counts[arm]++
  return counts
}

test('A draw is the first 32 bits of SHA-256 over salt, a zero byte and id', () => {
  // printf 'spring\0customer-1' | sha256sum
  expect(drawOf('spring', 'customer-1').toString(16)).toBe('e91db6ac')
})

describe('A new customer', () => {
  test('is in the arm whose share their number falls into', () => {
    const split = [0.5, 0.25, 0.25]
    const quarter = 2 ** 30
    const numbers = [0, 2 * quarter - 1, 2 * quarter, 3 * quarter - 1, 3 * quarter, 4 * quarter - 1]
    expect(numbers.map((number) => armOf(number, split))).toEqual([0, 0, 1, 1, 2, 2])
  })

  test('is in the same arm each time, and in another experiment’s arm by chance', () => {
    const [spring, again, autumn] = ['spring', 'spring', 'autumn'].map(drawsOf)
    expect(again).toEqual(spring)
    const both = ids.filter((_, i) => armOf(spring[i], [0.5, 0.5]) === armOf(autumn[i], [0.5, 0.5]))
    // Half of 10,000, give or take five standard deviations of 50.
    expect(Math.abs(both.length - 5000)).toBeLessThan(250)
  })

  test('arms get their shares, for any salt', () => {
    const splits = fc.constantFrom([0.5, 0.5], [0.8, 0.2], [0.34, 0.33, 0.33])
    fc.assert(
      fc.property(fc.string(), splits, (salt, split) => {
        const counts = countsOf(
          Array.from(drawsOf(salt), (draw) => armOf(draw, split)),
          split.length,
        )
        split.forEach((share, arm) => {
          const deviation = Math.sqrt(10_000 * share * (1 - share))
          expect(Math.abs(counts[arm] - 10_000 * share)).toBeLessThan(6 * deviation)
        })
      }),
      { numRuns: 20 },
    )
  })
})

describe('Customers known at the start', () => {
  test('are dealt out within their segment: each arm has its share to the customer', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(sizes, fc.constantFrom([0.5, 0.5], [0.7, 0.3], [0.34, 0.33, 0.33]), (members, split) => {
        const codes = Int32Array.from(
          members.flatMap((size, segment) => Array.from({ length: size }, () => segment)),
        )
        const draws = drawsOf('spring').subarray(0, codes.length)
        const arms = assignArms(draws, strataOf(codes, members.length), split)
        members.forEach((size, segment) => {
          const counts = countsOf(
            arms.filter((_, i) => codes[i] === segment),
            split.length,
          )
          split.forEach((share, arm) => expect(Math.abs(counts[arm] - size * share)).toBeLessThanOrEqual(1))
        })
      }),
      { numRuns: 50 },
    )
  })

  test('assign new customers by their number', () => {
    const draws = drawsOf('spring')
    const codes = Int32Array.from(draws, (_, i) => (i < 100 ? 0 : -1))
    const arms = assignArms(draws, strataOf(codes, 1), [0.5, 0.5])
    for (let i = 100; i < ids.length; i++) expect(arms[i]).toBe(armOf(draws[i], [0.5, 0.5]))
  })
})
