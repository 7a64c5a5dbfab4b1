import { axpy4, dot } from "./vector";
import { LOWER, multiplyRows } from "./basis";
import { conjugateGradient } from "./conjugate-gradient";
import { coefficient, hasNegativeWeight, SHORT, solveRow } from "./rows";

/**
 * Rows from … to − 1 of one ALS half-sweep: X against the transformed fixed factors Z (basis.ts, rows.ts).
 *
 * indptr u32, indices u32 and values f32: the sparse rows; z columns × f; m columns f32 or 0; equation 4 f32;
 * deltas rows f32 or 0 and k f × f (rows.ts); x rows × f, overwritten with the solution in the plain basis;
 * toPlain f × f (L⁻¹); scratch rowScratch(f) floats.
 * steps: 0 solves every row exactly; else rows too long for the n × n system take that many steps of conjugate
 * gradients from where they are: x times `warm` (f × f), which brings the former x into the present basis.
 * @returns 0, or 1 + the row whose system is not positive definite
 */
export function solveRows(
  indptr: usize, indices: usize, values: usize, from: u32, to: u32,
  z: usize, f: u32, m: usize, equation: usize, deltas: usize, k: usize,
  x: usize, toPlain: usize, steps: u32, warm: usize, scratch: usize,
): u32 {
  const stride = <usize>f << 2;
  for (let row = from; row < to; row++) {
    const at = <usize>row << 2;
    const start = load<u32>(indptr + at);
    const n = load<u32>(indptr + at, 4) - start;
    const rowIndices = indices + (<usize>start << 2);
    const rowValues = values + (<usize>start << 2);
    const delta = deltas == 0 ? <f32>0 : load<f32>(deltas + at);
    const out = x + <usize>row * stride;
    if (steps > 0 && n > SHORT && delta == 0 && !hasNegativeWeight(rowValues, n, equation)) {
      multiplyRow(out, f, warm, scratch);
      memory.copy(out, scratch, stride);
      conjugateGradient(rowIndices, rowValues, n, z, f, m, equation, steps, out, scratch);
    } else if (!solveRow(rowIndices, rowValues, n, z, f, m, equation, delta, k, out, scratch)) return row + 1;
  }
  multiplyRows(x + <usize>from * stride, to - from, f, toPlain, LOWER, scratch);
  return 0;
}

/** y = xM for one row x of f floats and an f × f matrix. */
function multiplyRow(x: usize, f: u32, matrix: usize, y: usize): void {
  const stride = <usize>f << 2;
  memory.fill(y, 0, stride);
  for (let i: u32 = 0; i < f; i += 4) {
    const at = x + (<usize>i << 2);
    const row = matrix + <usize>i * stride;
    axpy4(
      load<f32>(at), load<f32>(at, 4), load<f32>(at, 8), load<f32>(at, 12),
      row, row + stride, row + 2 * stride, row + 3 * stride, y, f,
    );
  }
}

/**
 * Σ over the entries of rows from … to − 1 of w·s² − 2t·s + t, s = x·y: the part of the training loss that is not
 * in the grams (kernels.ts, AlsResult). m: a multiplicity per row or 0. x and y in the plain basis.
 */
export function entryLoss(
  indptr: usize, indices: usize, values: usize, from: u32, to: u32,
  x: usize, y: usize, f: u32, m: usize, equation: usize,
): f64 {
  const stride = <usize>f << 2;
  let total: f64 = 0;
  for (let row = from; row < to; row++) {
    const at = <usize>row << 2;
    const end = load<u32>(indptr + at, 4);
    let sum: f64 = 0;
    for (let e = load<u32>(indptr + at); e < end; e++) {
      const entry = <usize>e << 2;
      const r = load<f32>(values + entry);
      const score = <f64>dot(x + <usize>row * stride, y + <usize>load<u32>(indices + entry) * stride, f);
      const target = <f64>coefficient(equation + 8, r, 1);
      sum += <f64>coefficient(equation, r, 1) * score * score - 2 * target * score + target;
    }
    total += m == 0 ? sum : sum * <f64>load<f32>(m + at);
  }
  return total;
}
