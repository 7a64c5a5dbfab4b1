/**
 * EASE (Steck 2019, arXiv:1905.03375) in closed form, over products that co-purchase links:
 *
 *   P = (XᵀX + λI)⁻¹,   B_ij = −P_ij / P_jj,   B_jj = 0,   score(u, j) = Σ_i x_ui B_ij
 *
 * XᵀX needs a matrix of products × products inverted, which a catalogue soon makes too large. But customers of one
 * product only add to its diagonal, D = λI + diag(loners), and what remains of X has a row for each other customer: by
 * Woodbury's identity
 *
 *   P = D⁻¹ − D⁻¹Xᵀ M⁻¹ X D⁻¹,   M = I + X D⁻¹ Xᵀ
 *
 * needs one of customers × customers. The smaller is taken; the result is the same.
 *
 * Legend: X the purchases, 1 where customer v bought product j, else 0; x_u, h a history likewise; λ > 0.
 */
import { transpose } from '../../kernels/csr.ts'
import type { LinkedProducts } from './linked-products.ts'
import { invertPositiveDefinite } from './positive-definite.ts'

/**
 * Of a history the score of each of the linked products; both by their places among them.
 * @param history  places, each once
 */
export type EaseSolution = (history: readonly number[]) => Float64Array

/** How large a matrix is inverted: products or customers, whichever are fewer. */
export function easeSize({ purchases: { rows, columns } }: LinkedProducts): number {
  return Math.min(rows, columns)
}

/** The solution by the smaller of the two matrices. @param lambda  λ > 0 */
export function solveEase(linked: LinkedProducts, lambda: number): EaseSolution {
  const { rows, columns } = linked.purchases
  return columns <= rows ? solveByProducts(linked, lambda) : solveByCustomers(linked, lambda)
}

/** The solution by P itself. */
export function solveByProducts({ purchases, loners }: LinkedProducts, lambda: number): EaseSolution {
  const { rows, columns: n, indptr, indices } = purchases
  const p = new Float64Array(n * n)
  for (let j = 0; j < n; j++) p[j * n + j] = lambda + loners[j]
  for (let v = 0; v < rows; v++) {
    for (let a = indptr[v]; a < indptr[v + 1]; a++) {
      for (let b = indptr[v]; b < indptr[v + 1]; b++) p[indices[a] * n + indices[b]]++
    }
  }
  invertPositiveDefinite(p, n)
  return (history) => {
    const scores = new Float64Array(n)
    for (const i of history) {
      for (let j = 0; j < n; j++) if (j !== i) scores[j] -= p[i * n + j] / p[j * n + j]
    }
    return scores
  }
}

/** The solution by M⁻¹: Σ_i h_i B_ij = h_j − (P h)_j / P_jj, and P only ever stands before a vector. */
export function solveByCustomers({ purchases, loners }: LinkedProducts, lambda: number): EaseSolution {
  const { rows: m, columns: n } = purchases
  const buyers = transpose(purchases)
  const buyersOf = (j: number) => buyers.indices.subarray(buyers.indptr[j], buyers.indptr[j + 1])
  const diagonal = loners.map((count) => count + lambda)
  const inverse = new Float64Array(m * m)
  for (let v = 0; v < m; v++) inverse[v * m + v] = 1
  for (let j = 0; j < n; j++) {
    for (const v of buyersOf(j)) for (const w of buyersOf(j)) inverse[v * m + w] += 1 / diagonal[j]
  }
  invertPositiveDefinite(inverse, m)
  const own = diagonal.map((d, j) => {
    let sum = 0
    for (const v of buyersOf(j)) for (const w of buyersOf(j)) sum += inverse[v * m + w]
    return (1 - sum / d) / d
  })
  return (history) => {
    const bought = new Float64Array(n)
    const weighed = new Float64Array(m)
    for (const i of history) {
      bought[i] = 1
      for (const v of buyersOf(i)) {
        for (let w = 0; w < m; w++) weighed[w] += inverse[v * m + w] / diagonal[i]
      }
    }
    return bought.map((h, j) => {
      const sum = buyersOf(j).reduce((total, v) => total + weighed[v], 0)
      return h - (h - sum) / diagonal[j] / own[j]
    })
  }
}
