import type { Control } from './wasm-control.ts'
import { FitThread } from './wasm-fit-thread.ts'
import type { FitPlan } from './wasm-plan.ts'
import type { PoolJob } from './wasm-pool.ts'
import type { SidePlan } from './wasm-side.ts'
import type { KernelExports } from './wasm.ts'

/**
 * One thread's part of an ALS fit. Every thread runs this same program over one shared memory; rows are claimed in
 * blocks by an atomic counter, and threads meet at a barrier between phases. No sum ever crosses threads, and the
 * grams are reduced in a fixed order, so the result does not depend on how many threads there are.
 *
 * A half-sweep solves one side against the other, the fixed one:
 *
 *   1 weigh       for a preconditioner: the gram of the fixed side's rows by their weight
 *   2 factorize   the Cholesky factor of their gram, and the changes of basis (one thread)
 *   3 transform   the fixed side's rows into the basis where the shared part is the identity, in place
 *   4 solve       the other side's rows, and their part of the training loss
 *   5 gram        of the rows solved, by parts
 *
 * The fixed side stays transformed until it is solved itself; the users are put back at the end.
 */

/** What a pool is asked to run. */
export type FitJob = PoolJob<'fit', FitPlan>

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
  const { users, items, preconditioned, iterations, trackLoss } = plan
  const self = new FitThread(exports, memory, control, plan, thread)
  if (preconditioned) {
    weigh(self, users)
    weigh(self, items)
  }
  self.gram(items, items.multiplicity, items.gram)
  for (let done = 1; done <= iterations; done++) {
    const isAsked = trackLoss || done === iterations
    halfSweep(self, users, items, false)
    halfSweep(self, items, users, isAsked)
    if (isAsked) self.once(() => computeLoss(self))
    if (thread === 0) onIteration(done, trackLoss ? self.doubles(plan.loss, 1)[0] : undefined)
  }
  self.transform(users, users.fromZ)
}

/** Sums each row's weight, and its share of all weights, for the preconditioner. */
function weigh(self: FitThread, side: SidePlan): void {
  self.eachBlock(side, (from, to) => self.exports.weighRows(side.sparse, side.system, from, to))
  self.once(() => {
    const [weights, shares] = [side.weights, side.shares].map((at) => self.floats(at, side.rows))
    const times = side.multiplicity === 0 ? undefined : self.floats(side.multiplicity, side.rows)
    shares.set(weights)
    times?.forEach((count, row) => (shares[row] *= count))
    let total = 0
    for (const weight of shares) total += weight
    if (total > 0) shares.forEach((weight, row) => (shares[row] = weight / total))
  })
}

function halfSweep(self: FitThread, solved: SidePlan, fixed: SidePlan, isLossAsked: boolean): void {
  const { f, toZ, toPlain, steps, warm, preconditioned, mean } = self.plan
  if (preconditioned) self.gram(fixed, fixed.shares, mean)
  self.once(() => factorize(self, solved, fixed))
  self.transform(fixed, toZ)
  const { sparse, system, losses, penalties, multiplicity } = solved
  self.eachBlock(solved, (from, to, block) => {
    const loss = isLossAsked ? losses + block * 8 : 0
    const failed = self.exports.solveRows(sparse, system, from, to, toPlain, steps, warm, loss, self.scratch)
    if (failed !== 0) self.control.fail(solved.name, failed - 1)
    if (penalties === 0) return
    self.doubles(penalties, solved.blockCount)[block] = self.exports.excessPenalty(
      sparse,
      f,
      from,
      to,
      multiplicity,
    )
  })
  self.gram(solved, solved.multiplicity, solved.gram)
}

function factorize(self: FitThread, solved: SidePlan, fixed: SidePlan): void {
  const { n, f, unobservedWeight, preconditioned, mean, spectrum, work, steps } = self.plan
  const { toZ, toPlain, toSolve, shift, warm } = self.plan
  const { FULL, LOWER } = self.exports
  const pivot = self.exports.factorize(
    fixed.gram,
    preconditioned ? mean : 0,
    n,
    f,
    unobservedWeight,
    solved.base,
    work,
    toZ,
    fixed.fromZ,
    toPlain,
    toSolve,
    preconditioned ? spectrum : 0,
    shift,
  )
  if (pivot !== 0) self.control.fail(solved.name, solved.firstRow)
  if (steps > 0) self.multiply(solved.fromZ, toSolve, (self.isTurned ? FULL : LOWER).value, warm)
}

/**
 * Writes the training loss to `plan.loss`, from what the half-sweeps of an iteration have left: the items' entries
 * against the users, both grams and what rows are penalised beyond the base. For one thread.
 */
function computeLoss(thread: FitThread): void {
  const { users, items, n, loss, unobservedWeight } = thread.plan
  let total = sumOf(thread, items, items.losses)
  const [x, y] = [thread.doubles(users.gram, n * n), thread.doubles(items.gram, n * n)]
  // Σᵤ xᵤᵀ(YᵀY)xᵤ = Σᵢⱼ (XᵀX)ᵢⱼ(YᵀY)ᵢⱼ, both symmetric; only their lower triangles are filled.
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) total += (i === j ? 1 : 2) * unobservedWeight * x[i * n + j] * y[i * n + j]
    total += users.base * x[i * n + i] + items.base * y[i * n + i]
  }
  for (const side of [users, items]) if (side.penalties !== 0) total += sumOf(thread, side, side.penalties)
  thread.doubles(loss, 1)[0] = total
}

/** The sum of a side's numbers a block, in the order of the blocks. */
function sumOf(thread: FitThread, { blockCount }: SidePlan, at: number): number {
  return thread.doubles(at, blockCount).reduce((sum, part) => sum + part, 0)
}
