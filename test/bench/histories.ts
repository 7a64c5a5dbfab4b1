import { join } from 'node:path'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Dataset } from '../../src/data/dataset.ts'
import { idTableOf } from '../../src/data/ids.ts'
import { DAY } from '../../src/data/ranges.ts'
import { readDataset } from '../../src/data/read.ts'
import { Recommender } from '../../src/engine/recommender.ts'
import { trainModel } from '../../src/engine/train.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import { openModel, writeModel } from '../../src/model/model-file.ts'
import { median } from './sampling.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface HistoriesOptions {
  /** Files of a shop; left out: one that is made up, with histories of every length. */
  readonly data?: string
  readonly threads: number
  /** Lists of each customer. */
  readonly repeat: number
}

/** What long histories take, by their length. */
export interface HistoryCosts {
  readonly products: number
  readonly purchases: number
  readonly trainSeconds: number
  readonly modelBytes: number
  /** Reading and checking the file, and opening what serves it. */
  readonly openMilliseconds: number
  readonly firstListMilliseconds: number
  readonly lengths: readonly {
    /** Products bought: of the shortest and the longest history measured. */
    readonly from: number
    readonly to: number
    readonly customers: number
    /** Processor time of a list of 10, ms. */
    readonly median: number
    readonly most: number
  }[]
}

const LENGTHS = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000]

/** So many customers are asked about of each length. */
const ASKED = 20

/** Processor time so far, of all threads, ms. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

export async function benchHistories({ data, threads, repeat }: HistoriesOptions): Promise<HistoryCosts> {
  const dataset = data === undefined ? madeUpShop() : await readDataset(data)
  const kernels = await openKernels({ threads })
  const started = performance.now()
  const trained = await trainModel(dataset, configure('default', {}), kernels)
  const trainSeconds = (performance.now() - started) / 1000
  const path = join(temporaryFolder(), 'histories.model')
  const { bytes } = await writeModel(trained, path)
  const opening = performance.now()
  const model = await openModel(path)
  const recommender = new Recommender(model, kernels)
  const opened = performance.now()
  await recommender.recommend([{ customer: 0, first: 10 }])
  const firstListMilliseconds = performance.now() - opened

  const lengthOf = (customer: number) => recommender.histories.lengthOf(customer)
  const byLength = [...Array(recommender.histories.size).keys()]
    .filter((customer) => lengthOf(customer) > 0)
    .sort((a, b) => lengthOf(a) - lengthOf(b))
  const lengths: HistoryCosts['lengths'][number][] = []
  for (const length of LENGTHS) {
    // Half an order of magnitude lies between two lengths: nearer to this one than to the next.
    const near = byLength.filter((customer) => Math.abs(Math.log(lengthOf(customer) / length)) < 0.55)
    const step = Math.max(1, near.length / ASKED)
    const asked = near.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step))
    if (asked.length === 0) continue
    const times: number[] = []
    for (let time = 0; time < repeat; time++) {
      for (const customer of asked) {
        const before = processorTime()
        await recommender.recommend([{ customer, first: 10 }])
        times.push(processorTime() - before)
      }
    }
    lengths.push({
      from: lengthOf(asked[0]),
      to: lengthOf(asked.at(-1)!),
      customers: asked.length,
      median: median(times),
      most: Math.max(...times),
    })
  }
  recommender.close()
  await kernels.close()
  return {
    products: model.products.size,
    purchases: model.summary.purchases,
    trainSeconds,
    modelBytes: bytes,
    openMilliseconds: opened - opening,
    firstListMilliseconds,
    lengths,
  }
}

/** 20,000 products in 200 categories; 3,000 customers of 1 to 200 products, and of each length 20 customers. */
function madeUpShop(): Dataset {
  const [products, categories, others, perOrder] = [20_000, 200, 3000, 10]
  const random = xoroshiro128plus(1)
  const next = () => uniformFloat64(random)
  const sizes = [
    ...Array.from({ length: others }, () => Math.ceil(200 ** next())),
    ...LENGTHS.flatMap((length) => Array<number>(ASKED).fill(length)),
  ]
  const [customer, product, order]: [number[], number[], number[]] = [[], [], []]
  const [buyer, time]: [number[], number[]] = [[], []]
  sizes.forEach((size, c) => {
    const bought = new Set<number>()
    // A few products sell often, most hardly ever.
    while (bought.size < size) bought.add(Math.floor(products * next() ** (size > 2000 ? 1 : 3)))
    const orders = Math.ceil(size / perOrder)
    ;[...bought].forEach((one, i) => {
      if (i % perOrder === 0) {
        buyer.push(c)
        time.push(Date.UTC(2025, 0, 1) + Math.floor((365 * i) / perOrder / orders) * DAY)
      }
      customer.push(c)
      product.push(one)
      order.push(buyer.length - 1)
    })
  })
  const code = (most: number) => Int32Array.from({ length: products }, () => Math.floor(most * next() ** 2))
  const column = (name: string, most: number) => ({
    name,
    labels: Array.from({ length: most }, (_, label) => `${name} ${label}`),
    codes: code(most),
  })
  const category = column('category', categories)
  return {
    adapter: 'interactions',
    customers: idTableOf(sizes.map((_, i) => `customer ${i}`)),
    products: idTableOf(Array.from({ length: products }, (_, i) => `product ${i}`)),
    interactions: {
      count: customer.length,
      customer: Uint32Array.from(customer),
      product: Uint32Array.from(product),
      order: Uint32Array.from(order),
      quantity: new Float32Array(customer.length).fill(1),
      price: new Float64Array(customer.length).fill(NaN),
    },
    orders: {
      count: buyer.length,
      customer: Uint32Array.from(buyer),
      timestamp: Float64Array.from(time),
    },
    category,
    categorical: [column('brand', 40)],
    numeric: [],
    quarantined: 0,
    fingerprint: '0'.repeat(64),
  }
}

export function describeHistories(costs: HistoryCosts): string[] {
  const { products, purchases, trainSeconds, modelBytes, openMilliseconds, firstListMilliseconds } = costs
  return [
    `${products} products, ${purchases} purchases: trained in ${trainSeconds.toFixed(1)} s, ` +
      `${(modelBytes / 1e6).toFixed(0)} MB, opened in ${openMilliseconds.toFixed(0)} ms, ` +
      `the first list after ${firstListMilliseconds.toFixed(0)} ms more`,
    ...costs.lengths.map(
      ({ from, to, customers, median: middle, most }) =>
        `  ${from} to ${to} products, ${customers} customers: ` +
        `${middle.toFixed(1)} ms of processor time a list, ${most.toFixed(1)} at most`,
    ),
  ]
}
