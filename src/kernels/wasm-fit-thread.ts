import type { Control } from './wasm-control.ts'
import type { FitPlan } from './wasm-plan.ts'
import type { SidePlan } from './wasm-side.ts'
import type { KernelExports } from './wasm.ts'

/**
 * One thread of an ALS fit: what it knows, and the phases of the program (wasm-fit.ts) that threads share out. Every
 * thread calls the same phases in the same order; each ends with all threads met.
 */
export class FitThread {
  readonly exports: KernelExports
  readonly control: Control
  readonly plan: FitPlan
  readonly scratch: number
  /** Whether the basis is turned (assembly/spectrum.ts): L⁻ᵀ and Lᵀ have no zeros then. */
  readonly isTurned: boolean
  /** Their shape. */
  readonly upper: number
  readonly #memory: WebAssembly.Memory
  readonly #isFirst: boolean

  constructor(
    exports: KernelExports,
    memory: WebAssembly.Memory,
    control: Control,
    plan: FitPlan,
    thread: number,
  ) {
    this.exports = exports
    this.control = control
    this.plan = plan
    this.scratch = plan.scratch + thread * plan.scratchBytes
    this.isTurned = plan.preconditioned || plan.shift !== 0
    this.upper = (this.isTurned ? exports.FULL : exports.UPPER).value
    this.#memory = memory
    this.#isFirst = thread === 0
  }

  /** FᵀF of a side's factors, each row times its number at `multiplicity` (0: once), to n × n f64 at `gram`. */
  gram(side: SidePlan, multiplicity: number, gram: number): void {
    const { f, n, threads, partials, partialCount } = this.plan
    const share = Math.ceil(side.rows / partialCount)
    this.control.share(threads, partialCount, (part) => {
      const from = Math.min(side.rows, part * share)
      const count = Math.min(side.rows, from + share) - from
      const times = multiplicity === 0 ? 0 : multiplicity + from * 4
      const partial = partials + part * f * f * 4
      this.exports.gram(side.factors + from * f * 4, count, f, times, partial, this.scratch)
    })
    this.once(() => this.exports.sumGrams(partials, partialCount, n, f, gram))
  }

  /** A side's factors times an f × f matrix of shape `upper`, in place. */
  transform(side: SidePlan, matrix: number): void {
    const { f } = this.plan
    this.eachBlock(side, (from, to) => {
      this.exports.multiplyRows(side.factors + from * f * 4, to - from, f, matrix, this.upper, this.scratch)
    })
  }

  /** Calls `work` for each of a side's row blocks, on whichever thread claims it. */
  eachBlock(side: SidePlan, work: (from: number, to: number, block: number) => void): void {
    const bounds = new Uint32Array(this.#memory.buffer, side.blocks, side.blockCount + 1)
    this.control.share(this.plan.threads, side.blockCount, (block) => {
      work(bounds[block], bounds[block + 1], block)
    })
  }

  /** Runs `work` on the first thread while the others wait. */
  once(work: () => void): void {
    if (this.#isFirst) work()
    this.control.meet(this.plan.threads)
  }

  /** out = left · right, all f × f; `shape` is right's. For one thread. */
  multiply(left: number, right: number, shape: number, out: number): void {
    const { f } = this.plan
    this.square(out).set(this.square(left))
    this.exports.multiplyRows(out, f, f, right, shape, this.scratch)
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length)
  }

  square(at: number): Float32Array {
    return this.floats(at, this.plan.f ** 2)
  }

  doubles(at: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, at, length)
  }
}
