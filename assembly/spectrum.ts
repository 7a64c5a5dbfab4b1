/**
 * A diagonal preconditioner for the rows that conjugate gradients solve. With the shared part the identity, a row's
 * system is I + ZᵀDZ, and ZᵀDZ is on average W·S: W the row's total weight, S the weighted mean of zzᵀ over all
 * entries of the half-sweep. In the basis of S's eigenvectors the preconditioner (I + W·S)⁻¹ is diagonal,
 * 1 / (1 + W·λⱼ): it costs nothing per row, and takes out what is common to all rows (how popular items are, above
 * all), which otherwise takes each row a step of its own.
 *
 * Legend as in basis.ts; matrices are n × n f64, row-major.
 */

/** Off-diagonal entries this small compared with the diagonal are left: a preconditioner need not be exact … */
const ROUGH: f64 = 1e-4;

/** … but the part of a row's own λ must be, to more digits than single precision has. */
const EXACT: f64 = 1e-9;

/** Cyclic Jacobi converges quadratically: so many sweeps are more than it takes. */
const SWEEPS: u32 = 12;

/**
 * Turns the basis: where rows have a λ of their own (`shift` is not 0) so that K = L⁻¹L⁻ᵀ is diagonal, a multiple of
 * which is what a row's excess adds to the shared part; else so that S is. Writes K's diagonal to `shift` and S's,
 * which
 * is then the best that a diagonal can do, to `spectrum` (f floats each, 0 in the padding; 0: not wanted).
 * `mean`: Σ share·yyᵀ in the plain basis, lower triangle, or 0 without `spectrum`; `toPlain` = L⁻¹ and `fromZ` = Lᵀ are
 * replaced by QᵀL⁻¹ and QᵀLᵀ; `work`: 2·n·n f64, `product`: n·n.
 */
export function turn(
  mean: usize, n: u32, f: u32, toPlain: usize, fromZ: usize, spectrum: usize, shift: usize, work: usize,
  product: usize,
): void {
  const size = (<usize>n * n) << 3;
  const s = work;
  const q = s + size;
  if (shift != 0) {
    multiplyTransposed(toPlain, toPlain, n, s);
    diagonalise(s, q, n, EXACT);
    writeDiagonalOf(s, n, f, shift);
    turnBasis(q, n, toPlain, fromZ, product);
  }
  if (spectrum == 0) return;
  complete(mean, n);
  // S = L⁻¹·mean·L⁻ᵀ; the mean is symmetric, so each product is by a transpose.
  multiplyTransposed(toPlain, mean, n, product);
  multiplyTransposed(toPlain, product, n, s);
  if (shift == 0) diagonalise(s, q, n, ROUGH);
  writeDiagonalOf(s, n, f, spectrum);
  if (shift == 0) turnBasis(q, n, toPlain, fromZ, product);
}

/** The diagonal of S, none below 0, as f floats with 0 in the padding. */
function writeDiagonalOf(s: usize, n: u32, f: u32, out: usize): void {
  memory.fill(out, 0, <usize>f << 2);
  for (let i: u32 = 0; i < n; i++) {
    store<f32>(out + (<usize>i << 2), <f32>max(0, load<f64>(s + ((<usize>i * n + i) << 3))));
  }
}

/** Puts the rows of Q in front of both changes of basis. */
function turnBasis(q: usize, n: u32, toPlain: usize, fromZ: usize, product: usize): void {
  const size = (<usize>n * n) << 3;
  multiply(q, toPlain, n, product);
  memory.copy(toPlain, product, size);
  multiply(q, fromZ, n, product);
  memory.copy(fromZ, product, size);
}

/** Copies the lower triangle onto the upper. */
function complete(a: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    for (let j: u32 = 0; j < i; j++) {
      store<f64>(a + ((<usize>j * n + i) << 3), load<f64>(a + ((<usize>i * n + j) << 3)));
    }
  }
}

/** out = A·Bᵀ. */
function multiplyTransposed(a: usize, b: usize, n: u32, out: usize): void {
  for (let i: u32 = 0; i < n; i++) {
    for (let j: u32 = 0; j < n; j++) {
      const rowA = a + ((<usize>i * n) << 3);
      const rowB = b + ((<usize>j * n) << 3);
      let sum: f64 = 0;
      for (let k: usize = 0; k < <usize>n << 3; k += 8) sum += load<f64>(rowA + k) * load<f64>(rowB + k);
      store<f64>(out + ((<usize>i * n + j) << 3), sum);
    }
  }
}

/** out = A·B. */
function multiply(a: usize, b: usize, n: u32, out: usize): void {
  memory.fill(out, 0, (<usize>n * n) << 3);
  for (let i: u32 = 0; i < n; i++) {
    for (let k: u32 = 0; k < n; k++) {
      const factor = load<f64>(a + ((<usize>i * n + k) << 3));
      const rowB = b + ((<usize>k * n) << 3);
      const row = out + ((<usize>i * n) << 3);
      for (let j: usize = 0; j < <usize>n << 3; j += 8) {
        store<f64>(row + j, load<f64>(row + j) + factor * load<f64>(rowB + j));
      }
    }
  }
}

/**
 * Diagonalises a symmetric positive semidefinite S in place; the rows of `q` become its eigenvectors. Cyclic Jacobi:
 * Golub & Van Loan, Matrix Computations, 4th ed., § 8.5.
 */
function diagonalise(s: usize, q: usize, n: u32, tolerance: f64): void {
  memory.fill(q, 0, (<usize>n * n) << 3);
  for (let i: u32 = 0; i < n; i++) store<f64>(q + ((<usize>i * n + i) << 3), 1);
  let rotations: u32 = 1;
  for (let sweep: u32 = 0; sweep < SWEEPS && rotations > 0; sweep++) {
    rotations = 0;
    for (let i: u32 = 1; i < n; i++) {
      for (let j: u32 = 0; j < i; j++) rotations += rotate(s, q, n, i, j, tolerance);
    }
  }
}

/** Makes S[i][j] and S[j][i] zero, and returns 1; or 0 where they are as good as that already. */
function rotate(s: usize, q: usize, n: u32, i: u32, j: u32, tolerance: f64): u32 {
  const stride = <usize>n << 3;
  const rowI = s + <usize>i * stride;
  const rowJ = s + <usize>j * stride;
  const atI = <usize>i << 3;
  const atJ = <usize>j << 3;
  const sii = load<f64>(rowI + atI);
  const sjj = load<f64>(rowJ + atJ);
  const sij = load<f64>(rowI + atJ);
  if (sij * sij <= tolerance * tolerance * abs(sii * sjj)) return 0;
  const theta = (sjj - sii) / (2 * sij);
  const tangent = (theta < 0 ? -1 : 1) / (abs(theta) + sqrt(theta * theta + 1));
  const cosine = 1 / sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  turnRows(rowI, rowJ, n, cosine, sine);
  turnRows(q + <usize>i * stride, q + <usize>j * stride, n, cosine, sine);
  // The columns are the rows again, but where they cross.
  for (let k: usize = 0, row = s; k < stride; k += 8, row += stride) {
    store<f64>(row + atI, load<f64>(rowI + k));
    store<f64>(row + atJ, load<f64>(rowJ + k));
  }
  store<f64>(rowI + atI, sii - tangent * sij);
  store<f64>(rowJ + atJ, sjj + tangent * sij);
  store<f64>(rowI + atJ, 0);
  store<f64>(rowJ + atI, 0);
  return 1;
}

/** a, b = cosine·a − sine·b, sine·a + cosine·b. */
function turnRows(a: usize, b: usize, n: u32, cosine: f64, sine: f64): void {
  const end = a + (<usize>n << 3);
  for (; a < end; a += 8, b += 8) {
    const x = load<f64>(a);
    const y = load<f64>(b);
    store<f64>(a, cosine * x - sine * y);
    store<f64>(b, sine * x + cosine * y);
  }
}
