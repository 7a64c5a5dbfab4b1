import { axpy, dot } from "./vector";

/**
 * Cholesky factorisation and solution of small symmetric systems in single precision.
 *
 * Legend: n the order, s the row length in floats (≥ n), A n × s row-major; only its lower triangle is used.
 */

/**
 * L with A = LLᵀ; overwrites A's lower triangle.
 * `floor`: what every pivot is known to exceed (1 for I + a positive semidefinite matrix), so that rounding cannot
 * push one below; 0 where nothing is known and a lost pivot means failure.
 * @returns 0, or 1 + the pivot at which A proved not positive definite
 */
export function cholesky(a: usize, n: u32, s: u32, floor: f32): u32 {
  const stride = <usize>s << 2;
  for (let i: u32 = 0; i < n; i++) {
    const row = a + <usize>i * stride;
    for (let j: u32 = 0; j <= i; j++) {
      const other = a + <usize>j * stride;
      const at = row + (<usize>j << 2);
      const value = load<f32>(at);
      const rest = value - dotBelow(row, other, j);
      if (j < i) store<f32>(at, rest / load<f32>(other + (<usize>j << 2)));
      else if (floor > 0) store<f32>(at, sqrt(max(rest, floor)));
      // A pivot lost in the rounding of what was subtracted (2^-22 of the diagonal) is no pivot.
      else if (!(rest > value * 2.384185791015625e-7)) return i + 1;
      else store<f32>(at, sqrt(rest));
    }
  }
  return 0;
}

/** Σ of the first j products of two rows. */
@inline
function dotBelow(x: usize, y: usize, j: u32): f32 {
  const whole = j & ~3;
  let sum = dot(x, y, whole);
  for (let k = whole; k < j; k++) sum += load<f32>(x + (<usize>k << 2)) * load<f32>(y + (<usize>k << 2));
  return sum;
}

/** Solves LLᵀx = b, n floats; x overwrites b. */
export function choleskySolve(l: usize, n: u32, s: u32, b: usize): void {
  const stride = <usize>s << 2;
  for (let i: u32 = 0; i < n; i++) {
    const row = l + <usize>i * stride;
    const at = b + (<usize>i << 2);
    store<f32>(at, (load<f32>(at) - dotBelow(row, b, i)) / load<f32>(row + (<usize>i << 2)));
  }
  // Backwards by columns of Lᵀ, which are rows of L: contiguous.
  for (let i = <i32>n - 1; i >= 0; i--) {
    const row = l + <usize>i * stride;
    const at = b + (<usize>i << 2);
    const x = load<f32>(at) / load<f32>(row + (<usize>i << 2));
    store<f32>(at, x);
    axpyBelow(-x, row, b, <u32>i);
  }
}

/** y += alpha·x over the first n numbers. */
@inline
function axpyBelow(alpha: f32, x: usize, y: usize, n: u32): void {
  const whole = n & ~3;
  axpy(alpha, x, y, whole);
  for (let k = whole; k < n; k++) {
    const at = y + (<usize>k << 2);
    store<f32>(at, load<f32>(at) + alpha * load<f32>(x + (<usize>k << 2)));
  }
}
