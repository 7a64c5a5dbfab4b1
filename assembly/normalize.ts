import { dot, scale } from "./vector";

/** Scales each of `rows` rows of f floats (f a multiple of 4) to Euclidean length 1; rows of length 0 stay 0. */
export function normalizeRows(y: usize, rows: u32, f: u32): void {
  const stride = <usize>f << 2;
  for (let r: u32 = 0; r < rows; r++, y += stride) {
    const norm = sqrt(dot(y, y, f));
    // A product without features is similar to nothing, not to everything: 0, never 0 / 0.
    if (norm > 0) scale(1 / norm, y, y, f);
  }
}
