/**
 * What a recommender opens over the arrays of its model: indices, calibrations. These arrays are never changed, so that
 * what was opened over the same ones can be taken over from a former recommender: after a change of prices, all that is
 * made of factors and content.
 */
import type { Pieces } from '../kernels/pieces.ts'

interface Part {
  readonly from: readonly object[]
  readonly value: unknown
}

export class OpenedParts {
  readonly #own = new Map<string, Part>()
  #former: ReadonlyMap<string, Part> | undefined

  /** @param former  of a recommender over the same kernels; left out: everything is opened anew */
  constructor(former?: OpenedParts) {
    this.#former = former && new Map(former.#own)
  }

  /**
   * A part: the former one where it was made from the same objects, else a new one.
   * @param name  tells it apart from other parts
   * @param from  all that it depends on but the kernels and settings, which are the same for both recommenders
   */
  *open<Value>(name: string, from: readonly object[], make: () => Pieces<Value>): Pieces<Value> {
    const former = this.#own.get(name) ?? this.#former?.get(name)
    const isSame = former?.from.length === from.length && from.every((one, i) => one === former.from[i])
    const part = former && isSame ? former : { from, value: yield* make() }
    this.#own.set(name, part)
    return part.value as Value
  }

  /** Whether the former recommender had a part. */
  wasOpen(name: string): boolean {
    return this.#former?.has(name) ?? false
  }

  /** Lets go of the former recommender's parts that were not taken over. */
  forgetFormer(): void {
    this.#former = undefined
  }
}
