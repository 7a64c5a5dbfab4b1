/** What spark/train.py computes, against our own core and plain arithmetic. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { holdOut, type ValidationSplit } from '../../src/engine/validation-split.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { solveRows } from '../../src/kernels/reference-als.ts'
import { configure, equationOf } from '../../src/model/configuration.ts'
import { fitFactors } from '../../src/model/fit.ts'
import { historyDetails, orderContents } from '../../src/model/history-details.ts'
import { partnersOf } from '../../src/model/partners.ts'
import { trainingLoss } from '../../src/model/training-loss.ts'
import { observedIn, runJob, SPARK_EQUATION } from '../../src/spark/engine.ts'
import { SparkResults } from '../../src/spark/results.ts'
import { relativeDistance } from '../kernels/problems.ts'
import { CONF, folder, parquetShop, SUBMIT, hasSpark } from './spark.ts'

const configuration = configure('default', { ...SPARK_EQUATION, factors: 8, iterations: 20 })
const equation = equationOf(configuration)
const DAY = 86_400_000

function readOf(dataset: Dataset) {
  const contents = orderContents(dataset)
  const { observed } = observedIn(dataset, configuration)
  return { observed, contents, details: historyDetails(dataset, observed, contents) }
}

describe.skipIf(!hasSpark)('a job on Spark', () => {
  let dataset: Dataset
  let split: ValidationSplit
  let results: SparkResults
  beforeAll(async () => {
    const shop = await parquetShop({ customers: 600, products: 120 })
    dataset = shop.dataset
    split = holdOut(dataset, 200)
    const work = join(folder, 'work')
    await mkdir(work)
    const log = join(folder, 'spark.log')
    await runJob(
      { master: 'local[2]', submit: SUBMIT, conf: CONF, data: shop.data, work, log },
      { dataset, split, configuration },
      join(shop.data, 'interactions.parquet'),
      work,
    )
    results = new SparkResults(work, dataset.products.size)
  })

  test.each(['whole', 'first'])('has the customers’ factors that fold in, of the fit %s', async (name) => {
    const { observed } = readOf(name === 'whole' ? dataset : split.train)
    const factors = await results.factors(name, 8)
    const folded = solveRows(observed, factors, 8, equation, 'user')
    const tastes = await results.tastes(name, 8)
    expect(tastes).toHaveLength(500)
    for (const taste of tastes) {
      const row = dataset.customers.indexOf(taste.customer)
      expect(relativeDistance(taste.factors, folded.subarray(row * 8, row * 8 + 8))).toBeLessThan(1e-6)
    }
  })

  test('fits as well as our own core under the same equation', async () => {
    const kernels = await openKernels()
    try {
      const { observed } = readOf(dataset)
      const lossOf = (data: Float32Array) =>
        trainingLoss(observed, { rows: observed.columns, columns: 8, data }, equation, kernels)
      const ours = await fitFactors(observed, configuration, kernels)
      const ratio = lossOf(await results.factors('whole', 8)) / lossOf(ours.itemFactors)
      expect(ratio).toBeLessThanOrEqual(1.002)
    } finally {
      await kernels.close()
    }
  })

  test('counts, and finds the same partners in the same order', async () => {
    const kernels = await openKernels()
    try {
      const { observed: histories, contents, details } = readOf(dataset)
      const partners = await partnersOf(histories, details.lastPurchased, kernels)
      const counts = await results.counts()
      const times = (indices: Uint32Array) => {
        const found = new Uint32Array(histories.columns)
        for (const product of indices) found[product]++
        return found
      }
      expect(counts).toEqual({
        buyers: times(histories.indices),
        orders: times(contents.indices),
        counted: partners.users,
      })
      expect(await results.partners(counts.counted)).toEqual(partners)
    } finally {
      await kernels.close()
    }
  })

  test('sums up the sales of each day', async () => {
    const { interactions, orders } = dataset
    const expected = new Map<string, { orders: Set<number>; units: number }>()
    interactions.product.forEach((product, i) => {
      const day = Math.floor(orders.timestamp[interactions.order[i]] / DAY)
      const key = `${product} on ${day}`
      const sold = expected.get(key) ?? { orders: new Set(), units: 0 }
      sold.orders.add(interactions.order[i])
      sold.units += interactions.quantity[i]
      expected.set(key, sold)
    })
    const found = await results.sales()
    expect(Object.fromEntries(found.map((s) => [`${s.product} on ${s.day}`, [s.orders, s.units]]))).toEqual(
      Object.fromEntries([...expected].map(([key, sold]) => [key, [sold.orders.size, sold.units]])),
    )
    expect(found).toHaveLength(expected.size)
  })
})
