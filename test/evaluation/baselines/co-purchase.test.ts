import { describe, expect, test } from 'vitest'
import { coPurchase, bm25, cosine, rp3beta } from '../../../src/evaluation/baselines/co-purchase.ts'
import { purchasesOf } from '../../../src/evaluation/baselines/purchases.ts'
import { cornerShop, listOf } from './corner-shop.ts'

const [A, B, C, D] = [0, 1, 2, 3]
const purchases = purchasesOf(cornerShop())
const plain = () => coPurchase('cosine', cosine({ shrink: 0 }), 9)
const walk = (beta: number) => coPurchase('RP3beta', rp3beta({ alpha: 1, beta }), 9)

describe('Cosine', () => {
  test('is the number of common customers by the root of the product of both numbers', () => {
    const { weights, similarity } = cosine({ shrink: 0 })(purchases)
    expect(weights.every((weight) => weight === 1)).toBe(true)
    expect(similarity(A, B, 2)).toBeCloseTo(2 / Math.sqrt(6), 15)
    expect(similarity(C, D, 1)).toBe(1 / 2)
    expect(similarity(A, A, 3)).toBe(1)
  })

  test('is shrunk where it rests on few customers', () => {
    expect(cosine({ shrink: 3 })(purchases).similarity(C, D, 1)).toBe(1 / 5)
  })

  test('lists what the customers of the history bought, too, then what is popular', async () => {
    // a and b: 2/√6, a and c: 1/√6, b and c: 1/2, c and d: 1/2
    expect(await listOf(plain(), [['a']], 'discovery')).toBe('bcde')
    expect(await listOf(plain(), [['b']], 'discovery')).toBe('acde')
    expect(await listOf(plain(), [['c']], 'discovery')).toBe('bdae')
  })

  test('adds up what several purchases say, each once, however many pieces', async () => {
    // a and d: b 2/√6, c 1/√6 + 1/2
    expect(await listOf(plain(), [['a'], ['d']], 'discovery')).toBe('cbe')
    expect(await listOf(plain(), [['a', 9], ['d']], 'discovery')).toBe('cbe')
  })

  test('counts a product for its own neighbour where it may be bought again', async () => {
    expect(await listOf(plain(), [['c']], 'next-order')).toBe('cbdae')
  })

  test('keeps the nearest neighbours alone, ties to the lower index', async () => {
    const one = coPurchase('cosine', cosine({ shrink: 0 }), 1)
    // c: b and d are as near; a is not among the neighbours.
    expect(await listOf(one, [['c']], 'discovery')).toBe('bade')
    expect(await listOf(one, [['c']], 'next-order')).toBe('cbade')
  })

  test('is popularity for a history of which nobody bought anything', async () => {
    expect(await listOf(plain(), [['e']], 'discovery')).toBe('abcd')
    expect(await listOf(plain(), [], 'discovery')).toBe('abcde')
  })
})

describe('RP³β', () => {
  test('is the chance to walk from one product to another by way of a customer', () => {
    const { weights, similarity } = rp3beta({ alpha: 1, beta: 0 })(purchases)
    // From c to bea, who has three products, or dan, who has two.
    const [bea, dan] = [weights[4] * weights[2], weights[6] * weights[7]]
    expect(similarity(C, A, bea)).toBeCloseTo((1 / 2) * (1 / 3), 15)
    expect(similarity(C, D, dan)).toBeCloseTo((1 / 2) * (1 / 2), 15)
    expect(
      similarity(C, A, bea) + similarity(C, B, bea) + similarity(C, C, bea + dan) + similarity(C, D, dan),
    ).toBeCloseTo(1, 15)
  })

  test('costs popular products with β, and no branch with α of 0', () => {
    expect(rp3beta({ alpha: 1, beta: 2 })(purchases).similarity(C, A, 1)).toBeCloseTo(1 / 2 / 9, 15)
    const counts = rp3beta({ alpha: 0, beta: 0 })(purchases)
    expect(counts.weights.every((weight) => weight === 1)).toBe(true)
    expect(counts.similarity(A, B, 2)).toBe(2)
  })

  test('lists by that chance, then what is popular', async () => {
    // From c: a 1/6, b 1/6, d 1/4; with β = 1 they are 1/18, 1/12, 1/8.
    expect(await listOf(walk(0), [['c']], 'discovery')).toBe('dabe')
    expect(await listOf(walk(1), [['c']], 'discovery')).toBe('dbae')
    // And c itself 5/12, or 5/24.
    expect(await listOf(walk(0), [['c']], 'next-order')).toBe('cdabe')
  })
})

describe('BM25', () => {
  test('weighs a purchase by its count against the product’s sales, and by how few products the customer has', () => {
    // Sold: a 3, b 2, c 2, d 4, on average 11/4. Of four products ana has two, bea three, cem one.
    const { weights } = bm25({ k1: 1, b: 1 })(purchases)
    expect(weights[0]).toBeCloseTo((2 / (1 + 12 / 11)) * Math.log(2), 15)
    expect(weights[4]).toBeCloseTo((2 / (1 + 8 / 11)) * Math.log(10 / 7), 15)
    expect(weights[5]).toBeCloseTo((2 / (1 + 12 / 11)) * Math.log(10 / 3), 15)
    // eva’s three of d
    expect(weights[8]).toBeCloseTo((6 / (3 + 16 / 11)) * Math.log(10 / 3), 15)
  })

  test('knows neither length nor count with b and k₁ of 0', () => {
    const { weights } = bm25({ k1: 0, b: 0 })(purchases)
    expect(weights[0]).toBeCloseTo(Math.log(2), 15)
    expect(weights[8]).toBeCloseTo(Math.log(10 / 3), 15)
  })

  test('lists by the sum of the products of weights, then what is popular', async () => {
    const system = coPurchase('BM25', bm25({ k1: 1, b: 1 }), 9)
    // From c: by bea, a 22/23 · 22/19 · ln²(10/7) = 0.141 and b (22/19)² · ln²(10/7) = 0.171;
    // by dan, d 22/27 · 22/19 · ln² 2 = 0.453.
    expect(await listOf(system, [['c']], 'discovery')).toBe('dbae')
    // From b: by ana and bea, a 22/23 · 22/19 · (ln² 2 + ln²(10/7)) = 0.673; by bea, c 0.171.
    expect(await listOf(system, [['b']], 'discovery')).toBe('acde')
  })
})

describe('A parameter out of range is refused by name', () => {
  test.each([
    [
      'neighbours must be a whole number of at least 1, not 0',
      () => coPurchase('x', cosine({ shrink: 0 }), 0),
    ],
    [
      'neighbours must be a whole number of at least 1, not 1.5',
      () => coPurchase('x', cosine({ shrink: 0 }), 1.5),
    ],
    ['shrink must be a number of at least 0, not -1', () => cosine({ shrink: -1 })],
    ['k1 must be a number of at least 0, not NaN', () => bm25({ k1: NaN, b: 0 })],
    ['b must be a number from 0 to 1, not 2', () => bm25({ k1: 1, b: 2 })],
    ['alpha must be a number of at least 0, not -1', () => rp3beta({ alpha: -1, beta: 0 })],
    ['beta must be a number of at least 0, not Infinity', () => rp3beta({ alpha: 1, beta: Infinity })],
  ])('%s', (message, build) => {
    expect(build).toThrow(message)
  })
})
