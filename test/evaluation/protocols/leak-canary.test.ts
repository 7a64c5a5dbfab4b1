/** Whatever the future holds, training must not know: plants things after the cut and looks for a trace of them. */
import { describe, expect, test } from 'vitest'
import type { Dataset } from '../../../src/data/dataset.ts'
import { readDataset } from '../../../src/data/read.ts'
import { temporalTrials } from '../../../src/evaluation/protocols/temporal.ts'
import { referenceKernels } from '../../../src/kernels/reference.ts'
import { basketsOf } from '../../../src/model/baskets.ts'
import { configure } from '../../../src/model/configuration.ts'
import { fitModel } from '../../../src/model/fit.ts'
import { folderOf } from '../../data/folders.ts'

const CUT = '2018-06-01'

const PAST = [
  'ann,tea,2018-01-01,1,4,s1',
  'bob,cup,2018-02-02,2,9,s2',
  'ann,pot,2018-03-03,1,20,s1',
  'cat,tea,2018-05-31 23:59:59,3,5,s3',
  'bob,tea,2018-04-01,1,4,s1',
  'bob,pot,2018-04-01,1,20,s1',
]
const FUTURE = ['ann,cup,2018-06-01,1,9,s2', 'cat,pot,2018-07-01,1,21,s1', 'dan,tea,2018-08-01,1,6,s3']

// Two of each material: fewer, and the column would not be taken for one of categories.
const SHELF = [
  'tea,Green tea,Food,leaf,100',
  'cup,Mug,Kitchen,glass,300',
  'pot,Teapot,Kitchen,clay,900',
  'mat,Never sold,Void,leaf,1',
  'jar,Never sold,Void,glass,1',
  'urn,Never sold,Void,clay,1',
]

interface Shop {
  readonly sales: readonly string[]
  readonly shelf: readonly string[]
}

function lines(header: string, rows: readonly string[]): string {
  return [header, ...rows].map((row) => `${row}\n`).join('')
}

async function readShop({ sales, shelf }: Shop): Promise<Dataset> {
  return readDataset(
    await folderOf({
      'interactions.csv': lines('customer_id,product_id,timestamp,quantity,price,seller_id', sales),
      'products.csv': lines('product_id,title,category,material,grams', shelf),
    }),
  )
}

function trainingOf(dataset: Dataset): Dataset {
  return temporalTrials(dataset, { task: 'discovery', cuts: [CUT] })[0].train
}

const PLANTED: Readonly<Record<string, Shop>> = {
  'interactions added after the cut': {
    sales: [...PAST, ...FUTURE, 'ann,tea,2018-06-02,9,99,s9', 'bob,pot,2018-06-01 00:00:00,1,1,s1'],
    shelf: SHELF,
  },
  'the future first in the file': {
    sales: [...FUTURE.toReversed(), 'zoe,pot,2018-09-01,5,1,s7', ...PAST],
    shelf: SHELF,
  },
  'other prices, quantities and sellers after the cut': {
    sales: [...PAST, 'ann,cup,2018-06-01,7,900,s4', 'cat,pot,2018-07-01,8,0.01,s5'],
    shelf: SHELF,
  },
  'baskets after the cut': {
    sales: [
      ...PAST,
      ...FUTURE,
      'ann,tea,2018-06-02,1,4,s1',
      'ann,cup,2018-06-02,1,9,s2',
      'bob,tea,2018-06-03,1,4,s1',
      'bob,pot,2018-06-03,1,20,s1',
    ],
    shelf: SHELF,
  },
  'products first sold after the cut, of new categories and measures': {
    sales: [...PAST, ...FUTURE, 'ann,jug,2018-06-05,1,1000000,s8', 'cat,jug,2018-06-05,1,3,s8'],
    shelf: ['jug,Jug,Novelties,gold,1000000', ...SHELF, 'orb,Orb,Novelties,gold,-5'],
  },
  'another category of a product first sold after the cut': {
    sales: [...PAST, ...FUTURE, 'ann,jug,2018-06-05,1,7,s8'],
    shelf: ['jug,Jug,Food,leaf,7', ...SHELF],
  },
  'purchases of unknown time': {
    sales: ['ann,tea,,9,99,s9', ...PAST, ...FUTURE, 'eve,cup,,1,1,'],
    shelf: SHELF,
  },
}

/** The hashes of models of every preset, fitted to a shop before the cut. */
async function modelsOf(shop: Shop): Promise<string[]> {
  const train = trainingOf(await readShop(shop))
  const presets = ['default', 'notebook'] as const
  return Promise.all(
    presets.map(async (preset) => {
      const configuration = configure(preset, { factors: 2, iterations: 2 })
      const { summary } = await fitModel(train, configuration, referenceKernels())
      return summary.tensorHash
    }),
  )
}

describe('Training before a cut knows nothing of', () => {
  test.each(Object.entries(PLANTED))('%s: not a byte of it changes', async (_, planted) => {
    const train = trainingOf(await readShop({ sales: [...PAST, ...FUTURE], shelf: SHELF }))
    expect(trainingOf(await readShop(planted))).toEqual(train)
  })

  test.each(Object.entries(PLANTED))(
    '%s: the models fitted to it are the same to the byte',
    async (_, planted) => {
      expect(await modelsOf(planted)).toEqual(await modelsOf({ sales: [...PAST, ...FUTURE], shelf: SHELF }))
    },
  )

  test('what was bought together: the baskets counted are those before the cut', async () => {
    const train = trainingOf(await readShop(PLANTED['baskets after the cut']))
    const { together, orders } = basketsOf(train)
    const [tea, pot] = ['tea', 'pot'].map((sku) => train.products.indexOf(sku))
    const pairs = [...together.indices].map((other, at) => [
      together.indptr.findIndex((end) => end > at) - 1,
      other,
      together.values[at],
    ])
    expect(pairs.sort()).toEqual(
      [
        [tea, pot, 1],
        [pot, tea, 1],
      ].sort(),
    )
    expect(orders[tea]).toBe(3)
  })

  test('reviews, deliveries and given segments, of which nobody can say when they were known', async () => {
    const dataset = await readShop({ sales: [...PAST, ...FUTURE], shelf: SHELF })
    const { count } = dataset.orders
    const told: Dataset = {
      ...dataset,
      orders: {
        ...dataset.orders,
        reviewScore: new Float32Array(count).fill(5),
        deliveryDelayDays: new Float32Array(count).fill(-3),
      },
      segments: {
        name: 'segment',
        labels: ['comes back'],
        codes: new Int32Array(dataset.customers.size).fill(0),
      },
    }
    expect(trainingOf(told)).toEqual(trainingOf(dataset))
  })

  test('products never sold, of which nobody can say since when they were there', async () => {
    const train = trainingOf(await readShop({ sales: [...PAST, ...FUTURE], shelf: SHELF }))
    expect(train.products.size).toBe(3)
    expect(train.categorical.map(({ name, labels }) => [name, labels])).toEqual([
      ['material', ['leaf', 'glass', 'clay']],
    ])
  })

  test('but everything that was known before the cut', async () => {
    const train = trainingOf(await readShop({ sales: [...PAST, ...FUTURE], shelf: SHELF }))
    const changed = PAST.map((row) => row.replace('2018-04-01,1,4', '2018-04-01,1,5'))
    const other = trainingOf(await readShop({ sales: [...changed, ...FUTURE], shelf: SHELF }))
    expect(other.fingerprint).not.toBe(train.fingerprint)
    expect(other).not.toEqual(train)
  })
})
