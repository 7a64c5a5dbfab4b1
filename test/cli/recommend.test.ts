import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { LEARNED_SOURCES } from '../../src/model/blend-weights.ts'
import { rationale, rationaleJson } from './program.ts'
import { smallShop, trainedModel } from './shop.ts'

let model: string
let products: string[]
let customers: string[]
beforeAll(async () => {
  const shop = await smallShop()
  model = await trainedModel(shop)
  const column = (file: string, index: number) =>
    readFileSync(join(shop, file), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[index].replaceAll('"', ''))
  products = column('olist_products_dataset.csv', 0)
  customers = column('olist_customers_dataset.csv', 1)
})

const skus = ({ items }: Record<string, any>): string[] => items.map(({ sku }: any) => sku)

describe('rationale recommend', () => {
  test('--json gives a customer ranked products, their scores, reasons and explanations', async () => {
    const list = await rationaleJson(`recommend --model ${model} --customer ${customers[0]} --first 3`)
    expect(list).toEqual({
      customer: customers[0],
      segment: expect.any(String),
      strategy: 'HYBRID',
      items: [1, 2, 3].map((rank) => ({
        rank,
        sku: expect.toBeOneOf(products),
        category: expect.toBeOneOf([expect.any(String), null]),
        name: expect.any(String),
        scores: {
          hybrid: expect.any(Number),
          ...Object.fromEntries(
            LEARNED_SOURCES.map((source) => [source, expect.toBeOneOf([expect.any(Number), null])]),
          ),
          popularity: expect.any(Number),
          repeat: null,
        },
        reasons: expect.arrayContaining([
          {
            kind: 'TASTE',
            purchase: expect.toBeOneOf(products),
            amount: expect.any(Number),
            share: expect.any(Number),
          },
        ]),
        explanation: expect.stringMatching(/\.$/),
      })),
    })
  })

  test('the reasons of a recommendation sum to its score', async () => {
    const { items } = await rationaleJson(`recommend --model ${model} --customer ${customers[0]}`)
    for (const { reasons, scores } of items) {
      const sum = reasons.reduce((total: number, { amount }: any) => total + amount, 0)
      expect(sum).toBeCloseTo(scores.hybrid, 9)
    }
  })

  test('a basket is recommended for as a customer is, and what it holds is left out unless asked for', async () => {
    const history = products.slice(0, 2)
    const line = `recommend --model ${model} --history ${history} --first 60`
    const [without, with_] = await Promise.all([
      rationaleJson(line),
      rationaleJson(`${line} --include-purchased`),
    ])
    expect(without).toMatchObject({ customer: null, segment: null })
    expect(skus(without)).toHaveLength(products.length - history.length)
    expect(skus(without)).not.toEqual(expect.arrayContaining([expect.toBeOneOf(history)]))
    expect(skus(with_).toSorted()).toEqual(products.toSorted())
  })

  test('without --json it shows people the same', async () => {
    const line = `recommend --model ${model} --customer ${customers[0]} --first 2`
    const [{ items, segment }, { stdout, stderr }] = await Promise.all([rationaleJson(line), rationale(line)])
    expect(stderr).toBe('')
    expect(stdout).toContain(segment)
    for (const { sku, name, scores, reasons, explanation } of items) {
      for (const shown of [sku, name, scores.hybrid.toFixed(4), reasons[0].amount.toFixed(4), explanation]) {
        expect(stdout).toContain(shown)
      }
    }
  })

  test.each([
    ['--customer', 'nobody', /nobody.*customer_unique_id/],
    ['--history', 'nothing', /nothing/],
  ])('an unknown %s is named', async (option, id, message) => {
    const { code, stdout, stderr } = await rationale(`recommend --model ${model} ${option} ${id} --json`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
  })
})

describe('rationale similar', () => {
  test('--json gives the products most like one, the most similar first, itself left out', async () => {
    const similar = await rationaleJson(`similar --model ${model} --product ${products[0]} --first 5`)
    expect(similar).toEqual({
      product: products[0],
      items: [1, 2, 3, 4, 5].map((rank) => ({
        rank,
        sku: expect.toBeOneOf(products.slice(1)),
        category: expect.toBeOneOf([expect.any(String), null]),
        name: expect.any(String),
        similarity: expect.any(Number),
      })),
    })
    const similarities = similar.items.map(({ similarity }: any) => similarity)
    expect(similarities).toEqual(similarities.toSorted((a: number, b: number) => b - a))
  })

  test('without --json it is a table', async () => {
    const { stdout } = await rationale(`similar --model ${model} --product ${products[0]} --first 2`)
    expect(stdout.trimEnd().split('\n')).toHaveLength(3)
    expect(stdout).toMatch(/^ +similarity +product +category\n1 +-?[01]\.\d{4} +\S/)
  })

  test('an unknown product is named', async () => {
    const { code, stderr } = await rationale(`similar --model ${model} --product nothing`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: .*nothing/)
  })
})

describe('rationale inspect', () => {
  test('--json says everything the model file says of itself', async () => {
    const inspected = await rationaleJson(`inspect --model ${model}`)
    expect(inspected).toMatchObject({
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
      bytes: readFileSync(model).length,
      formatVersion: expect.any(Number),
      configuration: { preset: 'default', factors: 8, iterations: 5 },
      kernelVariant: expect.any(String),
      products: products.length,
      loss: expect.any(Number),
    })
    expect(inspected.lossByIteration).toHaveLength(5)
    expect(inspected.lossByIteration[4]).toBe(inspected.loss)
    expect(inspected.tensors.find(({ name }: any) => name === 'itemFactors')).toMatchObject({
      shape: [products.length, 8],
      bytes: products.length * 8 * 4,
    })
    const inSegments = inspected.segments.reduce((sum: number, { customers: n }: any) => sum + n, 0)
    expect(inSegments).toBe(inspected.customers)
  })

  test('without --json it shows people the same', async () => {
    const [inspected, { stdout }] = await Promise.all([
      rationaleJson(`inspect --model ${model}`),
      rationale(`inspect --model ${model}`),
    ])
    for (const shown of [
      inspected.version,
      inspected.kernelVariant,
      inspected.segments[0].name,
      inspected.lossByIteration[0].toPrecision(6),
      'itemFactors',
    ]) {
      expect(stdout).toContain(shown)
    }
  })
})
