/**
 * Terms made to sum to `total`: the difference is laid on them in proportion to their sizes. Where they are exact but
 * for the rounding of single precision that is next to nothing; where they are only proportions it is all there is.
 */
export function apportion(total: number, terms: readonly number[]): number[] {
  let sum = 0
  let size = 0
  for (const term of terms) {
    sum += term
    size += Math.abs(term)
  }
  return terms.map((term) => term + (total - sum) * (size > 0 ? Math.abs(term) / size : 1 / terms.length))
}
