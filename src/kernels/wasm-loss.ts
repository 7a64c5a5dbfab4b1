import type { FitThread } from './wasm-fit-thread.ts'
import type { SidePlan } from './wasm-side.ts'

/** Writes the training loss of the factors as they are, both sides plain, to `plan.loss`; every thread takes part. */
export function computeLoss(thread: FitThread): void {
  const { users, items, n, losses, loss, unobservedWeight } = thread.plan
  thread.gram(items, 0, items.gram)
  thread.eachBlock(users, (from, to, block) => {
    const part = thread.exports.entryLoss(users.sparse, users.system, from, to, users.multiplicity)
    thread.doubles(losses, users.blockCount)[block] = part
  })
  thread.once(() => {
    let total = thread.doubles(losses, users.blockCount).reduce((sum, part) => sum + part, 0)
    const [x, y] = [thread.doubles(users.gram, n * n), thread.doubles(items.gram, n * n)]
    // Σᵤ xᵤᵀ(YᵀY)xᵤ = Σᵢⱼ (XᵀX)ᵢⱼ(YᵀY)ᵢⱼ, both symmetric, of which only the lower triangles are sure.
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) total += (i === j ? 1 : 2) * unobservedWeight * x[i * n + j] * y[i * n + j]
    }
    thread.doubles(loss, 1)[0] = total + penalty(thread, users, x) + penalty(thread, items, y)
  })
}

/** Σ λ‖row‖² of one side: the gram's trace, plus what rows have beyond the base. */
function penalty(thread: FitThread, side: SidePlan, gram: Float64Array): number {
  const { n, f } = thread.plan
  let sum = 0
  for (let i = 0; i < n; i++) sum += side.base * gram[i * n + i]
  if (side.excess === 0) return sum
  const excess = thread.floats(side.excess, side.rows)
  const factors = thread.floats(side.factors, side.rows * f)
  for (let i = 0; i < factors.length; i++) sum += excess[Math.floor(i / f)] * factors[i] ** 2
  return sum
}
