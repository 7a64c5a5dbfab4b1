/**
 * What the rows of a half-sweep have in common, laid out in memory by JavaScript (src/kernels/wasm-plan.ts): typed
 * views of byte offsets, nothing managed.
 */

/** The normal equation of kernels.ts in the basis of basis.ts. Eight words. */
@unmanaged
export class System {
  /** Z: the fixed side's transformed factors, columns × f. */
  z!: usize;
  /** The padded number of factors, a multiple of 4. */
  f!: u32;
  /** How many identical rows each fixed row stands for, f32 each; 0: one. */
  multiplicity!: usize;
  /** K = L⁻¹L⁻ᵀ, f × f; read only for rows with an excess. */
  shared!: usize;
  weightSlope!: f32;
  weightIntercept!: f32;
  targetSlope!: f32;
  targetIntercept!: f32;
}

/** Sparse rows and their factors. Five words. */
@unmanaged
export class Rows {
  indptr!: usize;
  indices!: usize;
  values!: usize;
  /** δ of each row: its λ beyond the shared one, f32 each; 0: none has any. */
  excess!: usize;
  /** rows × f. */
  factors!: usize;
}

/** How many identical rows column `index` stands for. */
// @ts-ignore: decorator
@inline
export function multiplicityOf(system: System, index: u32): f32 {
  const m = system.multiplicity;
  return m == 0 ? 1 : load<f32>(m + (<usize>index << 2));
}

/** w of an entry of value r that stands for one observation. */
// @ts-ignore: decorator
@inline
export function weightOf(system: System, r: f32): f32 {
  return system.weightSlope * r + system.weightIntercept;
}

/** t of an entry of value r that stands for one observation. */
// @ts-ignore: decorator
@inline
export function targetOf(system: System, r: f32): f32 {
  return system.targetSlope * r + system.targetIntercept;
}

/** The address of Z's row for a column. */
// @ts-ignore: decorator
@inline
export function factorsOf(system: System, index: u32): usize {
  return system.z + ((<usize>index * system.f) << 2);
}

/** Whether any of n entries has a weight below zero: then the system need not be positive definite. */
export function hasNegativeWeight(system: System, values: usize, n: u32): bool {
  for (let e: u32 = 0; e < n; e++) {
    if (weightOf(system, load<f32>(values + (<usize>e << 2))) < 0) return true;
  }
  return false;
}
