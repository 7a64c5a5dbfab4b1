/** A process that swaps its serving state again and again, asks each for lists, and prints the memory that is left. */
import { Recommender } from '../../src/engine/recommender.ts'
import { openKernels } from '../../src/kernels/open.ts'
import { openModel } from '../../src/model/model-file.ts'
import { ServingStates } from '../../src/service/serving-states.ts'

const [first, second] = process.argv.slice(2)
const kernels = await openKernels({ threads: 1 })
const open = async (file: string) => new Recommender(await openModel(file), kernels)
const states = new ServingStates(await open(first))

/** Heap, buffers and memories of the core, in bytes, after a collection. */
async function memory(): Promise<number> {
  // Memories of the core are given back some turns after what held them.
  for (let turn = 0; turn < 5; turn++) {
    globalThis.gc!()
    await new Promise(setImmediate)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function swap(file: string): Promise<void> {
  const { recommender, release } = states.lease()
  await recommender.recommend([{ customer: 0, first: 10 }])
  await recommender.search.products('a', { first: 5 })
  const next = await open(file)
  await next.openNeighbours()
  states.swap(next)
  release()
}

// The first ones compile what all the others use.
for (let n = 0; n < 4; n++) await swap(n % 2 === 0 ? second : first)
const before = await memory()
for (let n = 0; n < 20; n++) await swap(n % 2 === 0 ? second : first)
console.log(JSON.stringify({ before, after: await memory() }))
await kernels.close()
