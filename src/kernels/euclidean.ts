/**
 * Euclidean lengths over the whole range of double precision: a square leaves it long before its number does (1e-200
 * squared is 0, 1e200 squared is ∞). Where the plain sum of squares may have lost digits, the numbers are brought to at
 * most 1 first (Blue 1978, doi:10.1145/355769.355771); otherwise the result is usually that of the plain sum, to the
 * last bit.
 */

/** Between these a sum of squares has lost nothing that counts: what underflowed is below 2⁻⁷⁰ of it. */
const LEAST_SUM = 1e-280
const GREATEST_SUM = Number.MAX_VALUE

/** Scaled to at most 1 in size: the sum of squares is that of xᵢ/scale. */
interface ScaledSquares {
  readonly scale: number
  readonly sum: number
}

function squares(values: ArrayLike<number>, begin: number, end: number): ScaledSquares {
  let sum = 0
  for (let i = begin; i < end; i++) sum += values[i] * values[i]
  if (sum >= LEAST_SUM && sum <= GREATEST_SUM) return { scale: 1, sum }
  const scale = greatestSize(values, begin, end)
  if (scale === 0) return { scale: 1, sum: 0 }
  sum = 0
  for (let i = begin; i < end; i++) sum += (values[i] / scale) ** 2
  return { scale, sum }
}

/** The greatest |xᵢ| of a stretch; 0 of none. */
export function greatestSize(values: ArrayLike<number>, begin = 0, end = values.length): number {
  let greatest = 0
  for (let i = begin; i < end; i++) greatest = Math.max(greatest, Math.abs(values[i]))
  return greatest
}

/** √Σ xᵢ² of a stretch of finite numbers; ∞ only where the length itself is beyond double precision. */
export function lengthOf(values: ArrayLike<number>, begin = 0, end = values.length): number {
  const { scale, sum } = squares(values, begin, end)
  return scale * Math.sqrt(sum)
}

/** Brings a stretch of finite numbers to Euclidean length 1, in place; one of length 0 stays as it is. */
export function toUnitLength(values: Float64Array, begin = 0, end = values.length): void {
  const { scale, sum } = squares(values, begin, end)
  if (sum === 0) return
  const length = Math.sqrt(sum)
  for (let i = begin; i < end; i++) values[i] = scale === 1 ? values[i] / length : values[i] / scale / length
}
