import { describe, expect, test } from 'vitest'
import { limitsOf } from '../../src/server/limits.ts'

const DEFAULTS = {
  bodyBytes: 262_144,
  tokens: 1000,
  depth: 10,
  aliases: 15,
  directives: 50,
  cost: 5000,
  nodes: 10_000,
  seconds: 10,
  streamSeconds: 120,
  rateLimit: null,
  visitorRateLimit: null,
}

describe('requests are limited', () => {
  test('by default', () => {
    expect(limitsOf({}, false, {})).toEqual(DEFAULTS)
  })

  test('by callers too, if they may come from elsewhere', () => {
    expect(limitsOf({}, true, {})).toEqual({
      ...DEFAULTS,
      rateLimit: { capacity: 150_000, perSecond: 15_000 },
      visitorRateLimit: { capacity: 15_000, perSecond: 1500 },
    })
  })

  const environment = {
    MAX_BODY_BYTES: '1000',
    MAX_TOKENS: '200',
    MAX_DEPTH: '5',
    MAX_ALIASES: '3',
    MAX_DIRECTIVES: '4',
    MAX_COST: '700',
    MAX_NODES: '800',
    REQUEST_TIMEOUT: '2.5',
    STREAM_TIMEOUT: '60',
    RATE_LIMIT: '700,0.5',
    VISITOR_RATE_LIMIT: '701,0.25',
  }

  test('as the environment says', () => {
    expect(limitsOf({}, false, environment)).toEqual({
      bodyBytes: 1000,
      tokens: 200,
      depth: 5,
      aliases: 3,
      directives: 4,
      cost: 700,
      nodes: 800,
      seconds: 2.5,
      streamSeconds: 60,
      rateLimit: { capacity: 700, perSecond: 0.5 },
      visitorRateLimit: { capacity: 701, perSecond: 0.25 },
    })
  })

  test('as options say, not as the environment says', () => {
    expect(limitsOf({ ...DEFAULTS }, true, environment)).toEqual(DEFAULTS)
    expect(limitsOf({ rateLimit: null }, true, {}).rateLimit).toBeNull()
  })

  test('by default if a variable is empty', () => {
    expect(limitsOf({}, true, { MAX_DEPTH: '', RATE_LIMIT: '' })).toEqual(limitsOf({}, true, {}))
  })

  test('not by callers if the environment says "off"', () => {
    expect(limitsOf({}, true, { RATE_LIMIT: 'off' }).rateLimit).toBeNull()
    expect(
      limitsOf({}, true, { RATE_LIMIT: 'off', VISITOR_RATE_LIMIT: '5000,1' }).visitorRateLimit,
    ).toBeNull()
    expect(limitsOf({}, true, { VISITOR_RATE_LIMIT: 'off' })).toMatchObject({
      rateLimit: { capacity: 150_000 },
      visitorRateLimit: null,
    })
  })

  test('of a key by a tenth, but at least the most expensive operation', () => {
    expect(limitsOf({ cost: 4000 }, true, { RATE_LIMIT: '30000,100' }).visitorRateLimit).toEqual({
      capacity: 4000,
      perSecond: 10,
    })
  })
})

test.each([
  [{ MAX_DEPTH: 'deep' }, 'MAX_DEPTH must be a number, not "deep"'],
  [{ MAX_COST: '1.5' }, 'MAX_COST must be a whole number, not "1.5"'],
  [{ MAX_NODES: '0' }, 'MAX_NODES must be 1 or more, not "0"'],
  [{ MAX_TOKENS: 'Infinity' }, 'MAX_TOKENS must be a number, not "Infinity"'],
  [{ REQUEST_TIMEOUT: '0' }, 'REQUEST_TIMEOUT must be more than 0, not "0"'],
  [{ STREAM_TIMEOUT: '1e9' }, 'STREAM_TIMEOUT must be 2147483 or less, not "1e9"'],
  [{ RATE_LIMIT: 'much' }, 'RATE_LIMIT must look like 150000,15000, or be "off", not "much"'],
  [
    { RATE_LIMIT: '4999,100' },
    'with MAX_COST or more (5000) at once and more than 0 a second, not "4999,100"',
  ],
  [{ VISITOR_RATE_LIMIT: 'few' }, 'VISITOR_RATE_LIMIT must look like 150000,15000, or be "off", not "few"'],
  [
    { RATE_LIMIT: '5000,10', VISITOR_RATE_LIMIT: '100,1' },
    'VISITOR_RATE_LIMIT must allow the most expensive operation',
  ],
  [{ RATE_LIMIT: '5000,0' }, 'with MAX_COST or more (5000) at once and more than 0 a second, not "5000,0"'],
  [
    { MAX_DEPTH: '-1', MAX_ALIASES: 'x' },
    'MAX_DEPTH must be 1 or more, not "-1"; MAX_ALIASES must be a number, not "x"',
  ],
])('%j is refused', (environment, message) => {
  expect(() => limitsOf({}, false, environment)).toThrow(message)
})

test('an option that cannot be is refused by the name of its variable', () => {
  expect(() => limitsOf({ seconds: Number.NaN }, false, {})).toThrow(
    'REQUEST_TIMEOUT must be a number, not "NaN"',
  )
  expect(() => limitsOf({ rateLimit: { capacity: 1, perSecond: 1 } }, false, {})).toThrow('not "1,1"')
})
