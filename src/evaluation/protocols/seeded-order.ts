import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { mersenne } from 'pure-rand/generator/mersenne'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

/**
 * A generator for what a protocol leaves to chance. Not xoroshiro128+: from small seeds its first draws are nearly
 * the same whatever the seed, and protocols are run with the seeds 1, 2, 3.
 * @param seed  a whole number, 0 … 2³² − 1
 */
export function randomOf(seed: number): RandomGenerator {
  return mersenne(seed)
}

/** The items in random order, each order equally likely (Knuth, TAOCP 2, algorithm P). Moves `random` on. */
export function shuffled<Item>(items: Iterable<Item>, random: RandomGenerator): Item[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const other = uniformInt(random, 0, last)
    const item = order[last]
    order[last] = order[other]
    order[other] = item
  }
  return order
}
