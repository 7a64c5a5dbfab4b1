import { axpy, dot, scale } from "./vector";
import { accumulateUpper, mirror } from "./gram";
import { cholesky, choleskySolve } from "./cholesky";

/**
 * The exact solution of one row's normal equation in the basis where the shared part is the identity (basis.ts):
 *
 *   A x̃ = Zᵀt,  A = I + ZᵀDZ + δK
 *
 * Legend: n the row's entries, f the padded number of factors, Z the n × f matrix of the entries' transformed
 * factors, D = diag(w), w and t the entries' weights and targets (kernels.ts, NormalEquation); δ what the row's own
 * regularization adds to the shared one and K = L⁻¹L⁻ᵀ (both only where the regularization depends on frequency).
 *
 * A row is described by five pointers and a count: `indices` u32 and `values` f32 (n each), `z` columns × f, `m` a
 * multiplicity per column or 0, `equation` weightSlope, weightIntercept, targetSlope, targetIntercept as f32.
 *
 * Short rows are solved as an n × n system (Woodbury's identity), x̃ = Zᵀu with (I + DS) u = t, S = ZZᵀ; in the
 * symmetric form u = D^½ v,
 *
 *   H v = D^-½ t,  H = I + D^½ S D^½
 *
 * where an entry of weight 0 keeps u = t and moves its part to the right-hand side. (The other symmetric form,
 * u = t − D^½H⁻¹D^½St, needs no such care but cancels where weights are large.) Long rows, negative weights and
 * δ > 0 take the f × f system.
 */

/** Rows up to this many entries take the n × n system; the crossover is a matter of speed alone. */
export const SHORT: u32 = 16;

/** Entries gathered at a time for the f × f system. */
const CHUNK: u32 = 64;

/** Floats of scratch that a row needs, whichever way it is solved. */
export function rowScratch(f: u32): u32 {
  return max(SHORT * f + 2 * SHORT * SHORT + 3 * SHORT, 2 * CHUNK * f + f * f);
}

/** Whether the n × n system applies. */
export function isShort(values: usize, n: u32, f: u32, equation: usize, delta: f32): bool {
  if (n > SHORT || n > f || delta != 0) return false;
  return !hasNegativeWeight(values, n, equation);
}

/** Whether any entry's weight is below zero: then the system need not be positive definite. */
export function hasNegativeWeight(values: usize, n: u32, equation: usize): bool {
  for (let e: u32 = 0; e < n; e++) {
    if (coefficient(equation, load<f32>(values + (<usize>e << 2)), 1) < 0) return true;
  }
  return false;
}

/** multiplicity · (slope·r + intercept); `pair` points at the slope. */
// @ts-ignore: decorator
@inline
export function coefficient(pair: usize, r: f32, multiplicity: f32): f32 {
  return multiplicity * (load<f32>(pair) * r + load<f32>(pair, 4));
}

/** How many identical rows column `index` stands for. */
// @ts-ignore: decorator
@inline
export function multiplicityOf(m: usize, index: u32): f32 {
  return m == 0 ? 1 : load<f32>(m + (<usize>index << 2));
}

/**
 * x̃ for one row.
 * @returns false where the system is not positive definite
 */
export function solveRow(
  indices: usize, values: usize, n: u32, z: usize, f: u32, m: usize, equation: usize,
  delta: f32, k: usize, x: usize, scratch: usize,
): bool {
  if (n == 0) {
    // Nothing is known of this row: no preference, rather than a solution of 0 = 0.
    memory.fill(x, 0, <usize>f << 2);
    return true;
  }
  if (isShort(values, n, f, equation, delta)) {
    prepareShort(indices, values, n, z, f, m, equation, scratch);
    solveShort(n, f, targets(f, scratch), scratch, x);
    return true;
  }
  const a = longSystem(f, scratch);
  if (!prepareLong(indices, values, n, z, f, m, equation, delta, k, x, scratch)) return false;
  choleskySolve(a, f, f, x);
  return true;
}

/*
 * Scratch of a short row, in floats:
 *
 *   0          SHORT·f     + SHORT²   + SHORT²  + SHORT     + SHORT    + SHORT
 *   | Z (n × f) | S (n × n) | H (n × n) | D^½      | t        | v      |
 */

// @ts-ignore: decorator
@inline
export function similarities(f: u32, scratch: usize): usize {
  return scratch + (<usize>(SHORT * f) << 2);
}
// @ts-ignore: decorator
@inline
export function factored(f: u32, scratch: usize): usize {
  return similarities(f, scratch) + (<usize>(SHORT * SHORT) << 2);
}
// @ts-ignore: decorator
@inline
export function weightRoots(f: u32, scratch: usize): usize {
  return factored(f, scratch) + (<usize>(SHORT * SHORT) << 2);
}
// @ts-ignore: decorator
@inline
export function targets(f: u32, scratch: usize): usize {
  return weightRoots(f, scratch) + (<usize>SHORT << 2);
}
// @ts-ignore: decorator
@inline
export function workspace(f: u32, scratch: usize): usize {
  return targets(f, scratch) + (<usize>SHORT << 2);
}

/** Gathers Z, D^½ and t of a short row, computes S and factorises H (Cholesky, in place). */
export function prepareShort(
  indices: usize, values: usize, n: u32, z: usize, f: u32, m: usize, equation: usize, scratch: usize,
): void {
  const stride = <usize>f << 2;
  const s = similarities(f, scratch);
  const h = factored(f, scratch);
  const roots = weightRoots(f, scratch);
  const t = targets(f, scratch);
  for (let e: u32 = 0; e < n; e++) {
    const at = <usize>e << 2;
    const index = load<u32>(indices + at);
    const multiplicity = multiplicityOf(m, index);
    const r = load<f32>(values + at);
    memory.copy(scratch + <usize>e * stride, z + <usize>index * stride, stride);
    store<f32>(roots + at, sqrt(coefficient(equation, r, multiplicity)));
    store<f32>(t + at, coefficient(equation + 8, r, multiplicity));
  }
  for (let i: u32 = 0; i < n; i++) {
    const root = load<f32>(roots + (<usize>i << 2));
    for (let j: u32 = 0; j <= i; j++) {
      const value = dot(scratch + <usize>i * stride, scratch + <usize>j * stride, f);
      const lower = (<usize>i * n + j) << 2;
      store<f32>(s + lower, value);
      store<f32>(s + ((<usize>j * n + i) << 2), value);
      store<f32>(h + lower, value * root * load<f32>(roots + (<usize>j << 2)) + (i == j ? <f32>1 : 0));
    }
  }
  cholesky(h, n, n, 1);
}

/** x̃ = Zᵀ(I + DS)⁻¹t for a prepared short row; `t` n floats. */
export function solveShort(n: u32, f: u32, t: usize, scratch: usize, x: usize): void {
  const s = similarities(f, scratch);
  const roots = weightRoots(f, scratch);
  const v = workspace(f, scratch);
  for (let i: u32 = 0; i < n; i++) {
    const root = load<f32>(roots + (<usize>i << 2));
    let weightless: f32 = 0;
    for (let j: u32 = 0; j < n; j++) {
      const at = <usize>j << 2;
      if (load<f32>(roots + at) == 0) weightless += load<f32>(s + (<usize>(i * n) << 2) + at) * load<f32>(t + at);
    }
    const at = <usize>i << 2;
    store<f32>(v + at, root > 0 ? load<f32>(t + at) / root - root * weightless : 0);
  }
  choleskySolve(factored(f, scratch), n, n, v);
  memory.fill(x, 0, <usize>f << 2);
  for (let e: u32 = 0; e < n; e++) {
    const at = <usize>e << 2;
    const root = load<f32>(roots + at);
    axpy(root > 0 ? root * load<f32>(v + at) : load<f32>(t + at), scratch + ((<usize>e * f) << 2), x, f);
  }
}

/** Where prepareLong leaves the factor of A, f × f. */
// @ts-ignore: decorator
@inline
export function longSystem(f: u32, scratch: usize): usize {
  return scratch + (<usize>(2 * CHUNK * f) << 2);
}

/**
 * The Cholesky factor of A (at longSystem) and b = Zᵀt.
 * @returns false where A is not positive definite
 */
export function prepareLong(
  indices: usize, values: usize, n: u32, z: usize, f: u32, m: usize, equation: usize,
  delta: f32, k: usize, b: usize, scratch: usize,
): bool {
  const stride = <usize>f << 2;
  const weighted = scratch + <usize>CHUNK * stride;
  const a = longSystem(f, scratch);
  memory.fill(a, 0, <usize>f * stride);
  memory.fill(b, 0, stride);
  for (let from: u32 = 0; from < n; from += CHUNK) {
    const count = min(CHUNK, n - from);
    for (let e: u32 = 0; e < count; e++) {
      const entry = <usize>(from + e) << 2;
      const index = load<u32>(indices + entry);
      const multiplicity = multiplicityOf(m, index);
      const r = load<f32>(values + entry);
      const row = scratch + <usize>e * stride;
      memory.copy(row, z + <usize>index * stride, stride);
      scale(coefficient(equation, r, multiplicity), row, weighted + <usize>e * stride, f);
      axpy(coefficient(equation + 8, r, multiplicity), row, b, f);
    }
    accumulateUpper(weighted, scratch, count, f, a);
  }
  if (delta != 0) axpy(delta, k, a, f * f);
  for (let i: u32 = 0; i < f; i++) {
    const at = a + ((<usize>i * f + i) << 2);
    store<f32>(at, load<f32>(at) + 1);
  }
  mirror(a, f);
  return cholesky(a, f, f, hasNegativeWeight(values, n, equation) ? 0 : 1) == 0;
}
