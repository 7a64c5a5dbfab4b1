import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Dataset } from '../../src/data/dataset.ts'
import { trainModel } from '../../src/engine/train.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { configure } from '../../src/model/configuration.ts'
import { writeModel } from '../../src/model/model-file.ts'
import { readOlist } from './matrices.ts'

/** Whom the systems are asked about. */
export type Audience = 'customers' | 'repeat customers'

/** Olist's shop, and who is asked about. */
export interface ServedShop {
  readonly dataset: Dataset
  /** Customers who bought, the sampled ones first: indices of the dataset. */
  readonly customers: readonly number[]
  /** How many of them are sampled. */
  readonly sampled: number
  /** Files of sampled customers' ids, one a line. */
  readonly audiences: Readonly<Record<Audience, string>>
}

const SAMPLED = { customers: 4000, 'repeat customers': 1000 } as const

/** @param folder  where the files of ids are written */
export async function readServedShop(folder: string): Promise<ServedShop> {
  const dataset = await readOlist()
  const orders = new Uint32Array(dataset.customers.size)
  for (const customer of dataset.orders.customer) orders[customer]++
  const buyers = shuffled([...orders.keys()].filter((customer) => orders[customer] > 0))
  const random = buyers.slice(0, SAMPLED.customers)
  const repeat = buyers.filter((customer) => orders[customer] > 1).slice(0, SAMPLED['repeat customers'])
  const sample = new Set([...random, ...repeat])
  const write = (name: string, customers: readonly number[]) => {
    const file = join(folder, name)
    writeFileSync(file, customers.map((customer) => `${dataset.customers.at(customer)}\n`).join(''))
    return file
  }
  return {
    dataset,
    customers: [...new Set([...sample, ...buyers])],
    sampled: sample.size,
    audiences: {
      customers: write('customers', random),
      'repeat customers': write('repeat-customers', repeat),
    },
  }
}

/** Trains the default preset, as `rationale train` does. @returns the model file */
export async function writeOlistModel(dataset: Dataset, folder: string): Promise<string> {
  const file = join(folder, 'olist.model')
  const kernels = await openKernels()
  await writeModel(await trainModel(dataset, configure('default'), kernels), file)
  await kernels.close()
  return file
}

/** The same order each time. */
function shuffled(values: number[]): number[] {
  const generator = xoroshiro128plus(1)
  for (let i = values.length - 1; i > 0; i--) {
    const other = uniformInt(generator, 0, i)
    ;[values[i], values[other]] = [values[other], values[i]]
  }
  return values
}
