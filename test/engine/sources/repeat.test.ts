import { describe, expect, test } from 'vitest'
import { repeatValues } from '../../../src/engine/sources/repeat.ts'
import { DAY } from '../small-model.ts'
import { added, bought, threefold } from './asking.ts'

describe('buying again', () => {
  test('counts how often a product was bought, half for every 180 days since', () => {
    const values = repeatValues([bought(4, 3, 400), bought(7, 2, 220), bought(8, 1, 40)], 400 * DAY)
    expect([4, 7, 8].map((product) => values.value(product))).toEqual([3, 1, 1 / 4])
    expect(values.value(5)).toBeNull()
    expect(values.best(2)).toEqual([4, 7])
  })

  test('counts purchases of unknown time, and all where no time is known, in full', () => {
    expect(repeatValues([bought(4, 3, 400), bought(7, 2)], 900 * DAY).value(7)).toBe(2)
    expect(repeatValues([bought(7, 2, 3)], NaN).value(7)).toBe(2)
  })

  test('adds log₂(1 + v), as calibrated', () => {
    const values = repeatValues([bought(1, 3), bought(2, 1)], NaN)
    const calibrated = [0, 2, 1]
    expect([0, 1, 2].map((product) => values.calibrated(product))).toEqual(calibrated)
    expect(added(values, 3)).toEqual(threefold(calibrated))
  })
})
