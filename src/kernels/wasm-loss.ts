import type { FitThread } from './wasm-fit-thread.ts'
import type { SidePlan } from './wasm-side.ts'

/**
 * Writes the training loss to `plan.loss`, from what the half-sweeps of an iteration have left: the items' entries
 * against the users, both grams and what rows are penalised beyond the base. For one thread.
 */
export function computeLoss(thread: FitThread): void {
  const { users, items, n, loss, unobservedWeight } = thread.plan
  let total = sumOf(thread, items, items.losses)
  const [x, y] = [thread.doubles(users.gram, n * n), thread.doubles(items.gram, n * n)]
  // Σᵤ xᵤᵀ(YᵀY)xᵤ = Σᵢⱼ (XᵀX)ᵢⱼ(YᵀY)ᵢⱼ, both symmetric, of which only the lower triangles are sure.
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
