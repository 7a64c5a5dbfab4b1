import { expect, test } from 'vitest'
import { CircuitBreaker } from '../../src/explanations/circuit-breaker.ts'

const opened = () => {
  const breaker = new CircuitBreaker({ failures: 3, pause: 1000 })
  for (let failure = 0; failure < 3; failure++) breaker.failed(0)
  return breaker
}

test('lets calls through as long as fewer than so many fail in a row', () => {
  const breaker = new CircuitBreaker({ failures: 3, pause: 1000 })
  breaker.failed(0)
  breaker.failed(0)
  expect(breaker.allows(0)).toBe(true)
  breaker.succeeded()
  breaker.failed(0)
  breaker.failed(0)
  expect(breaker.allows(0)).toBe(true)
})

test('then lets nothing through for the pause', () => {
  const breaker = opened()
  expect([0, 500, 999].map((now) => breaker.allows(now))).toEqual([false, false, false])
})

test('after it lets one through on trial, and others only after another pause', () => {
  const breaker = opened()
  expect([1000, 1001, 1999, 2000].map((now) => breaker.allows(now))).toEqual([true, false, false, true])
})

test('a trial that succeeds ends it, one that fails begins another pause', () => {
  const breaker = opened()
  breaker.allows(1000)
  breaker.failed(1500)
  expect([2000, 2499].map((now) => breaker.allows(now))).toEqual([false, false])
  expect(breaker.allows(2500)).toBe(true)
  breaker.succeeded()
  expect([2501, 2502].map((now) => breaker.allows(now))).toEqual([true, true])
})
