import { scalesFor } from "./als";
import { multiplyRows } from "./basis";
import { choleskySolve } from "./cholesky";
import { longFactor, prepareLong } from "./long-row";
import { isShort, prepareShort, solveShort, targets } from "./short-row";
import { factorsOf, solvedShape, System, targetOf } from "./system";
import { multiply, scale } from "./vector";

/**
 * How a row's factors come apart into the entries that caused them:
 *
 *   x = Σₐ xₐ,  xₐ = tₐ A⁻¹ y_a
 *
 * (Hu, Koren & Volinsky 2008, section 5, in the basis of basis.ts.) Legend as in long-row.ts; `systemAt`: system.ts;
 * the n ≥ 1 entries in `indices` u32 and `values` f32; `toPlain`: L⁻¹, f × f (basis.ts); `out` n × f f32, row a
 * xₐ in the plain basis; scratch rowScratch(f) floats.
 * @returns false where the system is not positive definite
 */
export function contributions(
  systemAt: usize, indices: usize, values: usize, n: u32, delta: f32, toPlain: usize, out: usize, scratch: usize,
): bool {
  const system = changetype<System>(systemAt);
  const f = system.f;
  const stride = <usize>f << 2;
  const scales = scalesFor(system, delta, scratch);
  const short = isShort(system, values, n);
  if (short) prepareShort(system, indices, values, n, scales, scratch);
  else if (!prepareLong(system, indices, values, n, scales, out, scratch)) return false;
  for (let a: u32 = 0; a < n; a++) {
    const entry = <usize>a << 2;
    const row = out + <usize>a * stride;
    if (short) {
      // A⁻¹z_a = Zᵀ(I + DS)⁻¹e_a: the row's own solution with a single target of 1.
      const t = targets(f, scratch);
      memory.fill(t, 0, <usize>n << 2);
      store<f32>(t + entry, 1);
      solveShort(n, f, t, scales, scratch, row);
    } else {
      const z = factorsOf(system, load<u32>(indices + entry));
      if (scales == 0) memory.copy(row, z, stride);
      else multiply(scales, z, row, f);
      choleskySolve(longFactor(f, scratch), f, f, row);
      if (scales != 0) multiply(scales, row, row, f);
    }
    scale(targetOf(system, load<f32>(values + entry)), row, row, f);
  }
  multiplyRows(out, n, f, toPlain, solvedShape(system), scratch);
  return true;
}
