/**
 * What the rows of a half-sweep have in common, laid out in memory by JavaScript (src/kernels/wasm-plan.ts): typed
 * views of byte offsets, nothing managed.
 */

/** The normal equation of kernels.ts in the basis of basis.ts. */
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
  /** λ of the preconditioner (spectrum.ts), f floats, where the basis was turned for it; 0: it was not. */
  spectrum!: usize;
}

/** Sparse rows and their factors. */
@unmanaged
export class Rows {
  indptr!: usize;
  indices!: usize;
  values!: usize;
  /** δ of each row: its λ beyond the shared one, f32 each; 0: none has any. */
  excess!: usize;
  /** rows × f. */
  factors!: usize;
  /** W: the sum of each row's weights times their multiplicity, f32 each; read only where there is a spectrum. */
  weights!: usize;
}

/** How many identical rows column `index` stands for. */
@inline
export function multiplicityOf(system: System, index: u32): f32 {
  const m = system.multiplicity;
  return m == 0 ? 1 : load<f32>(m + (<usize>index << 2));
}

/** w of an entry of value r that stands for one observation. */
@inline
export function weightOf(system: System, r: f32): f32 {
  return system.weightSlope * r + system.weightIntercept;
}

/** t of an entry of value r that stands for one observation. */
@inline
export function targetOf(system: System, r: f32): f32 {
  return system.targetSlope * r + system.targetIntercept;
}

/** The address of Z's row for a column. */
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

/** Entries whose factors are fetched ahead; a power of two. */
export const AHEAD: u32 = 32;

/**
 * Reads one number from each cache line of the factors of `count` entries, and nothing else: dozens of misses are
 * then under way at once, where the arithmetic would wait for a few at a time (a third of the time a row, from the
 * third-level cache). WebAssembly has no prefetch; the comparison that never holds keeps the reads from being
 * dropped.
 */
export function touch(system: System, indices: usize, count: u32): void {
  const bytes = <usize>system.f << 2;
  let sum = i32x4.splat(0);
  for (let e: u32 = 0; e < count; e++) {
    const row = factorsOf(system, load<u32>(indices + (<usize>e << 2)));
    for (let at: usize = 0; at < bytes; at += 64) sum = v128.or(sum, v128.load32_zero(row + at));
  }
  if (i32x4.extract_lane(sum, 1) != 0) unreachable();
}
