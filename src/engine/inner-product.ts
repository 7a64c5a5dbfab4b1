/** Σ_d query_d · vectors[row]_d, in double precision. @param vectors  row-major, as many columns as `query` is long */
export function innerProduct(query: ArrayLike<number>, vectors: ArrayLike<number>, row: number): number {
  const at = row * query.length
  let sum = 0
  for (let d = 0; d < query.length; d++) sum += query[d] * vectors[at + d]
  return sum
}
