import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { Work } from '../../kernels/work.ts'
import type { System } from '../system.ts'
import type { Task, TestCase } from '../trial.ts'

/**
 * Products at random, each list that can be equally likely: what a metric is worth when nothing was learnt. A list
 * depends on the seed, the customer and the history, and not on what else is asked in the batch.
 */
export function random(): System {
  return {
    name: 'random',
    isRandom: true,
    async fit(train, seed) {
      const products = Uint32Array.from({ length: train.products.size }, (_, product) => product)
      return {
        async recommend(cases, task, first, work = new Work()) {
          const lists: Uint32Array[] = []
          for (const testCase of cases) {
            const turn = work.pause()
            if (turn) await turn
            lists.push(draw(products, testCase, task, first, seed))
          }
          return lists
        },
        close() {},
      }
    },
  }
}

/** Fisher and Yates' shuffle (Knuth, TAOCP 2, algorithm P), as far as it is needed; `products` is put back after it. */
function draw(
  products: Uint32Array,
  testCase: TestCase,
  task: Task,
  first: number,
  seed: number,
): Uint32Array {
  const generator = xoroshiro128plus(seedOf(testCase, seed))
  const excluded = new Set(task === 'discovery' ? testCase.history.map(({ product }) => product) : [])
  const list: number[] = []
  const swapped: number[] = []
  for (let place = 0; place < products.length && list.length < first; place++) {
    const chosen = uniformInt(generator, place, products.length - 1)
    swap(products, place, chosen)
    swapped.push(chosen)
    if (!excluded.has(products[place])) list.push(products[place])
  }
  for (let place = swapped.length - 1; place >= 0; place--) swap(products, place, swapped[place])
  return Uint32Array.from(list)
}

function swap(values: Uint32Array, a: number, b: number): void {
  const value = values[a]
  values[a] = values[b]
  values[b] = value
}

/** FNV-1a (draft-eastlake-fnv) over 32-bit words. */
function seedOf({ customer, history }: TestCase, seed: number): number {
  let mixed = 0x811c9dc5
  for (const word of [seed, customer, ...history.map(({ product }) => product)]) {
    for (let shift = 0; shift < 32; shift += 8) {
      mixed = Math.imul(mixed ^ ((word >>> shift) & 0xff), 0x01000193)
    }
  }
  return mixed
}
