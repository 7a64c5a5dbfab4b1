import { axpy, dot, multiply } from "./vector";
import { cholesky, choleskySolve } from "./cholesky";
import { factorsOf, hasNegativeWeight, multiplicityOf, System, targetOf, weightOf } from "./system";

/**
 * The exact solution of a row with few entries, in the basis where the shared part is the identity (basis.ts):
 *
 *   (I + ZᵀDZ) x̃ = Zᵀt
 *
 * A row whose own λ exceeds the base has the diagonal 1 + δκ instead of I (system.ts). With s = (1 + δκ)^-½ it is the
 * same
 * system of Z·diag(s), solved for x̃/s.
 *
 * Legend: n the row's entries, f the padded number of factors, Z the n × f matrix of the entries' transformed
 * factors, D = diag(w), w and t the entries' weights and targets, times their multiplicity.
 *
 * Woodbury's identity makes it an n × n system: x̃ = Zᵀu with (I + DS) u = t, S = ZZᵀ; in symmetric form u = D^½ v,
 *
 *   H v = D^-½ t,  H = I + D^½ S D^½
 *
 * where an entry of weight 0 keeps u = t and moves its part to the right-hand side. (The other symmetric form,
 * u = t − D^½H⁻¹D^½St, needs no such care but cancels where weights are large.)
 */

/** Rows up to this many entries take the n × n system; the crossover is a matter of speed alone. */
export const SHORT: u32 = 16;

/*
 * Scratch, in floats:
 *
 *   | Z (SHORT × f) | S (SHORT²) | H (SHORT²) | D^½ (SHORT) | t (SHORT) | v (SHORT) |
 */

/** Floats of scratch. */
export function shortScratch(f: u32): u32 {
  return SHORT * f + 2 * SHORT * SHORT + 3 * SHORT;
}
@inline
function products(f: u32, scratch: usize): usize {
  return scratch + (<usize>(SHORT * f) << 2);
}
@inline
function factored(f: u32, scratch: usize): usize {
  return products(f, scratch) + (<usize>(SHORT * SHORT) << 2);
}
@inline
function weightRoots(f: u32, scratch: usize): usize {
  return factored(f, scratch) + (<usize>(SHORT * SHORT) << 2);
}
/** Where prepareShort leaves t. */
@inline
export function targets(f: u32, scratch: usize): usize {
  return weightRoots(f, scratch) + (<usize>SHORT << 2);
}
@inline
function workspace(f: u32, scratch: usize): usize {
  return targets(f, scratch) + (<usize>SHORT << 2);
}

/** Whether the n × n system applies: it is the smaller one, and its square roots exist. */
export function isShort(system: System, values: usize, n: u32): bool {
  if (n > SHORT || n > system.f) return false;
  return !hasNegativeWeight(system, values, n);
}

/** Gathers Z (times `scales`, f floats; 0: as it is), D^½ and t, computes S and factorises H (Cholesky, in place). */
export function prepareShort(
  system: System, indices: usize, values: usize, n: u32, scales: usize, scratch: usize,
): void {
  const f = system.f;
  const stride = <usize>f << 2;
  const s = products(f, scratch);
  const h = factored(f, scratch);
  const roots = weightRoots(f, scratch);
  const t = targets(f, scratch);
  for (let e: u32 = 0; e < n; e++) {
    const at = <usize>e << 2;
    const index = load<u32>(indices + at);
    const multiplicity = multiplicityOf(system, index);
    const r = load<f32>(values + at);
    const row = scratch + <usize>e * stride;
    if (scales == 0) memory.copy(row, factorsOf(system, index), stride);
    else multiply(scales, factorsOf(system, index), row, f);
    store<f32>(roots + at, sqrt(multiplicity * weightOf(system, r)));
    store<f32>(t + at, multiplicity * targetOf(system, r));
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

/** x̃ = Zᵀ(I + DS)⁻¹t for a prepared row; `t` n floats, x f floats, `scales` as it was prepared with. */
export function solveShort(n: u32, f: u32, t: usize, scales: usize, scratch: usize, x: usize): void {
  const s = products(f, scratch);
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
  if (scales != 0) multiply(scales, x, x, f);
}
