import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Recommender } from '../../../src/engine/recommender.ts'
import { openKernels } from '../../../src/kernels/open.ts'
import { withCatalogue } from '../../../src/model/extend-catalogue.ts'
import type { Model } from '../../../src/model/model.ts'
import { openModel } from '../../../src/model/model-file.ts'

export interface ProductMemory {
  readonly products: number
  readonly factors: number
  readonly contentColumns: number
  /** How much more is held after each step, in bytes a product. */
  readonly steps: readonly { readonly name: string; readonly bytes: number }[]
  /** 5 bytes a factor and content column, and 200. */
  readonly wanted: number
}

/**
 * What serving a catalogue takes in memory: that of a model, grown to so many products. The added ones have the categories,
 * prices and attributes of the model's own, in turn, and factors like theirs.
 */
export async function benchProductMemory(path: string, products: number): Promise<ProductMemory> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const memories = recordMemories()
  /** Not what the process has from the machine: that holds what was given back, too. */
  const held = async () => {
    // Buffers are given back some turns after what held them.
    for (let round = 0; round < 4; round++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers + memories()
  }
  const steps: { name: string; bytes: number }[] = []
  const kernels = await openKernels({ threads: 1 })
  let before = await held()
  const measure = async (name: string) => {
    const now = await held()
    steps.push({ name, bytes: (now - before) / products })
    before = now
  }
  const model = grown(await openModel(path), products)
  await measure('the model')
  const recommender = new Recommender(model, kernels)
  await measure('lists')
  recommender.openNeighbours()
  await measure('neighbours')
  for (const customer of [0, 1, 2, 3]) await recommender.recommend([{ customer, first: 10 }])
  await measure('the first lists')
  const { columns: factors } = model.itemFactors
  const { columns: contentColumns } = model.content
  recommender.close()
  await kernels.close()
  return { products, factors, contentColumns, steps, wanted: 5 * (factors + contentColumns) + 200 }
}

/** Notes each WebAssembly memory that is made from now on. @returns how many bytes they have, of those in use */
function recordMemories(): () => number {
  const made: WeakRef<WebAssembly.Memory>[] = []
  const { Memory } = WebAssembly
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor)
      made.push(new WeakRef(this))
    }
  }
  return () => made.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0)
}

function grown(small: Model, products: number): Model {
  const { category, seller, price, contentColumns, itemFactors } = small
  const own = small.products.size
  const added = Array.from({ length: products - own }, (_, i) => {
    const like = i % own
    return {
      sku: `made-up-${i}`,
      name: null,
      category: category.labels[category.codes[like]] ?? null,
      seller: seller.labels[seller.codes[like]] ?? null,
      price: Number.isNaN(price[like]) ? null : price[like] * (1 + i / products),
      attributes: contentColumns.categorical.flatMap(({ name, labels, codes }) =>
        codes[like] < 0 ? [] : [{ name, value: labels[codes[like]] }],
      ),
      removed: false,
    }
  })
  const model = withCatalogue(small, added)
  const { data } = model.itemFactors
  const length = own * itemFactors.columns
  for (let at = length; at < data.length; at++)
    data[at] = data[at % length] * (1 + (Math.imul(at, 0x9e3779b1) >>> 16) / 2 ** 20)
  return model
}

export function describeProductMemory(memory: ProductMemory): string[] {
  const { products, factors, contentColumns, steps, wanted } = memory
  const sum = steps.reduce((total, { bytes }) => total + bytes, 0)
  return [
    `${products} products, ${factors} factors, ${contentColumns} content columns; bytes a product:`,
    ...steps.map(({ name, bytes }) => `  ${name}: ${bytes.toFixed(0)}`),
    `  together: ${sum.toFixed(0)}; wanted: ${wanted}`,
  ]
}
