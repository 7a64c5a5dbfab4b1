import { Column } from './column.ts'

/** Numbers things anew in the order in which they are first asked for. */
export class Numbering {
  readonly #fresh: Int32Array
  readonly #former = new Column(Uint32Array)

  /** @param size  how many things there are under their former numbers */
  constructor(size: number) {
    this.#fresh = new Int32Array(size).fill(-1)
  }

  /** How many have been numbered anew. */
  get size(): number {
    return this.#former.length
  }

  /** The new number of what was `former`. */
  of(former: number): number {
    if (this.#fresh[former] < 0) {
      this.#fresh[former] = this.#former.length
      this.#former.push(former)
    }
    return this.#fresh[former]
  }

  /** The former numbers by the new ones. Nothing more can be numbered anew. */
  former(): Uint32Array {
    return this.#former.take()
  }
}
