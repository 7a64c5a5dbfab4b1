import { PRICES } from '../../src/graphql/prices.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { Recommender } from '../../src/engine/recommender.ts'
import { decisivePurchases, setsTried } from '../../src/engine/decisive-purchases.ts'
import { Work } from '../../src/kernels/work.ts'
import { standingsOf } from '../../src/engine/what-if.ts'
import { type Explainer, templateExplainer } from '../../src/explanations/explainer.ts'
import type { Kernels } from '../../src/kernels/kernels.ts'
import { referenceKernels } from '../../src/kernels/reference.ts'
import { all, partsOf } from '../api/parts.ts'
import { serving } from '../api/serving.ts'
import { patience } from '../patience.ts'
import { keptLog } from './kept-log.ts'
import { smallRecommender } from '../api/shop.ts'

const TIMEOUT = {
  message: expect.stringMatching(
    /^This took longer than the [\d.]+ s that a request may take: ask for less at once/,
  ),
  extensions: { code: 'TIMEOUT' },
}

/** The real kernels, whose every search takes some time more. */
function slowKernels(
  milliseconds: number,
): Kernels & { readonly searches: number; readonly finished: number } {
  const kernels = referenceKernels()
  let searches = 0
  let finished = 0
  return {
    ...kernels,
    get searches() {
      return searches
    },
    get finished() {
      return finished
    },
    *openVectorsInPieces(vectors) {
      const index = yield* kernels.openVectorsInPieces(vectors)
      return {
        async topK(query) {
          searches++
          await pause(milliseconds)
          finished++
          return index.topK(query)
        },
        close: () => index.close(),
      }
    },
  }
}

/** Writes as a template does, after a time that no signal shortens; or, where it heeds them, when one aborts. */
function slowExplainer(milliseconds: number, heeds: boolean): Explainer {
  const template = templateExplainer()
  return {
    ...template,
    async explain(evidence, locale, signal) {
      await pause(milliseconds, undefined, heeds && signal ? { signal } : {}).catch(() => {})
      return template.explain(evidence, locale)
    },
  }
}

const list = (fields: string) => `{ customer(externalId: "customer-3") { ... on Customer {
  recommendations(first: 2) { edges { node { rank ${fields} } } }
} } }`

/**
 * All products of a category but the last, which stays among the first ten whichever few of these are taken out: it
 * competes only with them.
 */
const ALL_BUT_ONE = Array.from({ length: 11 }, (_, place) => 4 * place)
const LAST = 44

const listOf = (products: readonly number[]) => ({
  history: products.map((product) => ({ product, quantity: 1, purchasedAt: null })),
})

/** Some 90 sets of purchases are tried, 16 at a time. */
const search = (): string => {
  const history = ALL_BUT_ONE.map((product) => `{ sku: "sku-${product}" }`).join(' ')
  return `{ recommend(input: { history: [${history}] }, first: 1) {
    ... on RecommendationConnection { edges { node { decisivePurchases(first: 10) { outcome } } } }
  } }`
}

describe('a request that takes too long', () => {
  test('is answered in time, by an error: 503, TIMEOUT', async () => {
    const kernels = slowKernels(patience(5000))
    const { ask } = await serving({ kernels, limits: { seconds: 0.3 } })
    const answer = await ask(list(''))
    expect(kernels.finished).toBe(0)
    // The root; a customer; a list at 25, its places, and the four products bought; two recommendations.
    expect(answer).toEqual({
      status: 503,
      errors: [TIMEOUT],
      extensions: {
        cost: {
          requested: Math.ceil(1 + 1 + 25 + 2 * 0.07 + 4 * (PRICES.read + PRICES.leftOut) + 2),
          maximum: 5000,
        },
      },
    })
  })

  test('is answered with what can be had when its time is nearly up', async () => {
    const slow = patience(5000)
    const { ask } = await serving({
      explainer: slowExplainer(slow, true),
      limits: { seconds: slow / 10_000 },
    })
    const began = performance.now()
    const { data, errors } = await ask(list('explanation { source }'))
    expect(performance.now() - began).toBeLessThan(slow)
    expect(errors).toBeUndefined()
    expect(data.customer.recommendations.edges).toHaveLength(2)
  })

  test('makes no more lists: a search is given up', async () => {
    const kernels = slowKernels(200)
    const { ask } = await serving({ kernels, limits: { seconds: 0.4 } })
    const { data, errors } = await ask(search())
    expect(data ?? null).toBeNull()
    expect(errors).toEqual([expect.objectContaining(TIMEOUT)])
    const { searches } = kernels
    await pause(500)
    expect(kernels.searches).toBe(searches)
    expect(searches).toBeLessThan(setsTried(ALL_BUT_ONE.length) / 16)
  })
})

describe('a request whose client has disconnected', () => {
  test('stops, and nothing is answered', async () => {
    const kernels = slowKernels(30)
    const log = keptLog()
    const { url } = await serving({ kernels, logger: pino({}, log) })
    const client = new AbortController()
    const answer = fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query: search() }),
      signal: client.signal,
    })
    await expect.poll(() => kernels.searches).toBeGreaterThan(1)
    client.abort()
    await expect(answer).rejects.toThrow('aborted')
    const searchesIn = async (milliseconds: number) => {
      const before = kernels.searches
      await pause(milliseconds)
      return kernels.searches - before
    }
    await expect.poll(() => searchesIn(patience(200))).toBe(0)
    expect(kernels.searches).toBeLessThan(2000 / 16)
    expect(log.lines).toEqual([])
  })
})

describe('an answer in parts', () => {
  const deferred = list('... @defer { explanation { text } }')

  test('may take longer than its first part may', async () => {
    const { url } = await serving({
      explainer: slowExplainer(patience(700), false),
      limits: { seconds: patience(500) / 1000 },
    })
    const parts = await all(partsOf(url, deferred, { accept: 'multipart/mixed' }))
    expect(parts[0].data.customer.recommendations.edges).toHaveLength(2)
    expect(JSON.stringify(parts)).not.toContain('errors')
    expect(parts.at(-1).hasNext).toBe(false)
  })

  test.each([
    ['parts', deferred, 'multipart/mixed'],
    ['parts of the newer format', deferred, 'multipart/mixed; incrementalSpec=v0.2'],
    [
      'events',
      'subscription { explanationStream(externalId: "customer-3", first: 2) { explanation { text } } }',
      'text/event-stream',
    ],
  ])('ends when its time is up, with an error (%s)', async (_what, query, accept) => {
    const slow = patience(5000)
    const { url } = await serving({
      explainer: slowExplainer(slow, false),
      limits: { seconds: slow / 10_000, streamSeconds: slow / 8000 },
    })
    const began = performance.now()
    const parts = await all(partsOf(url, query, { accept }))
    expect(performance.now() - began).toBeLessThan(slow)
    expect(parts.at(-1)).toMatchObject({ errors: [TIMEOUT], hasNext: false })
  })
})

describe('the engine', async () => {
  const { model } = await smallRecommender()
  const recommender = new Recommender(model, referenceKernels())
  const enough = new Error('enough')
  /** Work that is told to stop once so much has been done. */
  const giveUpAfter = (pieces: number) => {
    const controller = new AbortController()
    const done = { pieces: 0 }
    const onSpent = () => {
      if (++done.pieces === pieces) controller.abort(enough)
    }
    return { done, work: new Work({ signal: controller.signal, onSpent, together: 8 }) }
  }

  test('reports the time of each piece of a search, and stops in the middle if aborted', async () => {
    const { done, work } = giveUpAfter(40)
    const request = { list: listOf(ALL_BUT_ONE), product: LAST, first: 10 }
    await expect(decisivePurchases(recommender, [request], work)).rejects.toBe(enough)
    // Not one batch of lists more.
    expect(done.pieces).toBeLessThan(80)
  })

  test('likewise for many standings', async () => {
    const { done, work } = giveUpAfter(40)
    const requests = Array.from({ length: 200 }, (_, i) => ({ list: listOf([i % 40]), product: LAST }))
    await expect(standingsOf(recommender, requests, work)).rejects.toBe(enough)
    expect(done.pieces).toBeLessThan(80)
  })
})
