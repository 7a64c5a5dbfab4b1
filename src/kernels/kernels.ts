/**
 * The numerical core as the rest of the house sees it: plain typed arrays in, plain typed arrays out.
 *
 * This interface has two implementations, `reference.ts` (plain TypeScript in double precision,
 * the one to read) and `wasm.ts` (AssemblyScript, SIMD); test/kernels/contract.ts runs over both.
 *
 * Legend: U users, I items, f factors, Q queries, d dimensions, k results asked for; all matrices row-major
 * and unpadded.
 */

import type { Pieces } from './pieces.ts'
import type { RowLabels } from './row-labels.ts'

/** Which body of code computes: recorded in the model file, since the last bits of a result depend on it. */
export type KernelVariant = 'reference' | 'simd' | 'relaxed-simd'

/** A dense row-major matrix, `data.length === rows * columns`. */
export interface DenseMatrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float32Array
}

/** A matrix, row-major, whose rows are made when they are read: it need not lie in memory as a whole. */
export interface RowSource {
  readonly rows: number
  readonly columns: number
  /** Writes the rows first … first + count − 1 to the beginning of `into`, the same numbers each time. */
  read(first: number, count: number, into: Float32Array): void
}

/** A sparse matrix in compressed rows: row r holds entries indptr[r] … indptr[r + 1] − 1. */
export interface Csr {
  readonly rows: number
  readonly columns: number
  readonly indptr: Uint32Array
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/**
 * The general normal equation of implicit-feedback ALS, for one row u with entries rᵤᵢ:
 *
 *   (w₀ YᵀY + Σᵢ wᵤᵢ yᵢyᵢᵀ + λᵤ I) xᵤ = Σᵢ tᵤᵢ yᵢ
 *
 * with wᵤᵢ = weightSlope·rᵤᵢ + weightIntercept and tᵤᵢ = targetSlope·rᵤᵢ + targetIntercept, and
 * λᵤ = regularization·(nᵤ + w₀·columns)^frequencyExponent, nᵤ the row's number of entries.
 * Hu, Koren & Volinsky 2008, doi:10.1109/ICDM.2008.22; λᵤ after Rendle et al. 2021, arXiv:2110.14037.
 */
export interface NormalEquation {
  /** w₀, the weight of everything not observed. */
  readonly unobservedWeight: number
  readonly weightSlope: number
  readonly weightIntercept: number
  readonly targetSlope: number
  readonly targetIntercept: number
  /** λ ≥ 0; the system is singular at 0 when a row has fewer distinct entries than factors and YᵀY is. */
  readonly regularization: number
  /** ν; 0 makes λᵤ = λ. */
  readonly frequencyExponent: number
}

export interface AlsProblem {
  /** U × I; r ≥ 0 is not required, only that every row's system stays positive definite. */
  readonly interactions: Csr
  readonly equation: NormalEquation
  readonly factors: number
  readonly iterations: number
  /** I × f, the starting point: users are solved first, from these. */
  readonly itemFactors: Float32Array
  /** U × f; only a warm start for iterative solvers, never part of the result's definition. */
  readonly userFactors?: Float32Array
  /** Called after every full iteration, with the number done and the loss where `trackLoss` asks for it. */
  readonly onIteration?: (done: number, loss: number | undefined) => void
  readonly trackLoss?: boolean
  /**
   * 0 (default): every row is solved exactly. s > 0: rows longer than a few entries take at most s steps of conjugate
   * gradients from their former factors instead, fewer where preconditioned ones gain more than a factor of ten each; 3
   * reach the exact solver's loss within a few iterations, several times as fast (docs/core.md). `reference` always
   * solves exactly.
   */
  readonly conjugateGradientSteps?: number
  /**
   * The fit may have the entries of `interactions` and the `itemFactors`: their buffers are detached as soon as it
   * holds its own copy. A fit then takes no more memory than both CSR matrices, both factor matrices and the items'
   * factors once more (the result's), plus a few megabytes a thread. `reference` leaves them alone.
   */
  readonly handOver?: boolean
  /** Leave the users' factors out of the result: callers that fold users in do not need them. */
  readonly itemsOnly?: boolean
  readonly signal?: AbortSignal
}

export interface AlsResult {
  /** U × f; empty with `itemsOnly`. */
  readonly userFactors: Float32Array
  /** I × f. */
  readonly itemFactors: Float32Array
  /**
   * (Σ over all u, i of the weighted squared error + λ(‖X‖² + ‖Y‖²)) / (Σ t + w₀(U·I − nnz)): what
   * `implicit` prints as its training loss, in the general equation's terms.
   */
  readonly loss: number
}

/** What EASE is fitted to (Steck 2019, arXiv:1905.03375). */
export interface EaseProblem {
  /** U × I; an entry says that the user has the item, whatever its value. Items ascend within a row, each once. */
  readonly interactions: Csr
  /** λ > 0. */
  readonly regularization: number
  /** How many weights are kept of each item, at least 0: those of the greatest size. */
  readonly neighbours: number
  /** Called with how many of the items are done. */
  readonly onProgress?: (done: number, of: number) => void
  readonly signal?: AbortSignal
}

/** EASE, fitted: its dense matrix of weights B stays in the core. */
export interface Ease {
  /** I × I: of each item i its weights B_ij for other items j, `neighbours` at most, the others being smaller. */
  readonly weights: Csr
  /**
   * Writes what a history scores: Σ_{i of items} B_ij for each item j, B_jj being 0.
   * @param items  below I; one that is given twice counts twice
   * @param out  I numbers
   * @throws {KernelError} for an item beyond I, an `out` of another length, or when it is closed
   */
  scores(items: Uint32Array, out: Float32Array): void
  /** Gives its memory back. */
  close(): void
}

/** What items' partners are found among. */
export interface PartnersProblem {
  /** U × I; an entry says that the user has the item, whatever its value. Items ascend within a row, each once. */
  readonly interactions: Csr
  /** How many partners are kept of each item, at least 0. */
  readonly most: number
  /** Partners that at least so many users have too come before all others. Default: 1 */
  readonly sharedFirst?: number
  readonly signal?: AbortSignal
}

/** Items and their partners: those of item i are the entries indptr[i] … indptr[i + 1] − 1, best first. */
export interface Partners {
  /** n_i, the users who have item i: one number an item. */
  readonly users: Uint32Array
  readonly indptr: Uint32Array
  readonly indices: Uint32Array
  /** n_ij, the users who have both, at least 1; parallel to `indices`. */
  readonly together: Uint32Array
}

/** Rows of sparse histories over the items of a factor matrix: one row a query. */
export type Histories = Csr

/** Item factors held by the core, with their gram; answers for any history. */
export interface FoldIn {
  /** Q × f user factors: each history's exact solution of the normal equation; an empty one gives zeros. */
  solve(histories: Histories): Float32Array
  /**
   * What each purchase contributes to the user factors: n × f, row a tᵤₐ · A⁻¹ y_a, for the n entries of the one row
   * of `history`. The rows sum to its solution xᵤ; so a score xᵤ·v comes apart into the rows' own inner products with
   * v, whatever v is: an item's factors, or how they differ from the average item's (Hu, Koren & Volinsky 2008,
   * section 5).
   */
  contributions(history: Histories): Float32Array
  close(): void
}

export interface TopKQuery {
  /** Q × d. */
  readonly queries: Float32Array
  readonly k: number
  /** Row q lists the items that query q must not return. Absent: none. */
  readonly excluded?: { readonly indptr: Uint32Array; readonly indices: Uint32Array }
  /** Bit i (word i >> 5, bit i & 31) says whether item i may be returned. Absent: all may. */
  readonly eligible?: Uint32Array
  /**
   * Writes a number for each item into a row of the search's own memory, over whatever it held: entry i is added to
   * the inner product of query q and item i, in single precision, and items are ranked by the sum. Absent: by the
   * inner product alone.
   */
  readonly additions?: (query: number, row: Float32Array) => void
}

export interface TopKResult {
  /** Q: how many results query q has, min(k, number of items left to it). */
  readonly counts: Uint32Array
  /** Q × k: best first, ties to the lower index; entries past the count are 0 and mean nothing. */
  readonly indices: Uint32Array
  readonly scores: Float32Array
}

/** Item vectors held by the core, searched exactly by inner product, and what a query adds to it. */
export interface VectorIndex {
  /** @throws {KernelError} when the query does not fit the index, as a rejection */
  topK(query: TopKQuery): Promise<TopKResult>
  close(): void
}

export interface CosineTopKQuery {
  /** Item rows whose neighbours are wanted; an item is never its own neighbour. */
  readonly items: Uint32Array
  readonly k: number
  readonly eligible?: Uint32Array
  /** Only items of a higher similarity than this are neighbours. Absent: no minimum. */
  readonly above?: number
  /** Asked for between two pieces of the work on the calling thread; what it returns is awaited. */
  readonly pause?: () => Promise<void> | undefined
}

export interface CosineTopKResult {
  readonly counts: Uint32Array
  readonly indices: Uint32Array
  /** Double precision, correct to 1e-12: neighbours 1e-9 apart come in the right order. */
  readonly similarities: Float64Array
}

/** Item features held by the core, searched exactly by cosine. A row of norm 0 is similar to nothing (0). */
export interface CosineIndex {
  topK(query: CosineTopKQuery): Promise<CosineTopKResult>
  close(): void
}

/** The numerical core: opened once, passed on to what computes. */
export interface Kernels {
  readonly variant: KernelVariant
  /** MᵀM, columns × columns. */
  gram(matrix: DenseMatrix | RowSource): Float32Array
  /** A copy of the rows at Euclidean length 1; rows of length 0 stay 0. */
  normalizeRows(matrix: DenseMatrix): Float32Array
  /**
   * Alternating least squares from the given start.
   * @throws {KernelError} when a row's system is not positive definite, input is not finite, a size does not
   * fit, or `signal` aborts.
   */
  fitAls(problem: AlsProblem): Promise<AlsResult>
  /**
   * EASE (Steck 2019, arXiv:1905.03375): with P = (XᵀX + λI)⁻¹ the weights B_ij = −P_ij / P_jj of the linear model that
   * scores item j by Σ_{i of u} B_ij. Takes 4·I² bytes until it is closed; I³/2 multiply-adds in single precision.
   * @throws {KernelError} when the matrix does not fit, λ is too small to invert it, or `signal` aborts
   */
  openEase(problem: EaseProblem): Promise<Ease>
  /** Solves tastes against the factors of the items. */
  openFoldIn(itemFactors: DenseMatrix, equation: NormalEquation): FoldIn
  /**
   * Searches among vectors, by inner product.
   * @param parts  columns of each part that the vectors consist of, side by side. They change no result: what the
   *   lengths of its parts put out of reach is passed over, which pays where queries' parts differ in length, or
   *   additions decide.
   * @throws {KernelError} when a number is not finite, sizes do not fit, or the machine has not that much memory
   */
  openVectors(vectors: DenseMatrix | RowSource, parts?: readonly number[]): VectorIndex
  /** As `openVectors`, of which it is one step after another. */
  openVectorsInPieces(vectors: DenseMatrix | RowSource, parts?: readonly number[]): Pieces<VectorIndex>
  /**
   * `features`: rows × columns, row-major, not necessarily normalised; they are not copied, and must stay as they are.
   * @param labels  of the rows, which count as further features
   */
  openCosine(
    features: Float32Array | Float64Array,
    rows: number,
    columns: number,
    labels?: RowLabels,
  ): CosineIndex
  /** As `openCosine`, likewise. */
  openCosineInPieces(
    features: Float32Array | Float64Array,
    rows: number,
    columns: number,
    labels?: RowLabels,
  ): Pieces<CosineIndex>
  /**
   * Each item's partners: the others that most of its users have too, by the cosine n_ij / √(n_i·n_j) in double
   * precision, the greatest first, ties to the lower index.
   * @throws {KernelError} when the matrix cannot be read, a number is out of range, or `signal` aborts
   */
  findPartners(problem: PartnersProblem): Promise<Partners>
  /** Releases memory and workers; the object is unusable afterwards. */
  close(): Promise<void>
}

/** A failure of the core that a person can act on; the message says what to change. */
export class KernelError extends Error {
  override readonly name = 'KernelError'
}

/** A row of an ALS has no solution in single precision: its weights lie too far apart for so small a λ. */
export class NotPositiveDefiniteError extends KernelError {}
