import type { AlsProblem, NormalEquation } from './kernels.ts'
import { CONTROL_BYTES } from './wasm-control.ts'
import { aligned, type Layout, padded } from './wasm-layout.ts'
import type { SidePlan } from './wasm-side.ts'
import { writeEquation, writeFields } from './wasm-structures.ts'
import type { KernelExports } from './wasm.ts'

/** Everything a thread needs to know to take part; plain numbers, so that it can be posted to a worker. */
export interface FitPlan {
  readonly threads: number
  readonly iterations: number
  readonly trackLoss: boolean
  /** True and padded number of factors. */
  readonly n: number
  readonly f: number
  readonly unobservedWeight: number
  readonly users: SidePlan
  readonly items: SidePlan
  readonly control: number
  readonly partials: number
  readonly partialCount: number
  readonly work: number
  readonly toZ: number
  readonly toPlain: number
  readonly toSolve: number
  /** Whether the basis is turned for a preconditioner (assembly/spectrum.ts). */
  readonly preconditioned: boolean
  /** n × n f64: the mean of all weighted zzᵀ of a half-sweep, and its eigenvalues, f floats. */
  readonly mean: number
  readonly spectrum: number
  /** f × f: from the solved side's former basis into its new one. */
  readonly warm: number
  /** Steps of conjugate gradients for long rows; 0: exact. */
  readonly steps: number
  /** The diagonal of L⁻¹L⁻ᵀ in the turned basis, f floats; 0 where no row has a λ of its own. */
  readonly shift: number
  /** The result: one f64. */
  readonly loss: number
  readonly scratch: number
  readonly scratchBytes: number
}

/** Lays out what both sides share; the sides must have been laid out before. */
export function planFit(
  layout: Layout,
  { factors, iterations, trackLoss, equation, conjugateGradientSteps }: AlsProblem,
  threads: number,
  users: SidePlan,
  items: SidePlan,
  { rowScratch, factorizeWork }: KernelExports,
): FitPlan {
  const f = padded(factors)
  const square = f * f * 4
  // Fixed by f alone: the order of summation must not depend on the number of threads.
  const partialCount = Math.max(2, Math.min(16, Math.floor(2 ** 22 / square)))
  const scratchBytes = aligned(rowScratch(f) * 4)
  return {
    threads,
    iterations,
    trackLoss: trackLoss === true,
    n: factors,
    f,
    unobservedWeight: equation.unobservedWeight,
    users,
    items,
    control: layout.allocate(CONTROL_BYTES),
    partials: layout.allocate(partialCount * square),
    partialCount,
    work: layout.allocate(factorizeWork(factors)),
    toZ: layout.allocate(square),
    toPlain: layout.allocate(square),
    toSolve: layout.allocate(square),
    preconditioned: users.weights !== 0,
    mean: layout.allocate(factors * factors * 8),
    spectrum: layout.allocate(f * 4),
    warm: layout.allocate(square),
    steps: conjugateGradientSteps ?? 0,
    shift: users.excess === 0 && items.excess === 0 ? 0 : layout.allocate(f * 4),
    loss: layout.allocate(8),
    scratch: layout.allocate(threads * scratchBytes),
    scratchBytes,
  }
}

/** Writes what each side's rows have in common: the other side's factors, and the equation. */
export function writeSystems(
  exports: KernelExports,
  { buffer }: WebAssembly.Memory,
  plan: FitPlan,
  equation: NormalEquation,
): void {
  const { users, items, f, shift, preconditioned } = plan
  const spectrum = preconditioned ? plan.spectrum : 0
  for (const [solved, fixed] of [
    [users, items],
    [items, users],
  ] as const) {
    const { factors: z, multiplicity } = fixed
    writeFields(exports, buffer, solved.system, 'System', { z, f, multiplicity, shift, spectrum })
    writeEquation(exports, buffer, solved.system, equation)
  }
}
