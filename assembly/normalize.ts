import { dot, scale } from "./vector";

/** Between these a sum of squares in single precision has lost nothing that counts to its range. */
const LEAST_SUM: f32 = 1e-30;
const GREATEST_SUM: f32 = 1e38;

/** Scales each of `rows` rows of f floats (f a multiple of 4) to Euclidean length 1; rows of length 0 stay 0. */
export function normalizeRows(y: usize, rows: u32, f: u32): void {
  const stride = <usize>f << 2;
  for (let r: u32 = 0; r < rows; r++, y += stride) {
    let square = dot(y, y, f);
    if (!(square >= LEAST_SUM && square <= GREATEST_SUM)) {
      // A product without features is similar to nothing, not to everything: 0, never 0 / 0.
      if (!divideByGreatest(y, f)) continue;
      square = dot(y, y, f);
    }
    scale(1 / sqrt(square), y, y, f);
  }
}

/** Divides a row by its greatest number, in size; false of a row of zeros. */
function divideByGreatest(y: usize, f: u32): bool {
  const end = y + (<usize>f << 2);
  let greatest: f32 = 0;
  for (let at = y; at < end; at += 4) greatest = max(greatest, abs(load<f32>(at)));
  if (greatest == 0) return false;
  for (let at = y; at < end; at += 4) store<f32>(at, load<f32>(at) / greatest);
  return true;
}
