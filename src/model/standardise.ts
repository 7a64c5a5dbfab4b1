/**
 * Values at mean 0 and population standard deviation 1, those of the known ones; an unknown (NaN) becomes 0, the
 * mean. A column that never varies becomes all 0.
 */
export function standardise(values: Float64Array): Float64Array {
  const known = values.filter((value) => !Number.isNaN(value))
  // Asked of the values, since the rounding of a mean leaves a constant column a deviation that is not quite 0.
  if (known.every((value) => value === known[0])) return new Float64Array(values.length)
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length)
  return values.map((value) => (Number.isNaN(value) ? 0 : (value - mean) / deviation))
}
