import { dot } from "./vector";
import { choleskySolve } from "./cholesky";
import { longFactor, prepareLong } from "./long-row";
import { isShort, prepareShort, solveShort, targets } from "./short-row";
import { factorsOf, System, targetOf } from "./system";

/**
 * How a score comes apart into the purchases that caused it.
 *
 *   s_b = z_b·x̃ = Σₐ tₐ z_bᵀ A⁻¹ z_a
 *
 * (Hu, Koren & Volinsky 2008, section 5, in the basis of basis.ts.) Legend as in long-row.ts; `systemAt`: system.ts; the history's n
 * entries in `indices` u32 and `values` f32; `items` u32, `count` of them; `out` n × count f32, entry (a, b) the
 * term above; `solved` f floats, scratch rowScratch(f) floats.
 * @returns false where the system is not positive definite
 */
export function contributions(
  systemAt: usize, indices: usize, values: usize, n: u32, delta: f32,
  items: usize, count: u32, out: usize, solved: usize, scratch: usize,
): bool {
  const system = changetype<System>(systemAt);
  const f = system.f;
  const short = isShort(system, values, n, delta);
  if (short) prepareShort(system, indices, values, n, scratch);
  else if (!prepareLong(system, indices, values, n, delta, solved, scratch)) return false;
  for (let a: u32 = 0; a < n; a++) {
    if (short) {
      // A⁻¹z_a = Zᵀ(I + DS)⁻¹e_a: the row's own solution with a single target of 1.
      const t = targets(f, scratch);
      memory.fill(t, 0, <usize>n << 2);
      store<f32>(t + (<usize>a << 2), 1);
      solveShort(n, f, t, scratch, solved);
    } else {
      memory.copy(solved, factorsOf(system, load<u32>(indices + (<usize>a << 2))), <usize>f << 2);
      choleskySolve(longFactor(f, scratch), f, f, solved);
    }
    const target = targetOf(system, load<f32>(values + (<usize>a << 2)));
    for (let b: u32 = 0; b < count; b++) {
      store<f32>(out, target * dot(solved, factorsOf(system, load<u32>(items + (<usize>b << 2))), f));
      out += 4;
    }
  }
  return true;
}
