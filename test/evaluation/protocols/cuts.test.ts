import { describe, expect, test } from 'vitest'
import { cutTimes } from '../../../src/evaluation/protocols/temporal.ts'
import { TrialError } from '../../../src/evaluation/trial.ts'

const day = (number: number) => Date.UTC(2018, 0, number)
const TIMES = Float64Array.of(day(3), day(1), Number.NaN, day(2), day(4), day(4))

describe('A cut', () => {
  test('is a date, or a date and time, UTC where it names no zone', () => {
    expect(cutTimes(TIMES, ['2018-01-03'])).toEqual([day(3)])
    expect(cutTimes(TIMES, ['2018-01-03 06:00'])).toEqual([day(3) + 6 * 3_600_000])
    expect(cutTimes(TIMES, ['2018-01-03T06:00:00+02:00'])).toEqual([day(3) + 4 * 3_600_000])
  })

  test('is a share of the interactions of known time: the first that is not before it sets the time', () => {
    // Of 1, 2, 3, 4, 4: two fifths are 1 and 2, so the cut is on the 3rd.
    expect(cutTimes(TIMES, ['0.4'])).toEqual([day(3)])
    expect(cutTimes(TIMES, ['0.59'])).toEqual([day(3)])
    expect(cutTimes(TIMES, ['.6'])).toEqual([day(4)])
    expect(cutTimes(TIMES, ['0.99'])).toEqual([day(4)])
  })

  test('may be one of several, which are put in order', () => {
    expect(cutTimes(TIMES, ['2018-01-04', '0.2', '2018-01-03'])).toEqual([day(2), day(3), day(4)])
  })

  test.each([
    [
      '2018-13-01',
      /"2018-13-01" is not a cut: write a date like 2018-06-01 .* or a share above 0 and below 1/,
    ],
    ['yesterday', /"yesterday" is not a cut/],
    ['', /"" is not a cut/],
    ['0', /"0" is not a cut/],
    ['1', /"1" is not a cut/],
    ['80', /"80" is not a cut/],
    ['2018-01-01', /2018-01-01, and nothing lies before it: the data runs from 2018-01-01 to 2018-01-04/],
    ['2018-01-05', /2018-01-05, and nothing lies after it: the data runs from 2018-01-01 to 2018-01-04/],
    ['0.1', /0.1 falls on 2018-01-01, and nothing lies before it/],
  ])('%j is an error that says why', (cut, message) => {
    expect(() => cutTimes(TIMES, [cut])).toThrow(TrialError)
    expect(() => cutTimes(TIMES, [cut])).toThrow(message)
  })

  test('needs to be there, and not twice', () => {
    expect(() => cutTimes(TIMES, [])).toThrow(/there is no cut/)
    expect(() => cutTimes(TIMES, ['0.4', '2018-01-03'])).toThrow(
      'the cuts 0.4 and 2018-01-03 fall on the same time: leave one out',
    )
  })

  test('needs data that states times', () => {
    expect(() => cutTimes(Float64Array.of(Number.NaN), ['0.5'])).toThrow(/the data states no times/)
  })
})
