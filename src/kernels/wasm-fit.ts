import type { Control } from './wasm-control.ts'
import { type FitPlan, setIdentity, type SidePlan } from './wasm-plan.ts'
import type { KernelExports } from './wasm.ts'

/**
 * One thread's part of an ALS fit. Every thread runs this same program over one shared memory; rows are claimed in
 * blocks by an atomic counter, and threads meet at a barrier between phases. No sum ever crosses threads, and the
 * grams are reduced in a fixed order, so the result does not depend on how many threads there are.
 *
 * A half-sweep solves one side against the other, the fixed one:
 *
 *   1 gram        partial grams of the fixed side's row blocks
 *   2 factorize   their sum, its Cholesky factor and the changes of basis (one thread)
 *   3 transform   the fixed side's rows into the basis where the shared part is the identity, in place
 *   4 solve       the other side's rows
 *
 * The fixed side stays transformed until it is solved itself; the users are put back at the end.
 */

/** The shapes multiplyRows takes (assembly/basis.ts). */
const UPPER = 1
const LOWER = 2

/**
 * Runs thread number `thread` of the fit to its end.
 * @param onIteration  called on thread 0 after each iteration, with the loss where it is tracked
 * @throws {Cancelled} (wasm-control.ts) when the control words say so, or when a row could not be solved (they name it)
 */
export function runFit(
  exports: KernelExports,
  memory: WebAssembly.Memory,
  control: Control,
  plan: FitPlan,
  thread: number,
  onIteration: (done: number, loss: number | undefined) => void,
): void {
  const { users, items } = plan
  const fit = new Fit(exports, memory, control, plan, thread)
  for (let done = 1; done <= plan.iterations; done++) {
    fit.halfSweep(users, items)
    fit.halfSweep(items, users)
    const isLast = done === plan.iterations
    if (isLast || plan.trackLoss) {
      fit.restore(users)
      fit.computeLoss()
    }
    if (thread === 0) onIteration(done, plan.trackLoss ? fit.loss() : undefined)
  }
}

class Fit {
  readonly #exports: KernelExports
  readonly #memory: WebAssembly.Memory
  readonly #control: Control
  readonly #plan: FitPlan
  readonly #thread: number
  readonly #scratch: number

  constructor(
    exports: KernelExports,
    memory: WebAssembly.Memory,
    control: Control,
    plan: FitPlan,
    thread: number,
  ) {
    this.#exports = exports
    this.#memory = memory
    this.#control = control
    this.#plan = plan
    this.#thread = thread
    this.#scratch = plan.scratch + thread * plan.scratchBytes
  }

  halfSweep(solved: SidePlan, fixed: SidePlan): void {
    const { toZ, toPlain, steps, warm } = this.#plan
    const { sparse, system } = solved
    this.#gram(fixed)
    this.#once(() => this.#factorize(solved, fixed))
    this.#transform(fixed, toZ)
    this.#eachBlock(solved, (from, to) => {
      const failed = this.#exports.solveRows(sparse, system, from, to, toPlain, steps, warm, this.#scratch)
      if (failed !== 0) this.#control.fail(solved.name, failed - 1)
    })
  }

  /** Puts the side that was fixed last back into the plain basis. */
  restore(side: SidePlan): void {
    this.#transform(side, side.fromZ)
    this.#once(() => setIdentity(this.#square(side.fromZ), this.#plan.f))
  }

  /** The training loss of the factors as they are, both sides plain; every thread takes part. */
  computeLoss(): void {
    const { users, items, n, losses, loss, unobservedWeight } = this.#plan
    this.#gram(items)
    this.#once(() => this.#sumGrams(items))
    this.#eachBlock(users, (from, to, block) => {
      const part = this.#exports.entryLoss(users.sparse, users.system, from, to, users.multiplicity)
      this.#doubles(losses, users.blockCount)[block] = part
    })
    this.#once(() => {
      let total = this.#doubles(losses, users.blockCount).reduce((sum, part) => sum + part, 0)
      const [x, y] = [this.#doubles(users.gram, n * n), this.#doubles(items.gram, n * n)]
      // Σᵤ xᵤᵀ(YᵀY)xᵤ = Σᵢⱼ (XᵀX)ᵢⱼ(YᵀY)ᵢⱼ, both symmetric, of which only the lower triangles are there.
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++)
          total += (i === j ? 1 : 2) * unobservedWeight * x[i * n + j] * y[i * n + j]
      }
      this.#doubles(loss, 1)[0] = total + this.#penalty(users, x) + this.#penalty(items, y)
    })
  }

  loss(): number {
    return this.#doubles(this.#plan.loss, 1)[0]
  }

  /** Σ λ‖row‖² of one side: the gram's trace, plus what rows have beyond the base. */
  #penalty(side: SidePlan, gram: Float64Array): number {
    const { n, f } = this.#plan
    let sum = 0
    for (let i = 0; i < n; i++) sum += side.base * gram[i * n + i]
    if (side.excess === 0) return sum
    const excess = new Float32Array(this.#memory.buffer, side.excess, side.rows)
    const factors = new Float32Array(this.#memory.buffer, side.factors, side.rows * f)
    for (let i = 0; i < factors.length; i++) sum += excess[Math.floor(i / f)] * factors[i] ** 2
    return sum
  }

  #gram(side: SidePlan): void {
    const { f, partials, partialCount } = this.#plan
    const share = Math.ceil(side.rows / partialCount)
    this.#control.share(this.#plan.threads, partialCount, (part) => {
      const from = Math.min(side.rows, part * share)
      const count = Math.min(side.rows, from + share) - from
      const multiplicity = side.multiplicity === 0 ? 0 : side.multiplicity + from * 4
      const partial = partials + part * f * f * 4
      this.#exports.gram(side.factors + from * f * 4, count, f, multiplicity, partial, this.#scratch)
    })
  }

  #sumGrams(side: SidePlan): void {
    const { partials, partialCount, n, f } = this.#plan
    this.#exports.sumGrams(partials, partialCount, n, f, side.gram)
  }

  #factorize(solved: SidePlan, fixed: SidePlan): void {
    const { n, f, unobservedWeight, work, toZ, toPlain, toSolve, shared, warm, steps } = this.#plan
    this.#sumGrams(fixed)
    const pivot = this.#exports.factorize(
      fixed.gram,
      n,
      f,
      unobservedWeight,
      solved.base,
      work,
      toZ,
      fixed.fromZ,
      toPlain,
      toSolve,
    )
    if (pivot !== 0) this.#control.fail(solved.name, solved.firstRow)
    if (steps > 0) this.#product(solved.fromZ, toSolve, LOWER, warm)
    if (solved.excess !== 0) this.#product(toPlain, toZ, UPPER, shared)
  }

  /** out = left · right, all f × f. */
  #product(left: number, right: number, shape: number, out: number): void {
    const { f } = this.#plan
    this.#square(out).set(this.#square(left))
    this.#exports.multiplyRows(out, f, f, right, shape, this.#scratch)
  }

  #transform(side: SidePlan, matrix: number): void {
    const { f } = this.#plan
    this.#eachBlock(side, (from, to) => {
      this.#exports.multiplyRows(side.factors + from * f * 4, to - from, f, matrix, UPPER, this.#scratch)
    })
  }

  #eachBlock(side: SidePlan, work: (from: number, to: number, block: number) => void): void {
    const bounds = new Uint32Array(this.#memory.buffer, side.blocks, side.blockCount + 1)
    this.#control.share(this.#plan.threads, side.blockCount, (block) => {
      work(bounds[block], bounds[block + 1], block)
    })
  }

  /** Runs `work` on the first thread while the others wait. */
  #once(work: () => void): void {
    if (this.#thread === 0) work()
    this.#control.meet(this.#plan.threads)
  }

  #square(at: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, this.#plan.f ** 2)
  }

  #doubles(at: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, at, length)
  }
}
