import { axpy4, dot, multiply, scale } from "./vector";
import { multiplyRows } from "./basis";
import { choleskySolve } from "./cholesky";
import { conjugateGradient } from "./conjugate-gradient";
import { longFactor, longScratch, prepareLong } from "./long-row";
import { isShort, prepareShort, SHORT, shortScratch, solveShort, targets } from "./short-row";
import {
  AHEAD, factorsOf, hasNegativeWeight, invertRoots, multiplicityOf, Rows, solvedShape, System, targetOf, touch,
  weightOf, writeDiagonal,
} from "./system";

/** Floats of scratch that a thread needs for whatever it does to rows of f factors. */
export function rowScratch(f: u32): u32 {
  return f + max(shortScratch(f), longScratch(f));
}

/** Where the scales of a row with an excess are: after whatever solves it. */
@inline
export function scalesOf(f: u32, scratch: usize): usize {
  return scratch + (<usize>(rowScratch(f) - f) << 2);
}

/** (1 + δκ)^-½ of a row, in scratch; 0 where it has no excess. */
export function scalesFor(system: System, delta: f32, scratch: usize): usize {
  if (delta == 0) return 0;
  const scales = scalesOf(system.f, scratch);
  writeDiagonal(system, delta, scales);
  invertRoots(scales, system.f);
  return scales;
}

/**
 * Rows from … to − 1 of one ALS half-sweep, each by the cheapest solver; their factors are overwritten with the
 * solution in the plain basis. `rowsAt`, `systemAt`: system.ts; `toPlain`: L⁻¹, f × f (basis.ts).
 *
 * steps: 0 solves every row exactly; else rows too long for the n × n system take at most that many steps of
 * conjugate gradients from where they are: their factors times `warm` (f × f), which brings them into the present
 * basis.
 *
 * loss: where to write, as an f64, what these rows' entries add to the training loss; 0: it is not wanted.
 * @returns 0, or 1 + the row whose system is not positive definite
 */
export function solveRows(
  rowsAt: usize, systemAt: usize, from: u32, to: u32, toPlain: usize, steps: u32, warm: usize, loss: usize,
  scratch: usize,
): u32 {
  const rows = changetype<Rows>(rowsAt);
  const system = changetype<System>(systemAt);
  const f = system.f;
  const stride = <usize>f << 2;
  const last = load<u32>(rows.indptr + (<usize>to << 2));
  let fetched: u32 = 0;
  let losses: f64 = 0;
  for (let row = from; row < to; row++) {
    const start = load<u32>(rows.indptr + (<usize>row << 2));
    const n = load<u32>(rows.indptr + (<usize>row << 2), 4) - start;
    const indices = rows.indices + (<usize>start << 2);
    const values = rows.values + (<usize>start << 2);
    const delta = rows.excess == 0 ? <f32>0 : load<f32>(rows.excess + (<usize>row << 2));
    const x = rows.factors + <usize>row * stride;
    if (steps > 0 && n > SHORT && !hasNegativeWeight(system, values, n)) {
      multiplyRow(x, f, warm, scratch);
      memory.copy(x, scratch, stride);
      const weight = system.spectrum == 0 ? <f32>0 : load<f32>(rows.weights + (<usize>row << 2));
      conjugateGradient(system, indices, values, n, weight, delta, steps, x, scratch);
    } else {
      if (n <= SHORT && start + n > fetched) {
        fetched = min(last, start + AHEAD);
        touch(system, indices, fetched - start);
      }
      if (!solveExactly(system, indices, values, n, delta, x, scratch)) return row + 1;
    }
    // Now, while the entries' factors are at hand; an inner product is the same in either basis.
    if (loss != 0) losses += entryLoss(system, indices, values, n, x);
  }
  if (loss != 0) store<f64>(loss, losses);
  multiplyRows(rows.factors + <usize>from * stride, to - from, f, toPlain, solvedShape(system), scratch);
  return 0;
}

/** Writes the weights of rows from … to − 1 (Rows.weights). */
export function weighRows(rowsAt: usize, systemAt: usize, from: u32, to: u32): void {
  const rows = changetype<Rows>(rowsAt);
  const system = changetype<System>(systemAt);
  for (let row = from; row < to; row++) {
    const at = <usize>row << 2;
    const end = load<u32>(rows.indptr + at, 4);
    let sum: f32 = 0;
    for (let e = load<u32>(rows.indptr + at); e < end; e++) {
      const entry = <usize>e << 2;
      sum += multiplicityOf(system, load<u32>(rows.indices + entry)) * weightOf(system, load<f32>(rows.values + entry));
    }
    store<f32>(rows.weights + at, sum);
  }
}

/** x̃ of one row; false where its system is not positive definite. */
function solveExactly(
  system: System, indices: usize, values: usize, n: u32, delta: f32, x: usize, scratch: usize,
): bool {
  const f = system.f;
  if (n == 0) {
    // Nothing is known of this row: no preference, rather than a solution of 0 = 0.
    memory.fill(x, 0, <usize>f << 2);
    return true;
  }
  const scales = scalesFor(system, delta, scratch);
  if (n == 1) return solveSingle(system, indices, values, scales, x);
  if (isShort(system, values, n)) {
    prepareShort(system, indices, values, n, scales, scratch);
    solveShort(n, f, targets(f, scratch), scales, scratch, x);
    return true;
  }
  if (!prepareLong(system, indices, values, n, scales, x, scratch)) return false;
  choleskySolve(longFactor(f, scratch), f, f, x);
  if (scales != 0) multiply(scales, x, x, f);
  return true;
}

/**
 * A row of one entry, the commonest of all: (I + w·zzᵀ) x̃ = t·z is solved by a multiple of z itself (Sherman &
 * Morrison 1950), x̃ = t / (1 + w·zᵀz) · z; with `scales` s it is that of s⊙z, times s (short-row.ts).
 */
function solveSingle(system: System, indices: usize, values: usize, scales: usize, x: usize): bool {
  const index = load<u32>(indices);
  const multiplicity = multiplicityOf(system, index);
  const r = load<f32>(values);
  let z = factorsOf(system, index);
  if (scales != 0) {
    multiply(scales, z, x, system.f);
    z = x;
  }
  const pivot: f32 = <f32>1 + multiplicity * weightOf(system, r) * dot(z, z, system.f);
  if (!(pivot > 0)) return false;
  scale((multiplicity * targetOf(system, r)) / pivot, z, x, system.f);
  if (scales != 0) multiply(scales, x, x, system.f);
  return true;
}

/** y = xM for one row x of f floats and an f × f matrix. */
function multiplyRow(x: usize, f: u32, matrix: usize, y: usize): void {
  const stride = <usize>f << 2;
  memory.fill(y, 0, stride);
  for (let i: u32 = 0; i < f; i += 4) {
    const at = x + (<usize>i << 2);
    const row = matrix + <usize>i * stride;
    axpy4(
      load<f32>(at), load<f32>(at, 4), load<f32>(at, 8), load<f32>(at, 12),
      row, row + stride, row + 2 * stride, row + 3 * stride, y, f,
    );
  }
}

/**
 * Σ over n entries of w·s² − 2t·s + t, s = x̃·z, each as often as its multiplicity: the part of the training loss that
 * is not in the grams (kernels.ts, AlsResult).
 */
function entryLoss(system: System, indices: usize, values: usize, n: u32, x: usize): f64 {
  let sum: f64 = 0;
  for (let e: u32 = 0; e < n; e++) {
    const at = <usize>e << 2;
    const index = load<u32>(indices + at);
    const r = load<f32>(values + at);
    const score = <f64>dot(x, factorsOf(system, index), system.f);
    const target = <f64>targetOf(system, r);
    const error = <f64>weightOf(system, r) * score * score - 2 * target * score + target;
    sum += <f64>multiplicityOf(system, index) * error;
  }
  return sum;
}

/**
 * Σ δ‖x‖² over rows from … to − 1, in the plain basis: their penalty beyond the λ that all have. `multiplicity`: how
 * many identical rows each represents, f32 each; 0: one.
 */
export function excessPenalty(rowsAt: usize, f: u32, from: u32, to: u32, multiplicity: usize): f64 {
  const rows = changetype<Rows>(rowsAt);
  let sum: f64 = 0;
  for (let row = from; row < to; row++) {
    const x = rows.factors + ((<usize>row * f) << 2);
    const times: f64 = multiplicity == 0 ? 1 : <f64>load<f32>(multiplicity + (<usize>row << 2));
    sum += times * <f64>load<f32>(rows.excess + (<usize>row << 2)) * <f64>dot(x, x, f);
  }
  return sum;
}
