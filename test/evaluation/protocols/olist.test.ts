/**
 * The protocols on Olist (orders reconstructed). The counts are those of a Python script over the CSV files that
 * knows nothing of this code: orders with items by customer_unique_id; the last order is the greatest by
 * (order_purchase_timestamp, place of its first line item); sets of product_id before and after.
 */
import { beforeAll, expect, test } from 'vitest'
import type { Dataset } from '../../../src/data/dataset.ts'
import { readDataset } from '../../../src/data/read.ts'
import { basketTrials } from '../../../src/evaluation/protocols/basket.ts'
import { lastOrderTrial } from '../../../src/evaluation/protocols/last-order.ts'
import { notebookTrial } from '../../../src/evaluation/protocols/notebook.ts'
import { temporalTrials } from '../../../src/evaluation/protocols/temporal.ts'
import type { Trial } from '../../../src/evaluation/trial.ts'
import { describeOlist, olistFolder } from '../../model/olist.ts'

function countsOf({ train, cases, leftOut }: Trial) {
  return {
    interactions: train.interactions.count,
    customers: train.customers.size,
    products: train.products.size,
    cases: cases.length,
    noHistory: leftOut['customers with no purchase in training'] ?? 0,
    nothingToFind: leftOut['customers with nothing left to find'] ?? 0,
    unknown: leftOut['held-out purchases of products that training does not know'] ?? 0,
    before: leftOut['held-out purchases of products bought before'] ?? 0,
  }
}

describeOlist('The protocols on Olist', () => {
  let dataset: Dataset
  beforeAll(async () => {
    dataset = await readDataset(olistFolder, { countCancelled: true })
  })

  test('2,925 customers have a last order to hold out', () => {
    const train = { interactions: 109_142, customers: 95_409, products: 32_259, noHistory: 0, unknown: 701 }
    const discovery = lastOrderTrial(dataset, { task: 'discovery' })
    expect(countsOf(discovery)).toEqual({ ...train, cases: 1_937, nothingToFind: 988, before: 388 })
    const next = lastOrderTrial(dataset, { task: 'next-order' })
    expect(countsOf(next)).toEqual({ ...train, cases: 2_313, nothingToFind: 612, before: 0 })
    expect(next.train).toEqual(discovery.train)
  })

  test('all 2,925 can be asked about where the whole catalogue is kept', () => {
    const { train, cases } = lastOrderTrial(dataset, { task: 'next-order', keepCatalogue: true })
    expect([train.products.size, cases.length]).toEqual([32_951, 2_925])
  })

  test('a cut leaves few who came back', () => {
    const [discovery] = temporalTrials(dataset, { task: 'discovery', cuts: ['2018-06-01'] })
    const train = {
      interactions: 91_229,
      customers: 77_193,
      products: 26_894,
      noHistory: 18_216,
      unknown: 218,
    }
    expect(countsOf(discovery)).toEqual({ ...train, cases: 221, nothingToFind: 226, before: 51 })
    const [next] = temporalTrials(dataset, { task: 'next-order', cuts: ['2018-06-01'] })
    expect(countsOf(next)).toEqual({ ...train, cases: 269, nothingToFind: 178, before: 0 })
    expect(discovery.leftOut).not.toHaveProperty('interactions of unknown time')
  })

  test('several cuts are judged each until the next', () => {
    const trials = temporalTrials(dataset, { task: 'discovery', cuts: ['2018-01-01', '2018-06-01'] })
    const train = { interactions: 51_231, customers: 43_530, products: 17_450 }
    expect(countsOf(trials[0])).toEqual({
      ...train,
      cases: 256,
      noHistory: 33_663,
      nothingToFind: 241,
      unknown: 252,
      before: 34,
    })
    expect(trials[1].cases).toHaveLength(221)
  })

  test('3,236 orders hold two products or more', () => {
    const trials = basketTrials(dataset, { seed: 1 })
    const asked = trials.flatMap(({ cases }) => cases).length
    const leftOut = trials.flatMap((trial) => Object.values(trial.leftOut))
    expect(leftOut.reduce((sum, count) => sum + count, asked)).toBe(3_236)
  })

  test('the notebook asked 500 customers', () => {
    expect(notebookTrial(dataset, { seed: 1 }).cases).toHaveLength(500)
    // 5,474 bought two products or more.
    expect(notebookTrial(dataset, { seed: 1, customers: 1e6 }).cases).toHaveLength(5_474)
  })
})
