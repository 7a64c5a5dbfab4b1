import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CUSTOMER_FEATURES } from '../../src/model/customer-features.ts'
import { measuredNames, NAMING_RULES, nameSegments, segmentCount } from '../../src/model/segments.ts'

const published = [
  { frequency: 1, monetary: 110, reviewScore: 4.7, deliveryDelayDays: -12, recencyDays: 400 },
  { frequency: 1, monetary: 120, reviewScore: 1.6, deliveryDelayDays: -2, recencyDays: 230 },
  { frequency: 2, monetary: 1500, reviewScore: 4.1, deliveryDelayDays: -12, recencyDays: 226 },
  { frequency: 1, monetary: 112, reviewScore: 4.6, deliveryDelayDays: -13, recencyDays: 130 },
  { frequency: 1, monetary: 1484, reviewScore: 4.1, deliveryDelayDays: -11, recencyDays: 246 },
]

describe('measuredNames', () => {
  test('say what a segment is the first or the last in', () => {
    expect(measuredNames(published, CUSTOMER_FEATURES)).toEqual([
      'Least Recent, Highest Reviews',
      'Lowest Reviews, Latest Deliveries',
      'Most Frequent, Highest Value',
      'Most Recent',
      '2nd Highest Value',
    ])
  })

  test('say nothing of reviews, deliveries or feelings where there are no reviews', () => {
    const means = published.map((segment) => ({ ...segment, reviewScore: null }))
    const names = measuredNames(
      means,
      CUSTOMER_FEATURES.filter((feature) => feature !== 'reviewScore'),
    )
    expect(names).toEqual([
      'Least Recent, Lowest Value',
      '3rd Highest Value',
      'Most Frequent, Highest Value',
      'Most Recent',
      '2nd Highest Value',
    ])
  })

  test('say nothing that is true of two', () => {
    const means = [
      { frequency: 2, monetary: 9, recencyDays: 5 },
      { frequency: 2, monetary: 5, recencyDays: 5 },
      { frequency: 1, monetary: 7, recencyDays: 5 },
    ]
    expect(measuredNames(means, ['frequency', 'monetary', 'recencyDays'])).toEqual([
      'Highest Value',
      'Lowest Value',
      'Least Frequent',
    ])
  })

  test('are all different, whatever is measured', () => {
    const mean = fc.option(fc.integer({ min: 0, max: 4 }))
    const means = fc.record(Object.fromEntries(CUSTOMER_FEATURES.map((feature) => [feature, mean])))
    fc.assert(
      fc.property(
        fc.array(means, { minLength: 1, maxLength: 5 }),
        fc.subarray([...CUSTOMER_FEATURES]),
        (segments, varying) => {
          const names = measuredNames(segments, varying)
          expect(new Set(names).size).toBe(segments.length)
          for (const name of names) expect(name).toMatch(/^[A-Z0-9][A-Za-z0-9 ,]{1,39}$/)
        },
      ),
    )
  })

  test('is one name for all where there is one segment', () => {
    expect(measuredNames([published[0]], [])).toEqual(['All Customers'])
  })
})

describe('nameSegments, of the notebook', () => {
  test('follows the rules in their order: who repeats is a loyalist, however much they spend', () => {
    expect(nameSegments(published, CUSTOMER_FEATURES)).toEqual([
      'Silent Satisfied',
      'Dissatisfied / At Risk',
      'Repeat Loyalists',
      'Engaged Enthusiasts',
      'High-Value Buyers',
    ])
  })

  test('finds the dissatisfied by the delay of their deliveries where there are no reviews', () => {
    const means = published.map((segment) => ({ ...segment, reviewScore: null }))
    const varying = CUSTOMER_FEATURES.filter((feature) => feature !== 'reviewScore')
    expect(nameSegments(means, varying)[1]).toBe('Dissatisfied / At Risk')
  })

  test('gives no name that the data cannot bear out', () => {
    const varying = ['recencyDays', 'monetary'] as const
    expect(segmentCount(varying)).toBe(3)
    expect(nameSegments(published.slice(0, 3), varying)).toEqual([
      'Silent Satisfied',
      'Engaged Enthusiasts',
      'High-Value Buyers',
    ])
  })

  test('calls a single segment all customers', () => {
    expect(segmentCount([])).toBe(1)
    expect(nameSegments([published[0]], [])).toEqual(['All Customers'])
  })

  test('knows as many names as there are segments when everything varies', () => {
    expect(segmentCount(CUSTOMER_FEATURES)).toBe(NAMING_RULES.length)
  })
})
