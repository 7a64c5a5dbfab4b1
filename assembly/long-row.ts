import { axpy, multiply, scale } from "./vector";
import { accumulateUpper, mirror } from "./gram";
import { cholesky } from "./cholesky";
import { factorsOf, hasNegativeWeight, multiplicityOf, System, targetOf, weightOf } from "./system";

/**
 * The f × f system of a row with many entries or negative weights:
 *
 *   A x̃ = b,  A = I + ZᵀDZ,  b = Zᵀt
 *
 * Legend as in short-row.ts, `scales` too.
 */

/** Entries gathered at a time. */
const CHUNK: u32 = 64;

/** Floats of scratch. */
export function longScratch(f: u32): u32 {
  return 2 * CHUNK * f + f * f;
}

/** Where prepareLong leaves the Cholesky factor of A, f × f. */
@inline
export function longFactor(f: u32, scratch: usize): usize {
  return scratch + (<usize>(2 * CHUNK * f) << 2);
}

/**
 * Factorises A (into longFactor) and computes b, both of Z times `scales` (0: as it is).
 * @returns false where A is not positive definite
 */
export function prepareLong(
  system: System, indices: usize, values: usize, n: u32, scales: usize, b: usize, scratch: usize,
): bool {
  const f = system.f;
  const stride = <usize>f << 2;
  const weighted = scratch + <usize>CHUNK * stride;
  const a = longFactor(f, scratch);
  memory.fill(a, 0, <usize>f * stride);
  memory.fill(b, 0, stride);
  for (let from: u32 = 0; from < n; from += CHUNK) {
    const count = min(CHUNK, n - from);
    for (let e: u32 = 0; e < count; e++) {
      const entry = <usize>(from + e) << 2;
      const index = load<u32>(indices + entry);
      const multiplicity = multiplicityOf(system, index);
      const r = load<f32>(values + entry);
      const row = scratch + <usize>e * stride;
      if (scales == 0) memory.copy(row, factorsOf(system, index), stride);
      else multiply(scales, factorsOf(system, index), row, f);
      scale(multiplicity * weightOf(system, r), row, weighted + <usize>e * stride, f);
      axpy(multiplicity * targetOf(system, r), row, b, f);
    }
    accumulateUpper(weighted, scratch, count, f, a);
  }
  for (let i: u32 = 0; i < f; i++) {
    const at = a + ((<usize>i * f + i) << 2);
    store<f32>(at, load<f32>(at) + 1);
  }
  mirror(a, f);
  return cholesky(a, f, f, hasNegativeWeight(system, values, n) ? 0 : 1) == 0;
}
