import type { Kernels, VectorIndex } from '../../src/kernels/kernels.ts'

/** Kernels that train and open, and then fail whenever they are asked for the best of vectors. */
export function failingSearch(kernels: Kernels, message: string): Kernels {
  const failing = (index: VectorIndex): VectorIndex => ({
    ...index,
    topK: () => Promise.reject(new Error(message)),
  })
  return {
    ...kernels,
    openVectors: (vectors, parts) => failing(kernels.openVectors(vectors, parts)),
    *openVectorsInPieces(vectors, parts) {
      return failing(yield* kernels.openVectorsInPieces(vectors, parts))
    },
  }
}
