import { dot } from "./vector";
import { choleskySolve } from "./cholesky";
import { coefficient, isShort, longSystem, prepareLong, prepareShort, solveShort, targets } from "./rows";

/**
 * How a score comes apart into the purchases that caused it.
 *
 *   s_b = z_b·x̃ = Σₐ tₐ z_bᵀ A⁻¹ z_a
 *
 * (Hu, Koren & Volinsky 2008, section 5, in the basis of basis.ts.) Legend as in rows.ts; `items` u32, `count` of
 * them; `out` n × count f32, entry (a, b) the term above; `solved` f floats, and scratch rowScratch(f) floats.
 * @returns false where the system is not positive definite
 */
export function contributions(
  indices: usize, values: usize, n: u32, z: usize, f: u32, equation: usize, delta: f32, k: usize,
  items: usize, count: u32, out: usize, solved: usize, scratch: usize,
): bool {
  const stride = <usize>f << 2;
  const short = isShort(values, n, f, equation, delta);
  if (short) prepareShort(indices, values, n, z, f, 0, equation, scratch);
  else if (!prepareLong(indices, values, n, z, f, 0, equation, delta, k, solved, scratch)) return false;
  for (let a: u32 = 0; a < n; a++) {
    if (short) {
      // A⁻¹z_a = Zᵀ(I + DS)⁻¹e_a: the row's own solution with a single target of 1.
      const t = targets(f, scratch);
      memory.fill(t, 0, <usize>n << 2);
      store<f32>(t + (<usize>a << 2), 1);
      solveShort(n, f, t, scratch, solved);
    } else {
      memory.copy(solved, z + <usize>load<u32>(indices + (<usize>a << 2)) * stride, stride);
      choleskySolve(longSystem(f, scratch), f, f, solved);
    }
    const target = coefficient(equation + 8, load<f32>(values + (<usize>a << 2)), 1);
    for (let b: u32 = 0; b < count; b++) {
      const item = <usize>load<u32>(items + (<usize>b << 2));
      store<f32>(out, target * dot(solved, z + item * stride, f));
      out += 4;
    }
  }
  return true;
}
