import { FULL, LOWER } from "./basis";

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
  /** How many identical rows each fixed row represents, f32 each; 0: one. */
  multiplicity!: usize;
  /**
   * κ, f floats: the basis was turned until K = L⁻¹L⁻ᵀ is diagonal, and this is its diagonal; 0: no row has an excess.
   */
  shift!: usize;
  weightSlope!: f32;
  weightIntercept!: f32;
  targetSlope!: f32;
  targetIntercept!: f32;
  /** λ of the preconditioner (spectrum.ts), f floats; 0: long rows have none. */
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

/** How many identical rows column `index` represents. */
@inline
export function multiplicityOf(system: System, index: u32): f32 {
  const m = system.multiplicity;
  return m == 0 ? 1 : load<f32>(m + (<usize>index << 2));
}

/** w of an entry of value r that represents one observation. */
@inline
export function weightOf(system: System, r: f32): f32 {
  return system.weightSlope * r + system.weightIntercept;
}

/** t of an entry of value r that represents one observation. */
@inline
export function targetOf(system: System, r: f32): f32 {
  return system.targetSlope * r + system.targetIntercept;
}

/**
 * What the shared part of a row is in this basis: 1 + δκ, a diagonal, for a row whose own λ exceeds the base by δ.
 * Writes f floats to `out`.
 */
export function writeDiagonal(system: System, delta: f32, out: usize): void {
  const one = f32x4.splat(1);
  const excess = f32x4.splat(delta);
  for (let i: u32 = 0; i < system.f; i += 4) {
    const at = <usize>i << 2;
    const shift = system.shift == 0 ? f32x4.splat(0) : v128.load(system.shift + at);
    v128.store(out + at, f32x4.add(one, f32x4.mul(excess, shift)));
  }
}

/** 1 / √ of n numbers in place, n a multiple of 4. */
export function invertRoots(at: usize, n: u32): void {
  const one = f32x4.splat(1);
  for (const end = at + (<usize>n << 2); at < end; at += 16) {
    v128.store(at, f32x4.div(one, f32x4.sqrt(v128.load(at))));
  }
}

/** The shape of L⁻¹ and L: triangular, but where the basis was turned. */
@inline
export function solvedShape(system: System): u32 {
  return system.spectrum == 0 && system.shift == 0 ? LOWER : FULL;
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
