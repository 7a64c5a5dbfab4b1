import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseInstant, parseNumber, parseTimestamp } from '../../src/data/fields.ts'

describe('A number', () => {
  test.each([
    ['12', 12],
    ['-0.5', -0.5],
    ['+.5', 0.5],
    ['3.', 3],
    [' 1e3 ', 1000],
    ['2.5E-1', 0.25],
  ])('%j is %d', (text, value) => expect(parseNumber(text)).toBe(value))

  test.each(['', ' ', '\t'])('%j is unknown', (text) => expect(parseNumber(text)).toBeNaN())

  test.each(['abc', '1,5', '0x10', '1 2', 'NaN', 'Infinity', '1e999', '--1', '.', 'R$ 5'])(
    '%j is none',
    (text) => expect(parseNumber(text)).toBeUndefined(),
  )

  test('is read back as JavaScript writes it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseNumber(String(value))).toBe(value === 0 ? 0 : value)
      }),
    )
  })
})

describe('A date and time', () => {
  test.each([
    ['2018-01-01', '2018-01-01T00:00:00.000Z'],
    ['2017-10-02 10:56:33', '2017-10-02T10:56:33.000Z'],
    ['2017-10-02T10:56', '2017-10-02T10:56:00.000Z'],
    ['2017-10-02T10:56:33Z', '2017-10-02T10:56:33.000Z'],
    ['2017-10-02T10:56:33.123456789Z', '2017-10-02T10:56:33.123Z'],
    ['2017-10-02 10:56:33,5', '2017-10-02T10:56:33.500Z'],
    ['2017-10-02T10:56:33-03:00', '2017-10-02T13:56:33.000Z'],
    ['2017-10-02 01:00:00 +0530', '2017-10-01T19:30:00.000Z'],
    ['2017-10-02 01:00:00+02', '2017-10-01T23:00:00.000Z'],
    ['2016-02-29', '2016-02-29T00:00:00.000Z'],
    ['1969-12-31 23:59:59', '1969-12-31T23:59:59.000Z'],
  ])('%j is %s', (text, iso) => expect(parseTimestamp(text)).toBe(Date.parse(iso)))

  test('is unknown where it is blank', () => expect(parseTimestamp(' ')).toBeNaN())

  test.each([
    '2018-02-30',
    '2018-02-29',
    '1900-02-29',
    '2018-04-31',
    '2018-13-01',
    '2018-00-01',
    '2018-01-00',
    '2018-01-01 24:00:00',
    '2018-01-01 10:60:00',
    '2018-01-01 10:00:60',
    '2018-01-01Z',
    '2018-01-01 10:00:00+99:00',
    '01/02/2018',
    '20180101',
    '0001-01-01',
    'yesterday',
    '1500000000',
  ])('%j is none', (text) => expect(parseTimestamp(text)).toBeUndefined())

  test('is read back as JavaScript writes it', () => {
    const date = fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(date, (value) => {
        expect(parseTimestamp(value.toISOString())).toBe(value.getTime())
      }),
    )
  })
})

describe('An instant', () => {
  test.each([
    ['1260759144', 1260759144000],
    ['1260759144.25', 1260759144250],
    ['1260759144250', 1260759144250],
    ['999999999', 999999999000],
    ['2009-12-14 02:52:24', 1260759144000],
  ])('%j is %d ms after 1970', (text, time) => expect(parseInstant(text)).toBe(time))

  test('is unknown where it is blank', () => expect(parseInstant('')).toBeNaN())

  test.each(['20180101', '1', '-1260759144', '1260759144250000', '2018-02-30', 'soon'])(
    '%j is none',
    (text) => expect(parseInstant(text)).toBeUndefined(),
  )
})
