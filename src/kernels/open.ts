import { availableParallelism } from 'node:os'
import { checkDense } from './checks.ts'
import { KernelError, type Kernels, type KernelVariant } from './kernels.ts'
import { referenceKernels } from './reference.ts'
import { fitAls } from './wasm-als.ts'
import { Arena } from './wasm-arena.ts'
import { openCosine } from './wasm-cosine.ts'
import { openEase } from './wasm-ease.ts'
import { openFoldIn } from './wasm-fold-in.ts'
import { findPartners } from './wasm-partners.ts'
import { WorkerPool } from './wasm-pool.ts'
import type { Job } from './wasm-worker.ts'
import { padded } from './wasm-layout.ts'
import { gramOf } from './wasm-gram.ts'
import { atOnce } from './pieces.ts'
import { openVectors } from './wasm-topk.ts'
import { bestVariant, compileKernels } from './wasm.ts'

/** Which numerical core, and on how many threads. */
export interface KernelOptions {
  /** Default: the fastest this engine runs. */
  readonly variant?: KernelVariant
  /** Worker threads of a fit, 1 to 64; default: one a core. Results do not depend on it. */
  readonly threads?: number
}

/**
 * Opens the numerical core.
 * @throws {KernelError} when the variant cannot run here or was never built, or `threads` is out of range
 */
export async function openKernels(options: KernelOptions = {}): Promise<Kernels> {
  const { variant = bestVariant(), threads = Math.min(64, availableParallelism()) } = options
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new KernelError(`threads is ${threads}; it must be a whole number from 1 to 64`)
  }
  if (variant === 'reference') return referenceKernels()
  const module = await compileKernels(variant)
  const pool = new WorkerPool<Job>(module, threads)
  return {
    variant,
    gram: (matrix) => gramOf(module, matrix),
    normalizeRows(matrix) {
      checkDense(matrix, 'matrix')
      const arena = new Arena(module, {
        what: `a matrix of ${matrix.rows} rows`,
        advice: 'use fewer factors',
      })
      const y = arena.putPadded(matrix)
      arena.exports.normalizeRows(y, matrix.rows, padded(matrix.columns))
      return arena.takePadded(y, matrix.rows, matrix.columns)
    },
    fitAls: (problem) =>
      fitAls(pool, new Arena(module, { what: 'a fit', advice: 'free some memory' }).exports, problem),
    openEase: (problem) => openEase(module, pool, problem),
    openFoldIn: (itemFactors, equation) => openFoldIn(module, itemFactors, equation),
    openVectors: (vectors, parts) => atOnce(openVectors(module, pool, vectors, parts)),
    openVectorsInPieces: (vectors, parts) => openVectors(module, pool, vectors, parts),
    openCosine: (features, rows, columns, labels) =>
      atOnce(openCosine(module, pool, features, rows, columns, labels)),
    openCosineInPieces: (features, rows, columns, labels) =>
      openCosine(module, pool, features, rows, columns, labels),
    findPartners: (problem) => findPartners(module, pool, problem),
    close: () => pool.close(),
  }
}
