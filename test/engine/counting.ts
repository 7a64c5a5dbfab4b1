import type { Kernels } from '../../src/kernels/kernels.ts'

/** Real kernels, and how often each search and solve has been asked for. */
export function counting(kernels: Kernels): {
  kernels: Kernels
  calls: { solve: number; topK: number; cosine: number }
} {
  const calls = { solve: 0, topK: 0, cosine: 0 }
  return {
    calls,
    kernels: {
      ...kernels,
      openFoldIn(itemFactors, equation) {
        const foldIn = kernels.openFoldIn(itemFactors, equation)
        return { ...foldIn, solve: (histories) => (calls.solve++, foldIn.solve(histories)) }
      },
      *openVectorsInPieces(vectors) {
        const index = yield* kernels.openVectorsInPieces(vectors)
        return { ...index, topK: (query) => (calls.topK++, index.topK(query)) }
      },
      *openCosineInPieces(features, rows, columns, labels) {
        const index = yield* kernels.openCosineInPieces(features, rows, columns, labels)
        return { ...index, topK: (query) => (calls.cosine++, index.topK(query)) }
      },
    },
  }
}
