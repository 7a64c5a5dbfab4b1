import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

/** Chance that comes out the same for the same seed, on every machine. */
export class Dice {
  readonly #generator: RandomGenerator

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** 0 ≤ x < 1. */
  unit(): number {
    return uniformFloat64(this.#generator)
  }

  /** A whole number, both ends included. */
  between(from: number, to: number): number {
    return uniformInt(this.#generator, from, to)
  }

  happens(probability: number): boolean {
    return this.unit() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)]
  }

  /** Mean 0, deviation 1, within ±3: the sum of three uniform numbers, which is near enough to normal. */
  bell(): number {
    return 2 * (this.unit() + this.unit() + this.unit()) - 3
  }

  /** An index below `size`, in proportion to its weight, where `cumulative` has the sums of the weights up to it. */
  weighted(cumulative: Float64Array, size = cumulative.length): number {
    const target = this.unit() * cumulative[size - 1]
    let low = 0
    let high = size - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (cumulative[middle] > target) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** The running sums of weights, for `Dice.weighted`. */
export function cumulate(weights: Iterable<number>): Float64Array {
  let sum = 0
  return Float64Array.from(weights, (weight) => (sum += weight))
}
