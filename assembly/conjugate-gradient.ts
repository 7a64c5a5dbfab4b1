import { axpy, axpy4, dot, dot4, multiply, scale } from "./vector";
import { AHEAD, factorsOf, multiplicityOf, System, targetOf, touch, weightOf, writeDiagonal } from "./system";

/**
 * A few steps of conjugate gradients on a long row's system, in the basis where the shared part is the identity
 * (basis.ts; Hestenes & Stiefel 1952, doi:10.6028/jres.049.044; for implicit ALS Takács et al. 2011,
 * doi:10.1145/2043932.2043987):
 *
 *   A x̃ = b,  A = E + ZᵀDZ,  b = Zᵀt,  E = diag(1 + δκ) (system.ts), the identity where the row has no excess
 *
 * A step costs one pass over the row's n factors, since A·p needs no f × f matrix. The shared part being the
 * identity is one preconditioner; where the half-sweep has a spectrum, M⁻¹ = diag(1 / (1 + δκ + W·λ)) is the second
 * (spectrum.ts). The last step needs only pᵀAp, half a pass.
 * Legend as in short-row.ts. Weights must not be negative.
 */

/** A residual this small relative to the first (2^-40, squared norms) is solved: further steps only add rounding. */
const SOLVED: f32 = 9.094947017729282e-13;

/**
 * The factor by which a preconditioned step is to reduce the residual's squared norm: a row that does better takes
 * fewer. Without a preconditioner the norm says less of the error, and all steps are taken: on a shop of a million
 * customers stopping early ended 3e-5 higher.
 */
const GAIN: f32 = 0.1;

/**
 * Improves `x` (f floats, the start) by at most `steps` ≥ 1 steps: by fewer where it is preconditioned and the residual
 * has shrunk by as much as all but the last two were to gain. `weight`: W of the row, `delta`: δ. `scratch`: 5·f
 * floats, for r, p, q, M⁻¹ and E.
 */
export function conjugateGradient(
  system: System, indices: usize, values: usize, n: u32, weight: f32, delta: f32, steps: u32, x: usize, scratch: usize,
): void {
  const f = system.f;
  const stride = <usize>f << 2;
  const r = scratch;
  const p = r + stride;
  const q = p + stride;
  const inverse = q + stride;
  const diagonal = inverse + stride;
  writeDiagonal(system, delta, diagonal);
  precondition(system, weight, diagonal, inverse);
  // The first pass may read the factors from memory; later ones find them in the cache, unless the row outgrows it.
  const isLarge = <usize>n * stride > RESIDENT;
  multiply(diagonal, x, r, f);
  scale(-1, r, r, f);
  pass(system, indices, values, n, x, r, RESIDUAL, true);
  multiply(inverse, r, p, f);
  // The squared norm of the residual, measured by M⁻¹.
  let norm = dot(r, p, f);
  const solved = norm * SOLVED;
  let enough: f32 = system.spectrum == 0 ? 0 : norm;
  for (let s: u32 = 2; s < steps; s++) enough *= GAIN;
  for (let step: u32 = 1; norm > solved; step++) {
    if (step == steps || (step > 1 && norm <= enough)) {
      multiply(diagonal, p, q, f);
      const curvature = dot(p, q, f) + pass(system, indices, values, n, p, q, CURVATURE, isLarge);
      axpy(norm / curvature, p, x, f);
      return;
    }
    multiply(diagonal, p, q, f);
    pass(system, indices, values, n, p, q, PRODUCT, isLarge);
    const alpha = norm / dot(p, q, f);
    axpy(alpha, p, x, f);
    axpy(-alpha, q, r, f);
    multiply(inverse, r, q, f);
    const next = dot(r, q, f);
    // p = M⁻¹r + (next / norm)·p
    scale(next / norm, p, p, f);
    axpy(1, q, p, f);
    norm = next;
  }
}

/** M⁻¹ of a row, its diagonal. */
function precondition(system: System, weight: f32, diagonal: usize, inverse: usize): void {
  const spectrum = system.spectrum;
  const one = f32x4.splat(1);
  const weights = f32x4.splat(weight);
  for (let i: u32 = 0; i < system.f; i += 4) {
    const at = <usize>i << 2;
    const lambda = spectrum == 0 ? f32x4.splat(0) : v128.load(spectrum + at);
    v128.store(inverse + at, f32x4.div(one, f32x4.add(v128.load(diagonal + at), f32x4.mul(weights, lambda))));
  }
}

/** Bytes of factors a row may have to stay in the second-level cache between passes. */
const RESIDENT: usize = 1048576;

/** What a pass over the row's factors computes from v: out += Zᵀ(t − D·Zv), out += ZᵀD·Zv, or Σ w(z·v)². */
const RESIDUAL: u32 = 0;
const PRODUCT: u32 = 1;
const CURVATURE: u32 = 2;

/** Four factors at a time: v and out are then loaded a quarter as often as row by row. */
@inline
function pass(
  system: System, indices: usize, values: usize, n: u32, v: usize, out: usize, what: u32, isFar: bool,
): f32 {
  const f = system.f;
  const whole = n & ~3;
  let curvature: f32 = 0;
  let e: u32 = 0;
  for (; e < whole; e += 4) {
    const at = <usize>e << 2;
    if (isFar && (e & (AHEAD - 1)) == 0) touch(system, indices + at, min(AHEAD, n - e));
    const z0 = factorsOf(system, load<u32>(indices + at));
    const z1 = factorsOf(system, load<u32>(indices + at, 4));
    const z2 = factorsOf(system, load<u32>(indices + at, 8));
    const z3 = factorsOf(system, load<u32>(indices + at, 12));
    const s = dot4(v, z0, z1, z2, z3, f);
    const s0 = f32x4.extract_lane(s, 0);
    const s1 = f32x4.extract_lane(s, 1);
    const s2 = f32x4.extract_lane(s, 2);
    const s3 = f32x4.extract_lane(s, 3);
    const c0 = factor(system, indices, values, e, s0, what);
    const c1 = factor(system, indices, values, e + 1, s1, what);
    const c2 = factor(system, indices, values, e + 2, s2, what);
    const c3 = factor(system, indices, values, e + 3, s3, what);
    if (what == CURVATURE) curvature += c0 * s0 + c1 * s1 + (c2 * s2 + c3 * s3);
    else axpy4(c0, c1, c2, c3, z0, z1, z2, z3, out, f);
  }
  for (; e < n; e++) {
    const row = factorsOf(system, load<u32>(indices + (<usize>e << 2)));
    const s = dot(v, row, f);
    const c = factor(system, indices, values, e, s, what);
    if (what == CURVATURE) curvature += c * s;
    else axpy(c, row, out, f);
  }
  return curvature;
}

/** The multiple of entry e's factors that goes into the sum, s = z·v. */
@inline
function factor(system: System, indices: usize, values: usize, e: u32, s: f32, what: u32): f32 {
  const at = <usize>e << 2;
  const r = load<f32>(values + at);
  const multiplicity = multiplicityOf(system, load<u32>(indices + at));
  const weighted = weightOf(system, r) * s;
  return multiplicity * (what == RESIDUAL ? targetOf(system, r) - weighted : weighted);
}
